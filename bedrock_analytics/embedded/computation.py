"""L2 of a data directory: as the runner has it, and for a moment where no runner is at work."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Final

from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock
from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
from bedrock_analytics.jobs.compute_cost import ComputeCost, ComputeReport
from bedrock_analytics.jobs.compute_settings import ComputeSettings

LEASE_OWNER: Final = "embedded"
"""One name for every writer: the writer lock already keeps a second one out, so a lease that a killed
process left behind is free for the next."""
SLICE: Final = timedelta(seconds=5)
"""After this long a run begins nothing new, so that its progress is seen."""


def compute_settings(metadata_keys: tuple[str, ...]) -> ComputeSettings:
    """One process writes the lake and reads it, so a commit is seen at once, and rows come in order."""
    return ComputeSettings(
        metadata_keys=metadata_keys, overlap=timedelta(minutes=10), settle=timedelta(0), days_per_query=3
    )


def new_generation() -> str:
    """A text that occurs once."""
    return uuid.uuid4().hex


def computation_of(
    deployment: EmbeddedDeployment, settings: ComputeSettings, now: Callable[[], datetime]
) -> ComputeCost:
    """L2 over a deployment that was opened by its writer."""
    return ComputeCost(
        lake=deployment.lake(),
        table=deployment.usage_table(),
        prices=deployment.price_table(),
        settings=settings,
        now=now,
        owner=LEASE_OWNER,
        new_generation=new_generation,
    )


def compute_pending(
    directory: DataDirectory,
    now: Callable[[], datetime],
    show: Callable[[ComputeReport], None] = lambda report: None,
) -> ComputeReport:
    """Compute what waits in a directory that nobody writes, until nothing is left that can be.

    DataDirectoryBusy where a runner is at work: it computes by itself.
    """
    with WriterLock(directory), closing(EmbeddedDeployment(directory, is_writer=True)) as deployment:
        settings = compute_settings(deployment.settings().metadata_keys)
        job = computation_of(deployment, settings, now)
        while True:
            report = job.run(now() + SLICE)
            show(report)
            if not report.remaining:
                return report
