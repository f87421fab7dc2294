"""What a deployment sets about its dashboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardSettings:
    """Presentation of one deployment.

    `zone` cuts days and months unless a link names another one. Names are by account id, by Region id and
    by request metadata key; what has none is shown by its id. `compute_interval` is the time between two
    computations (L2), from which lateness is judged. `next_step` tells a person whose deployment holds no
    usage yet what to do. `base_path` begins and ends with a slash; `trusted_proxies` stand in front of the
    server and say who asks by which scheme. `monthly_budget_usd` is what all usage of a month may cost.
    """

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    account_names: Mapping[str, str] = field(default_factory=dict)
    region_names: Mapping[str, str] = field(default_factory=dict)
    metadata_names: Mapping[str, str] = field(default_factory=dict)
    compute_interval: timedelta = timedelta(minutes=5)
    title: str = "Bedrock Analytics"
    next_step: str = (
        "Turn on model invocation logging to S3 in the Bedrock console of each account and Region. "
        "The first calls appear here a few minutes after Bedrock has written their log."
    )
    base_path: str = "/"
    trusted_proxies: int = 0
    monthly_budget_usd: Decimal | None = None
