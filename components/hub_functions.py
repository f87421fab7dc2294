"""The hub's functions behind the lake: L2, reconciliation, the price sync, and when they run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi

from components import policies
from components.event_lake import arrival_overlap_seconds
from components.iam_documents import Document
from components.log_intake import PARSE_TIMEOUT_SECONDS
from components.naming import NAMESPACE, FunctionName
from components.python_function import AsynchronousRuns, PythonFunction, PythonFunctionArgs
from components.schedules import FailedRuns, FailedRunsArgs, Schedules, SchedulesArgs, hub_schedules
from components.settings import HubSettings
from lambdas.settings import ComputeVariable, SyncPricingVariable

COMPUTE_TIMEOUT_SECONDS: Final = 900
"""The longest that Lambda runs; a run that ends early leaves the rest to the next."""
SYNC_TIMEOUT_SECONDS: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class HubFunctionsArgs:
    """Arguments of the functions."""

    settings: HubSettings
    code: Mapping[FunctionName, pulumi.Archive]
    after: tuple[pulumi.Resource, ...] = ()
    """What must be there before the first run."""


class HubFunctions(pulumi.ComponentResource):
    """`functions` by name, and `failed_runs`, the queue of what they did not do."""

    def __init__(self, name: str, args: HubFunctionsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:HubFunctions", name, None, opts)
        names, child = args.settings.names, pulumi.ResourceOptions(parent=self)
        self.failed_runs = FailedRuns(f"{name}-failed-runs", FailedRunsArgs(names=names), child)
        self.functions = {
            function.function: PythonFunction(
                f"{name}-{function.function}", self._args(args, function), child
            )
            for function in _functions(args.settings)
        }
        self.schedules = Schedules(
            f"{name}-schedules",
            SchedulesArgs(
                names=names,
                schedules=hub_schedules(args.settings.compute_minutes),
                functions={
                    function: component.function.arn for function, component in self.functions.items()
                },
                failed_runs_arn=self.failed_runs.queue.arn,
                after=args.after,
            ),
            child,
        )
        self.register_outputs({})

    def _args(self, args: HubFunctionsArgs, function: _Function) -> PythonFunctionArgs:
        operation = args.settings.operation
        return PythonFunctionArgs(
            names=args.settings.names,
            function=function.function,
            description=function.description,
            code=args.code[function.function],
            policy=function.policy,
            environment=function.environment,
            timeout_seconds=function.timeout_seconds,
            memory_mb=function.memory_mb,
            log_days=operation.log_retention_days,
            tracing=operation.tracing,
            asynchronous=AsynchronousRuns(dead_letters_arn=self.failed_runs.queue.arn),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Function:
    function: FunctionName
    description: str
    policy: Document
    environment: Mapping[str, str]
    timeout_seconds: int
    memory_mb: int


def _functions(hub: HubSettings) -> tuple[_Function, ...]:
    return (
        _Function(
            function=FunctionName.COMPUTE_COST,
            description="Computes usage and cost of the hours that changed",
            policy=policies.compute_cost(hub.names),
            environment=_compute_environment(hub),
            timeout_seconds=COMPUTE_TIMEOUT_SECONDS,
            memory_mb=1769,  # one whole processor
        ),
        _Function(
            function=FunctionName.AGGREGATE_STATS,
            description="Compares usage with the lake and marks what must be computed again",
            policy=policies.aggregate_stats(hub.names),
            environment=_compute_environment(hub),
            timeout_seconds=COMPUTE_TIMEOUT_SECONDS,
            memory_mb=1024,
        ),
        _Function(
            function=FunctionName.SYNC_PRICING,
            description="Brings the prices up to date",
            policy=policies.sync_pricing(hub.names),
            environment=_sync_environment(hub),
            timeout_seconds=SYNC_TIMEOUT_SECONDS,
            memory_mb=512,
        ),
    )


def _compute_environment(hub: HubSettings) -> dict[str, str]:
    names, variable = hub.names, ComputeVariable
    overlap = arrival_overlap_seconds(
        parse_timeout_seconds=PARSE_TIMEOUT_SECONDS, buffer_seconds=hub.buffer_seconds
    )
    return {
        variable.USAGE_TABLE.value: names.usage_table,
        variable.PRICE_TABLE.value: names.price_table,
        variable.WORKGROUP.value: names.compute_workgroup,
        variable.TABLE_BUCKET_ARN.value: names.table_bucket_arn,
        variable.NAMESPACE.value: NAMESPACE,
        variable.METADATA_KEYS.value: ",".join(hub.metadata_keys),
        variable.OVERLAP_SECONDS.value: str(overlap),
        variable.TIMEOUT_SECONDS.value: str(COMPUTE_TIMEOUT_SECONDS),
        variable.HOURLY_DAYS.value: str(hub.hourly_days),
        variable.HOURS_DAYS.value: str(hub.hours_days),
        variable.DAILY_DAYS.value: str(hub.daily_days),
    }


def _sync_environment(hub: HubSettings) -> dict[str, str]:
    variable = SyncPricingVariable
    own = {variable.PRICE_LIST_URL.value: hub.price_list_url} if hub.price_list_url else {}
    return {variable.PRICE_TABLE.value: hub.names.price_table, **own}
