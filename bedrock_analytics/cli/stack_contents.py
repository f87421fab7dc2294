"""What `up` makes of a stack's settings, by kind and name. Pure."""

from __future__ import annotations

from components.naming import CATALOG, FunctionName, HubNames, SpokeNames
from components.settings import HubSettings, StackSettings


def creates(settings: StackSettings) -> list[str]:
    """Names of what `up` makes, by kind."""
    names = settings.names
    made = [] if settings.logs.existing_bucket else [f"bucket {settings.log_bucket}"]
    if settings.logs.manage_bedrock_logging:
        made.append(f"Bedrock's logging in {settings.target.region} to s3://{settings.log_bucket}")
    made += [f"rule {names.log_rule}"]
    queues = [names.log_queue, names.log_dead_letters, names.event_dead_letters]
    functions = [FunctionName.PARSE_LOG]
    if isinstance(names, HubNames):
        queues.append(names.failed_runs)
        functions = list(FunctionName)
    made += [f"queue {queue}" for queue in queues]
    made += [f"function {names.function(function)}, its role and log group" for function in functions]
    if isinstance(names, HubNames) and isinstance(settings, HubSettings):
        made += _hub_creates(names, settings)
    if isinstance(names, SpokeNames):
        made.append(f"role {names.metrics_reader}")
    return made


def _hub_creates(names: HubNames, settings: HubSettings) -> list[str]:
    made = [f"table {names.usage_table}", f"table {names.price_table}"]
    made += [f"table bucket {names.table_bucket} with the lake", f"stream {names.stream}"]
    if settings.manage_catalog:
        made.append(f"catalog {CATALOG}")
    made += [f"workgroup {names.compute_workgroup}", f"workgroup {names.people_workgroup}"]
    made += [f"role {names.write_role(spoke.name)}" for spoke in settings.spokes if spoke.external_id]
    return [*made, f"role {names.lake_reader}", f"parameter {names.settings_parameter}"]
