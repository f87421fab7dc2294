"""What the dashboard asks of a deployment beside its usage pages, made of the deployment's parts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.reporting.explore import Explorer
from bedrock_analytics.reporting.lake_reader import LakeReader
from bedrock_analytics.reporting.pipeline_health import PipelineHealthReader
from bedrock_analytics.reporting.price_books import PriceBooks

if TYPE_CHECKING:
    from bedrock_analytics.cli.deployment import Deployment
    from bedrock_analytics.reporting.usage_reader import UsageReader
    from bedrock_analytics.storage.cloudwatch import FirstTokenTimes
    from bedrock_analytics.storage.cost_explorer import BilledMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeServices:
    """None stands for what a deployment does not have."""

    lake: LakeReader | None
    explorer: Explorer | None
    health: PipelineHealthReader
    first_tokens: FirstTokenTimes | None
    billed: BilledMonth | None


def lake_services(
    deployment: Deployment, reader: UsageReader, clock: Callable[[], datetime], interval: timedelta
) -> LakeServices:
    """The services of an open deployment, whose L2 is to run once in each interval."""
    desk, signals = deployment.lake_desk(), deployment.signals()
    prices = deployment.price_table()
    return LakeServices(
        lake=None if desk is None else LakeReader(desk, reader, PriceBooks(prices), clock),
        explorer=None if desk is None else Explorer(desk, signals.scan_budget, clock),
        health=PipelineHealthReader(
            deployment.usage_table(),
            prices,
            reader,
            signals.probes,
            clock,
            interval=interval,
            max_attempts=ComputeSettings().max_attempts,
        ),
        first_tokens=signals.first_tokens,
        billed=signals.billed,
    )
