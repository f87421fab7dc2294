"""What the pages of a deployment need, in one bundle."""

from __future__ import annotations

from dataclasses import dataclass

from bedrock_analytics.reporting.explore import Explorer
from bedrock_analytics.reporting.pipeline_health import PipelineHealthReader
from dashboard.billed import BilledSource
from dashboard.first_tokens import FirstTokenSource
from dashboard.lake_source import AskedLake
from dashboard.prices.desk import PriceDesk
from dashboard.queries import Queries
from dashboard.settings import DashboardSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What pages read and do. A page tells in its layout where a deployment lacks what it needs (None)."""

    settings: DashboardSettings
    queries: Queries
    lake: AskedLake | None = None
    """Answers what the pages do not hold; `queries` reads through a `LakeBackedSource` over it."""
    first_tokens: FirstTokenSource | None = None
    """CloudWatch's times to the first token, where this deployment can ask it."""
    billed: BilledSource | None = None
    """What AWS billed for a month, where this deployment can ask Cost Explorer."""
    explorer: Explorer | None = None
    """Runs an editor's own SELECTs on the lake."""
    health: PipelineHealthReader | None = None
    """How each part of the pipeline does."""
    prices: PriceDesk | None = None
    """What is known of prices, and the way to change them."""
