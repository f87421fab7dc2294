"""What the settings of a stack must be together. Each rule raises ConfigurationError with the fix."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.errors import ConfigurationError
from components import setting_list as keys
from components.naming import DELIVERY_ERRORS_PREFIX, REJECTED_PREFIX, partition_of
from components.setting_kinds import SpokeTrust
from components.setting_values import refusal

if TYPE_CHECKING:
    from components.settings import HubSettings, SpokeEntry, SpokeSettings, StackSettings

SHORTEST_INFREQUENT_ACCESS: Final = 30
"""Days that S3 bills for infrequent access at least."""
REGIONS_WITHOUT_ICEBERG: Final = frozenset({"ap-east-2", "ap-southeast-5", "ap-southeast-6", "mx-central-1"})
"""Regions where Firehose does not deliver to Iceberg tables:
https://docs.aws.amazon.com/firehose/latest/dev/apache-iceberg-considerations.html"""

_SAME_PARTITION: Final = "hub and spoke must be in the same part of AWS, or no role of the hub can be assumed"


def check_hub(hub: HubSettings) -> None:
    """What a hub's settings must be together."""
    _check_common(hub)
    _check_lake_region(hub.target.region)
    _check_trust(hub)
    _check_spokes(hub)
    if hub.hours_days < hub.hourly_days:
        raise refusal(
            keys.HOURS_DAYS.key,
            hub.hours_days,
            f"it must be at least {keys.HOURLY_DAYS.key}, which is {hub.hourly_days}",
        )


def check_spoke(spoke: SpokeSettings) -> None:
    """What a spoke's settings must be together."""
    _check_common(spoke)
    _check_lake_region(spoke.hub_region, keys.HUB_REGION.key)
    if (spoke.target.account_id, spoke.target.region) == (spoke.hub_account_id, spoke.hub_region):
        raise refusal(
            keys.STACK_REGION.key,
            spoke.target.region,
            "this is the hub's own account and Region, whose calls the hub itself reads; it needs no spoke",
        )
    if partition_of(spoke.target.region) != partition_of(spoke.hub_region):
        raise refusal(keys.HUB_REGION.key, spoke.hub_region, _SAME_PARTITION)


def _check_common(stack: StackSettings) -> None:
    _check_target(stack)
    _check_logs(stack)
    _check_pseudonyms(stack)
    _check_alarms(stack)


def _check_target(stack: StackSettings) -> None:
    role = stack.target.deploy_role_arn
    if role and role.split(":")[4] != stack.target.account_id:
        raise refusal(
            keys.DEPLOY_ROLE.key, role, f"it must be a role of the stack's account {stack.target.account_id}"
        )


def _check_logs(stack: StackSettings) -> None:
    logs = stack.logs
    if logs.existing_bucket_key_arn and not logs.existing_bucket:
        raise refusal(
            keys.BUCKET_KEY.key,
            logs.existing_bucket_key_arn,
            f"it belongs to {keys.EXISTING_BUCKET.key}, which is not set; a new bucket is encrypted by S3",
        )
    if logs.existing_bucket_key_arn and logs.existing_bucket_key_arn.split(":")[3] != stack.target.region:
        raise refusal(
            keys.BUCKET_KEY.key,
            logs.existing_bucket_key_arn,
            f"the key must be in the stack's Region {stack.target.region}",
        )
    for taken in (REJECTED_PREFIX, DELIVERY_ERRORS_PREFIX):
        if logs.prefix.startswith(taken):
            raise refusal(
                keys.LOG_PREFIX.key,
                logs.prefix,
                f"{taken} holds what could not be read; choose another",
            )
    earliest = logs.infrequent_access_days + SHORTEST_INFREQUENT_ACCESS
    if logs.retention_days and logs.infrequent_access_days and logs.retention_days < earliest:
        raise refusal(
            keys.LOG_RETENTION.key,
            logs.retention_days,
            f"it must be at least {earliest}, {SHORTEST_INFREQUENT_ACCESS} days after logs move to infrequent"
            f" access, or set {keys.LOG_INFREQUENT_ACCESS.key} to 0",
        )


