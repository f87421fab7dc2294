"""What a deployment tells beside its tables and its lake."""

from __future__ import annotations

from dataclasses import dataclass

from bedrock_analytics.reporting.pipeline_health import HealthProbes
from bedrock_analytics.storage.cloudwatch import FirstTokenTimes
from bedrock_analytics.storage.cost_explorer import BilledMonth
from bedrock_analytics.storage.scan_budget import ScanBudget


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentSignals:
    """None stands for what a deployment does not have: one on a single machine has no AWS to ask."""

    probes: HealthProbes
    first_tokens: FirstTokenTimes | None = None
    billed: BilledMonth | None = None
    scan_budget: ScanBudget | None = None
