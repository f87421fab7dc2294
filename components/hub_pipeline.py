"""The hub: its own calls and those of its spokes, from the logs to the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi

from components import policies
from components.alarms import Alarms, AlarmsArgs, hub_alarms
from components.budget import budget_alarms
from components.event_lake import EventLake, EventLakeArgs
from components.hub_functions import HubFunctions, HubFunctionsArgs
from components.invocation_logging import InvocationLogging
from components.lake_queries import GIGABYTE, LakeQueries, LakeQueriesArgs
from components.log_intake import EventsTo, LogIntake, LogIntakeArgs
from components.naming import FunctionName
from components.setting_kinds import AccountPartition
from components.settings import HubSettings
from components.settings_parameter import SettingsParameter, SettingsParameterArgs
from components.spoke_access import SpokeAccess, SpokeAccessArgs
from components.spoke_links import metrics_readers, spoke_rows, writers
from components.stack_outputs import hub_outputs, spokes_output
from components.usage_tables import UsageTables, UsageTablesArgs
from lambdas.settings import ParseLogVariable


@dataclass(frozen=True, slots=True, kw_only=True)
class HubPipelineArgs:
    """Arguments of a hub."""

    settings: HubSettings
    code: Mapping[FunctionName, pulumi.Archive]
    """Each function with what it imports."""


class HubPipeline(pulumi.ComponentResource):
    """A hub. `outputs` are those of its stack."""

    def __init__(self, name: str, args: HubPipelineArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:HubPipeline", name, None, opts)
        settings, child = args.settings, pulumi.ResourceOptions(parent=self)
        found = hub_outputs(settings)
        self.outputs = {**found, "spokes": spokes_output(settings)}
        self.tables = UsageTables(f"{name}-tables", _tables(settings), child)
        self.intake = LogIntake(f"{name}-logs", _intake(args), child)
        lake = _lake(settings, after=self.intake.logging, meanwhile=self.tables)
        self.lake = EventLake(f"{name}-lake", lake, child)
        self.queries = LakeQueries(f"{name}-queries", _queries(settings), child)
        self.functions = HubFunctions(
            f"{name}-functions",
            HubFunctionsArgs(settings=settings, code=args.code, after=(self.tables, self.lake, self.queries)),
            child,
        )
        self.access = SpokeAccess(
            f"{name}-spokes", SpokeAccessArgs(names=settings.names, writers=writers(settings)), child
        )
        self.alarms = Alarms(f"{name}-alarms", _alarms(settings), child)
        self.settings = SettingsParameter(
            f"{name}-settings",
            SettingsParameterArgs(
                names=settings.names,
                settings=found,
                spokes=spoke_rows(settings),
                metrics_readers=metrics_readers(settings),
                after=(self.tables, self.lake, self.queries),
            ),
            child,
        )
        self.register_outputs(self.outputs)


def _tables(hub: HubSettings) -> UsageTablesArgs:
    return UsageTablesArgs(
        names=hub.names, protect=hub.operation.protect_data, retain=hub.operation.retain_data
    )


def _intake(args: HubPipelineArgs) -> LogIntakeArgs:
    """The hub's own logs: events go straight to its stream."""
    names, variable = args.settings.names, ParseLogVariable
    return LogIntakeArgs(
        settings=args.settings,
        code=args.code[FunctionName.PARSE_LOG],
        events_to=EventsTo(
            environment={
                variable.STREAM_NAME.value: names.stream,
                variable.USAGE_TABLE.value: names.usage_table,
            },
            statements=policies.write_events(names),
        ),
    )


def _lake(hub: HubSettings, after: InvocationLogging, meanwhile: UsageTables) -> EventLakeArgs:
    """The lake, which keeps in the log bucket what it could not take."""
    key = hub.logs.existing_bucket_key_arn
    return EventLakeArgs(
        names=hub.names,
        error_bucket=hub.log_bucket,
        error_kms_key_arns=(key,) if key else (),
        mode=hub.lake_mode,
        buffer_seconds=hub.buffer_seconds,
        manage_catalog=hub.manage_catalog,
        bucket_accounts=hub.account_partition is AccountPartition.BUCKET,
        log_days=hub.operation.log_retention_days,
        after=tuple(after.ready),
        meanwhile=(meanwhile.usage, meanwhile.prices),
        protect=hub.operation.protect_data,
        retain=hub.operation.retain_data,
    )


def _queries(hub: HubSettings) -> LakeQueriesArgs:
    return LakeQueriesArgs(names=hub.names, people_limit_bytes=hub.query_limit_gigabytes * GIGABYTE)


def _alarms(hub: HubSettings) -> AlarmsArgs:
    budget = hub.monthly_budget_usd
    return AlarmsArgs(
        names=hub.names,
        alarms=[
            *hub_alarms(hub.names, hub.compute_minutes * 60),
            *(budget_alarms(budget) if budget is not None else []),
        ],
        emails=hub.alarm_emails,
        topic_arn=hub.operation.alarm_topic_arn,
    )