def _check_pseudonyms(stack: StackSettings) -> None:
    wanted = stack.parser.caller_detail is CallerDetail.PSEUDONYM
    if wanted and not stack.parser.pseudonym_key:
        raise refusal(
            keys.CALLER_DETAIL.key,
            CallerDetail.PSEUDONYM,
            f"it needs a key; set one with `pulumi config set --secret {keys.PSEUDONYM_KEY.key}`",
        )
    if stack.parser.pseudonym_key and not wanted:
        raise refusal(
            keys.PSEUDONYM_KEY.key,
            "(hidden)",
            f"it is used only with {keys.CALLER_DETAIL.key}: pseudonym; set that or remove the key",
        )


def _check_alarms(stack: StackSettings) -> None:
    operation = stack.operation
    if operation.alarm_email and operation.alarm_topic_arn:
        raise refusal(
            keys.ALARM_EMAIL.key,
            operation.alarm_email,
            f"{keys.ALARM_TOPIC.key} is set too; keep one, and subscribe the address to the topic if need be",
        )
    if operation.alarm_topic_arn and operation.alarm_topic_arn.split(":")[3] != stack.target.region:
        raise refusal(
            keys.ALARM_TOPIC.key,
            operation.alarm_topic_arn,
            f"alarms reach topics of their own Region only; name one in {stack.target.region}",
        )


def _check_lake_region(region: str, key: str = keys.STACK_REGION.key) -> None:
    if region in REGIONS_WITHOUT_ICEBERG or partition_of(region) != "aws":
        raise refusal(
            key,
            region,
            "Firehose cannot write to Iceberg tables there; choose another Region for the hub"
            " and deploy a spoke in this one",
        )


def _check_trust(hub: HubSettings) -> None:
    organization = hub.spoke_trust is SpokeTrust.ORGANIZATION
    for setting, value in ((keys.ORGANIZATION_ID, hub.organization_id), (keys.EXTERNAL, hub.external_id)):
        if organization and not value:
            raise refusal(
                keys.SPOKE_TRUST.key,
                SpokeTrust.ORGANIZATION,
                f"it needs {setting.key}, {setting.kind.rule}",
            )
        if value and not organization:
            raise refusal(
                setting.key,
                value,
                f"a hub has it only with {keys.SPOKE_TRUST.key}: organization; set that or remove this key",
            )


def _check_spokes(hub: HubSettings) -> None:
    own = (hub.target.account_id, hub.target.region)
    for number, spoke in enumerate(hub.spokes, start=1):
        place = f"{keys.SPOKES.key}, entry {number}"
        if (spoke.account_id, spoke.region) == own:
            raise refusal(
                place,
                _told(spoke),
                "this is the hub's own account and Region, whose calls it reads itself; remove it",
            )
        if partition_of(spoke.region) != partition_of(hub.target.region):
            raise refusal(place, _told(spoke), _SAME_PARTITION)
        _check_external_id(hub, spoke, place)
    _refuse_twice("name", [spoke.name for spoke in hub.spokes])
    _refuse_twice("account and Region", [f"{spoke.account_id} {spoke.region}" for spoke in hub.spokes])


def _check_external_id(hub: HubSettings, spoke: SpokeEntry, place: str) -> None:
    organization = hub.spoke_trust is SpokeTrust.ORGANIZATION
    if spoke.external_id is None and not organization:
        raise ConfigurationError(
            f"{place}: externalId is not set: it must be {keys.EXTERNAL.kind.rule};"
            " `bedrock-analytics spoke add` makes one"
        )
    if spoke.external_id is not None and organization:
        raise refusal(
            f"{place}: externalId",
            spoke.external_id,
            f"with {keys.SPOKE_TRUST.key}: organization all spokes use the hub's {keys.EXTERNAL.key};"
            " remove this",
        )


def _refuse_twice(what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise refusal(keys.SPOKES.key, value, f"two entries have this {what}; each needs its own")
        seen.add(value)


def _told(spoke: SpokeEntry) -> str:
    return f"{spoke.name}, {spoke.account_id} {spoke.region}"
