"""A spoke: the calls of one account in one Region, sent to the hub."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components import policies
from components.alarms import Alarms, AlarmsArgs, log_alarms
from components.log_intake import EventsTo, LogIntake, LogIntakeArgs
from components.settings import SpokeSettings
from components.spoke_access import MetricsReader, MetricsReaderArgs
from components.stack_outputs import spoke_outputs
from lambdas.settings import ParseLogVariable


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokeForwarderArgs:
    """Arguments of a spoke."""

    settings: SpokeSettings
    code: pulumi.Archive
    """`parse_log` and what it imports."""


class SpokeForwarder(pulumi.ComponentResource):
    """A spoke. `outputs` are those of its stack."""

    def __init__(
        self, name: str, args: SpokeForwarderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bedrock-analytics:index:SpokeForwarder", name, None, opts)
        settings, child = args.settings, pulumi.ResourceOptions(parent=self)
        self.outputs = spoke_outputs(settings)
        self.intake = LogIntake(
            f"{name}-logs",
            LogIntakeArgs(settings=settings, code=args.code, events_to=_to_hub(settings)),
            child,
        )
        self.metrics_reader = MetricsReader(
            f"{name}-metrics",
            MetricsReaderArgs(names=settings.names, hub=settings.hub, external_id=settings.external_id),
            child,
        )
        self.alarms = Alarms(
            f"{name}-alarms",
            AlarmsArgs(
                names=settings.names,
                alarms=log_alarms(settings.names),
                emails=settings.alarm_emails,
                topic_arn=settings.operation.alarm_topic_arn,
            ),
            child,
        )
        self.register_outputs(self.outputs)


def _to_hub(settings: SpokeSettings) -> EventsTo:
    """The hub's stream, as the role that the hub has for this spoke."""
    variable = ParseLogVariable
    return EventsTo(
        environment={
            variable.STREAM_NAME.value: settings.hub.stream,
            variable.USAGE_TABLE.value: settings.hub.usage_table,
            variable.HUB_REGION.value: settings.hub_region,
            variable.WRITE_ROLE_ARN.value: settings.write_role_arn,
            variable.WRITE_EXTERNAL_ID.value: settings.external_id,
        },
        statements=policies.act_as_writer(settings.write_role_arn),
    )
