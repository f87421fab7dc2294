"""The outputs of a stack. Pure: all names are known before anything is made.

The command line reads a hub's from the stack or, with a profile and a Region alone, from its parameter.
"""

from __future__ import annotations

from typing import TypeAlias

from components.naming import NAMESPACE, TABLE, FunctionName
from components.settings import HubSettings, SpokeSettings, StackSettings

Outputs: TypeAlias = dict[str, object]


def hub_outputs(hub: HubSettings) -> Outputs:
    """Where the parts of a hub are."""
    names = hub.names
    return {
        **_common(hub),
        "usage_table": names.usage_table,
        "price_table": names.price_table,
        "workgroup": names.people_workgroup,
        "compute_workgroup": names.compute_workgroup,
        "table_bucket": names.table_bucket_arn,
        "namespace": NAMESPACE,
        "table": TABLE,
        "stream": names.stream,
        "stream_arn": names.stream_arn,
        "errors_bucket": hub.log_bucket,
        "failed_runs": names.queue_url(names.failed_runs),
        "functions": {function.value: names.function(function) for function in FunctionName},
        "settings_parameter": names.settings_parameter,
        "spokes_parameters": names.spokes_parameters,
        "lake_reader_role": names.lake_reader_arn,
        "lake_reader_policy": names.iam_policy_arn("lake-reader"),
        "reader_policy": names.iam_policy_arn("reader"),
        "editor_policy": names.iam_policy_arn("editor"),
        "spoke_trust": hub.spoke_trust.value,
        "metadata_keys": list(hub.metadata_keys),
        "compute_minutes": hub.compute_minutes,
        "hourly_days": hub.hourly_days,
        "hours_days": hub.hours_days,
        "daily_days": hub.daily_days,
        **({} if hub.monthly_budget_usd is None else {"monthly_budget_usd": str(hub.monthly_budget_usd)}),
    }


def spokes_output(hub: HubSettings) -> list[dict[str, str]]:
    """The spokes that the hub knows. A parameter has no room for many; there each has one of its own."""
    return [
        {
            "name": spoke.name,
            "account": spoke.account_id,
            "region": spoke.region,
            "metrics_reader_role": hub.names_of(spoke).metrics_reader_arn,
        }
        for spoke in hub.spokes
    ]


def spoke_outputs(spoke: SpokeSettings) -> Outputs:
    """Where the parts of a spoke are."""
    return {
        **_common(spoke),
        "spoke": spoke.spoke_name,
        "hub_account": spoke.hub_account_id,
        "hub_region": spoke.hub_region,
        "write_role": spoke.write_role_arn,
        "parse_log_role": spoke.names.parse_log_role_arn,
        "metrics_reader_role": spoke.names.metrics_reader_arn,
    }


def _common(stack: StackSettings) -> Outputs:
    names = stack.names
    return {
        "role": names.role.value,
        "account": stack.target.account_id,
        "region": stack.target.region,
        "prefix": stack.name_prefix,
        "log_bucket": stack.log_bucket,
        "log_prefix": stack.logs.prefix,
        "log_queue": names.queue_url(names.log_queue),
        "log_dead_letters": names.queue_url(names.log_dead_letters),
        "event_dead_letters": names.queue_url(names.event_dead_letters),
        "alarm_topic": stack.alarm_topic_arn,
    }
