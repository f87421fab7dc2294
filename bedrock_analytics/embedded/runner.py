"""How the parts of a runner are put together."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.embedded.computation import computation_of, compute_settings, new_generation
from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.demo_prices import SimulatedProfiles, enter_price_change
from bedrock_analytics.embedded.demo_traffic import DemoTraffic
from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
from bedrock_analytics.embedded.folder_watch import FolderWatch
from bedrock_analytics.embedded.ingest import Ingest
from bedrock_analytics.embedded.ingest_ledger import IngestLedger
from bedrock_analytics.embedded.log_address import is_s3_address, split_s3_address
from bedrock_analytics.embedded.log_folder import LogFolder
from bedrock_analytics.embedded.log_sources import (
    Listing,
    ParsedLogs,
    RejectsAside,
    S3Prefix,
    folder_listing,
)
from bedrock_analytics.embedded.page_expiry import delete_expired_pages
from bedrock_analytics.embedded.pipeline import Intervals, Pipeline
from bedrock_analytics.embedded.pipeline_status import PipelineStatus, StatusBoard
from bedrock_analytics.embedded.runner_plan import RunnerPlan, prepare
from bedrock_analytics.jobs.parse_object import ParseTools
from bedrock_analytics.jobs.reconcile import Reconciler
from bedrock_analytics.jobs.sync_prices import seed_prices
from bedrock_analytics.storage.log_objects import LogStore, S3LogStore

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

S3_INTERVALS: Final = Intervals(pass_=timedelta(seconds=60))
"""Each look lists the whole prefix, which S3 bills by the thousand."""


def _collect_garbage_rarely() -> None:
    """Folding a day makes a hundred thousand small objects and no cycle; looking for one costs a tenth."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def open_pipeline(
    plan: RunnerPlan,
    *,
    show: Callable[[PipelineStatus], None],
    wait: Callable[[timedelta], bool],
    now: Callable[[], datetime] = utc_now,
) -> Iterator[Pipeline]:
    """The pipeline of a plan; the caller holds the directory's writer lock."""
    _collect_garbage_rarely()
    directory = DataDirectory.create(Path(plan.data_dir))
    settings = prepare(plan, directory)
    deployment = EmbeddedDeployment(directory, is_writer=True)
    with closing(deployment), IngestLedger(directory.ledger_file) as ledger:
        seed_prices(deployment.price_table(), now())
        traffic = _traffic(plan, directory, deployment, now()) if plan.logs is None else None
        source = _log_source(plan, directory, now)
        lake, table = deployment.lake(), deployment.usage_table()
        compute = compute_settings(settings.metadata_keys)
        reconciler = Reconciler(
            lake=lake, table=table, settings=compute, now=now, new_generation=new_generation
        )

        def tidy() -> None:
            lake.maintain()
            delete_expired_pages(deployment.usage_items(), table, settings.metadata_keys, now())

        yield Pipeline(
            ingest=Ingest(source, lake, ledger, now=now),
            ledger=ledger,
            computation=computation_of(deployment, compute, now),
            tidy=tidy,
            reconcile=reconciler.reconcile,
            board=StatusBoard(directory.status_file, now=now, show=show),
            now=now,
            wait=wait,
            traffic=traffic,
            intervals=S3_INTERVALS if plan.logs and is_s3_address(plan.logs) else Intervals(),
        )


def _traffic(
    plan: RunnerPlan, directory: DataDirectory, deployment: EmbeddedDeployment, now: datetime
) -> DemoTraffic:
    traffic = DemoTraffic.resume(
        directory.simulated_logs, directory.simulation_file, seed=plan.seed, days=plan.days, now=now
    )
    enter_price_change(deployment.price_table(), traffic.simulation.start, now)
    return traffic


def _log_source(plan: RunnerPlan, directory: DataDirectory, now: Callable[[], datetime]) -> ParsedLogs:
    """The plan's log objects; rejected lines are kept in the data directory."""
    if plan.logs is None:
        directory.simulated_logs.mkdir(exist_ok=True)
        folder = LogFolder(directory.simulated_logs, directory.rejected)
        listing: Listing = FolderWatch(directory.simulated_logs)
        return ParsedLogs(listing, ParseTools(store=folder, now=now, profiles=SimulatedProfiles()))
    store: LogStore
    if is_s3_address(plan.logs):
        s3 = S3LogStore(_s3_client(plan))
        listing = S3Prefix(s3, *split_s3_address(plan.logs))
        store = RejectsAside(s3, LogFolder(directory.path, directory.rejected))
    else:
        listing, root = folder_listing(Path(plan.logs), data_directory=directory.path, is_live=plan.is_live)
        store = LogFolder(root, directory.rejected)
    return ParsedLogs(listing, ParseTools(store=store, now=now))


def _s3_client(plan: RunnerPlan) -> S3Client:
    import boto3
    from botocore.exceptions import BotoCoreError

    try:
        return boto3.Session(profile_name=plan.profile, region_name=plan.region).client("s3")
    except BotoCoreError as error:
        raise ConfigurationError(
            f"{plan.logs} cannot be read: {error}; give --profile and --region"
        ) from error
