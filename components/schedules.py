"""When functions run, and where runs end that failed or could not be started."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pulumi
import pulumi_aws as aws

from components import policies
from components.iam_documents import as_json, service_trust
from components.log_parser import KEPT_SECONDS
from components.naming import FunctionName, HubNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A function's regular runs, in UTC."""

    part: str
    function: FunctionName
    expression: str
    description: str
    event: Mapping[str, object] = field(default_factory=dict)
    retries: int = 0
    """How often a run that could not be started is tried again; 0 where the next run does the same work."""
    window_minutes: int | None = None
    """How much later it may begin."""


LONGEST_WAIT_SECONDS: Final = 3600


def hub_schedules(compute_minutes: int) -> tuple[Schedule, ...]:
    """The schedules of a hub."""
    unit = "minute" if compute_minutes == 1 else "minutes"
    return (
        Schedule(
            part="compute",
            function=FunctionName.COMPUTE_COST,
            expression=f"rate({compute_minutes} {unit})",
            description="Computes the hours that changed",
        ),
        Schedule(
            part="reconcile-nightly",
            function=FunctionName.AGGREGATE_STATS,
            expression="cron(15 1 * * ? *)",
            description="Compares every retained day with the lake",
            retries=3,
            window_minutes=15,
        ),
        Schedule(
            part="close-month",
            function=FunctionName.AGGREGATE_STATS,
            expression="cron(15 2 2 * ? *)",
            description="Folds last month again, after its last day was closed",
            event={"close_month": True},
            retries=3,
            window_minutes=15,
        ),
        Schedule(
            part="sync-prices",
            function=FunctionName.SYNC_PRICING,
            expression="rate(1 hour)",
            description="Syncs prices weekly, and within the hour where a price is missing",
            window_minutes=5,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRunsArgs:
    """Arguments of the queue of failed runs."""

    names: HubNames


class FailedRuns(pulumi.ComponentResource):
    """The queue of runs that failed or could not be started. `queue` is it."""

    def __init__(self, name: str, args: FailedRunsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:FailedRuns", name, None, opts)
        names = args.names
        self.queue = aws.sqs.Queue(
            f"{name}-queue",
            name=names.failed_runs,
            message_retention_seconds=KEPT_SECONDS,
            sqs_managed_sse_enabled=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.sqs.QueuePolicy(
            f"{name}-queue-policy",
            queue_url=self.queue.url,
            policy=as_json(policies.private_queue(names.queue_arn(names.failed_runs))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"queue_url": self.queue.url})


@dataclass(frozen=True, slots=True, kw_only=True)
class SchedulesArgs:
    """Arguments of schedules. `functions` are the ARNs of what they start."""

    names: HubNames
    schedules: Sequence[Schedule]
    functions: Mapping[FunctionName, pulumi.Input[str]]
    failed_runs_arn: pulumi.Input[str]
    after: tuple[pulumi.Resource, ...] = ()
    """What must be there before the first run."""


class Schedules(pulumi.ComponentResource):
    """The schedules, and the role that starts the functions."""

    def __init__(self, name: str, args: SchedulesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:Schedules", name, None, opts)
        names = args.names
        role = aws.iam.Role(
            f"{name}-role",
            name=names.schedule_role,
            description="Starts the functions of the hub",
            assume_role_policy=as_json(service_trust("scheduler.amazonaws.com", names.account)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        started = sorted({schedule.function for schedule in args.schedules})
        policy = aws.iam.RolePolicy(
            f"{name}-policy",
            name="start",
            role=role.name,
            policy=as_json(policies.schedules(names, started)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        for schedule in args.schedules:
            self._declare(name, args, schedule, role, policy)
        self.register_outputs({})

    def _declare(
        self,
        name: str,
        args: SchedulesArgs,
        schedule: Schedule,
        role: aws.iam.Role,
        policy: aws.iam.RolePolicy,
    ) -> None:
        aws.scheduler.Schedule(
            f"{name}-{schedule.part}",
            name=args.names.schedule(schedule.part),
            description=schedule.description,
            schedule_expression=schedule.expression,
            schedule_expression_timezone="UTC",
            flexible_time_window=_window(schedule.window_minutes),
            target={
                "arn": args.functions[schedule.function],
                "role_arn": role.arn,
                "input": json.dumps(schedule.event, sort_keys=True),
                "retry_policy": {
                    "maximum_retry_attempts": schedule.retries,
                    "maximum_event_age_in_seconds": LONGEST_WAIT_SECONDS,
                },
                "dead_letter_config": {"arn": args.failed_runs_arn},
            },
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy, *args.after]),
        )


def _window(minutes: int | None) -> aws.scheduler.ScheduleFlexibleTimeWindowArgsDict:
    if minutes is None:
        return {"mode": "OFF"}
    return {"mode": "FLEXIBLE", "maximum_window_in_minutes": minutes}
