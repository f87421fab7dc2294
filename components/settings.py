"""The settings of a stack: its configuration, read once and checked, as frozen values.

`parse` raises ConfigurationError for the first thing that is wrong; it names key, value and fix.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.errors import ConfigurationError
from components import setting_list as keys
from components.naming import DeploymentNames, HubNames, Role, SpokeNames
from components.setting_kinds import (
    ACCOUNT,
    EXTERNAL_ID,
    REGION,
    SPOKE_NAME,
    AccountPartition,
    BedrockLogging,
    CatalogMode,
    LakeMode,
    Modality,
    SpokeTrust,
)
from components.setting_list import SETTINGS, Setting
from components.setting_reader import SettingReader
from components.setting_rules import check_hub, check_spoke
from components.setting_values import SEALED, refusal

__all__ = [
    "PROJECT",
    "SEALED",
    "SETTINGS",
    "AccountPartition",
    "BedrockLogging",
    "CatalogMode",
    "HubSettings",
    "LakeMode",
    "LogSettings",
    "Modality",
    "OperationSettings",
    "ParserSettings",
    "Setting",
    "SpokeEntry",
    "SpokeSettings",
    "SpokeTrust",
    "StackSettings",
    "Target",
    "parse",
    "project_config",
]

PROJECT: Final = "bedrock-analytics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the stack is deployed, and as whom."""

    account_id: str
    region: str
    profile: str | None = None
    deploy_role_arn: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Where Bedrock's logs are."""

    existing_bucket: str | None = None
    existing_bucket_key_arn: str | None = None
    prefix: str = "bedrock/"
    """Empty, or ending in a slash."""
    retention_days: int = 365
    """0 keeps logs for ever."""
    infrequent_access_days: int = 30
    """0 never moves them."""
    manage_bedrock_logging: bool = True
    modalities: tuple[Modality, ...] = tuple(Modality)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParserSettings:
    """What L1 does with calls."""

    caller_detail: CallerDetail = CallerDetail.FULL
    pseudonym_key: str | None = field(default=None, repr=False)
    keep_rejected_lines: bool = True
    follow_offloaded: bool = True
    concurrency: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationSettings:
    """How the stack is run."""

    alarm_email: str | None = None
    alarm_topic_arn: str | None = None
    log_retention_days: int = 30
    tracing: bool = False
    protect_data: bool = True
    retain_data: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StackSettings(ABC):
    """What hub and spoke have in common."""

    target: Target
    name_prefix: str
    tags: Mapping[str, str]
    logs: LogSettings
    parser: ParserSettings
    operation: OperationSettings
    spoke_trust: SpokeTrust

    @property
    @abstractmethod
    def names(self) -> DeploymentNames:
        """The names of everything in the stack."""

    @property
    def log_bucket(self) -> str:
        """Name of the log bucket, new or existing."""
        return self.logs.existing_bucket or self.names.log_bucket

    @property
    def alarm_emails(self) -> tuple[str, ...]:
        """Who gets the alarms by mail."""
        return (self.operation.alarm_email,) if self.operation.alarm_email else ()

    @property
    def alarm_topic_arn(self) -> str:
        """The topic that gets the alarms, new or existing."""
        return self.operation.alarm_topic_arn or self.names.arn("sns", self.names.alarm_topic)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokeEntry:
    """A spoke as its hub lists it."""

    name: str
    account_id: str
    region: str
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings(StackSettings):
    """Settings of a hub."""

    external_id: str | None = None
    """Of an organization's spokes."""
    spokes: tuple[SpokeEntry, ...] = ()
    organization_id: str | None = None
    lake_mode: LakeMode = LakeMode.UPSERT
    buffer_seconds: int = 60
    manage_catalog: bool = True
    account_partition: AccountPartition = AccountPartition.IDENTITY
    query_limit_gigabytes: int = 10
    compute_minutes: int = 5
    hourly_days: int = 14
    hours_days: int = 400
    daily_days: int = 400
    metadata_keys: tuple[str, ...] = ()
    price_list_url: str | None = None
    monthly_budget_usd: Decimal | None = None

    @property
    def names(self) -> HubNames:
        return HubNames(account=self.target.account_id, region=self.target.region, prefix=self.name_prefix)

    def names_of(self, spoke: SpokeEntry) -> SpokeNames:
        """Names in one of its spokes."""
        return SpokeNames(account=spoke.account_id, region=spoke.region, prefix=self.name_prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokeSettings(StackSettings):
    """Settings of a spoke."""

    spoke_name: str
    external_id: str
    hub_account_id: str
    hub_region: str

    @property
    def names(self) -> SpokeNames:
        return SpokeNames(account=self.target.account_id, region=self.target.region, prefix=self.name_prefix)

    @property
    def hub(self) -> HubNames:
        """Names in its hub."""
        return HubNames(account=self.hub_account_id, region=self.hub_region, prefix=self.name_prefix)

    @property
    def write_role_arn(self) -> str:
        """The role of the hub that this spoke assumes."""
        return self.hub.write_role_arn(self.spoke_name if self.spoke_trust is SpokeTrust.ACCOUNTS else None)


def project_config(config: Mapping[str, object]) -> dict[str, object]:
    """The project's own keys of a stack's configuration, without the project's name in front."""
    own = f"{PROJECT}:"
    return {key.removeprefix(own): value for key, value in config.items() if key.startswith(own)}


def parse(config: Mapping[str, object]) -> HubSettings | SpokeSettings:
    """The settings that the configuration says; its keys are without the project's name in front."""
    reader = SettingReader(config)
    role = reader.needed(keys.ROLE)
    reader.refuse_others(role)
    if role is Role.SPOKE:
        spoke = _spoke(reader)
        check_spoke(spoke)
        return spoke
    hub = _hub(reader)
    check_hub(hub)
    return hub


def _hub(reader: SettingReader) -> HubSettings:
    entries = reader.needed(keys.SPOKES)
    return HubSettings(
        target=_target(reader),
        name_prefix=reader.needed(keys.NAME_PREFIX),
        tags=reader.needed(keys.TAGS),
        logs=_logs(reader),
        parser=_parser(reader),
        operation=_operation(reader),
        spoke_trust=reader.needed(keys.SPOKE_TRUST),
        external_id=reader.optional(keys.EXTERNAL),
        spokes=tuple(_spoke_entry(number, entry) for number, entry in enumerate(entries, start=1)),
        organization_id=reader.optional(keys.ORGANIZATION_ID),
        lake_mode=reader.needed(keys.LAKE_MODE),
        buffer_seconds=reader.needed(keys.BUFFER_SECONDS),
        manage_catalog=reader.needed(keys.CATALOG) is CatalogMode.MANAGE,
        account_partition=reader.needed(keys.ACCOUNT_PARTITION),
        query_limit_gigabytes=reader.needed(keys.QUERY_LIMIT),
        compute_minutes=reader.needed(keys.COMPUTE_MINUTES),
        hourly_days=reader.needed(keys.HOURLY_DAYS),
        hours_days=reader.needed(keys.HOURS_DAYS),
        daily_days=reader.needed(keys.DAILY_DAYS),
        metadata_keys=reader.needed(keys.METADATA_KEYS),
        price_list_url=reader.optional(keys.PRICE_LIST_URL),
        monthly_budget_usd=reader.optional(keys.MONTHLY_BUDGET),
    )


def _spoke(reader: SettingReader) -> SpokeSettings:
    return SpokeSettings(
        target=_target(reader),
        name_prefix=reader.needed(keys.NAME_PREFIX),
        tags=reader.needed(keys.TAGS),
        logs=_logs(reader),
        parser=_parser(reader),
        operation=_operation(reader),
        spoke_trust=reader.needed(keys.SPOKE_TRUST),
        external_id=reader.needed(keys.EXTERNAL),
        spoke_name=reader.needed(keys.OWN_NAME),
        hub_account_id=reader.needed(keys.HUB_ACCOUNT),
        hub_region=reader.needed(keys.HUB_REGION),
    )


def _target(reader: SettingReader) -> Target:
    return Target(
        account_id=reader.needed(keys.ACCOUNT_ID),
        region=reader.needed(keys.STACK_REGION),
        profile=reader.optional(keys.AWS_PROFILE),
        deploy_role_arn=reader.optional(keys.DEPLOY_ROLE),
    )


def _logs(reader: SettingReader) -> LogSettings:
    prefix = reader.needed(keys.LOG_PREFIX).rstrip("/")
    return LogSettings(
        existing_bucket=reader.optional(keys.EXISTING_BUCKET),
        existing_bucket_key_arn=reader.optional(keys.BUCKET_KEY),
        prefix=f"{prefix}/" if prefix else "",
        retention_days=reader.needed(keys.LOG_RETENTION),
        infrequent_access_days=reader.needed(keys.LOG_INFREQUENT_ACCESS),
        manage_bedrock_logging=reader.needed(keys.BEDROCK_LOGGING) is BedrockLogging.MANAGE,
        modalities=reader.needed(keys.LOG_MODALITIES),
    )


def _parser(reader: SettingReader) -> ParserSettings:
    return ParserSettings(
        caller_detail=reader.needed(keys.CALLER_DETAIL),
        pseudonym_key=reader.optional(keys.PSEUDONYM_KEY),
        keep_rejected_lines=reader.needed(keys.KEEP_REJECTED),
        follow_offloaded=reader.needed(keys.FOLLOW_OFFLOADED),
        concurrency=reader.needed(keys.PARSE_CONCURRENCY),
    )


def _operation(reader: SettingReader) -> OperationSettings:
    return OperationSettings(
        alarm_email=reader.optional(keys.ALARM_EMAIL),
        alarm_topic_arn=reader.optional(keys.ALARM_TOPIC),
        log_retention_days=reader.needed(keys.FUNCTION_LOG_RETENTION),
        tracing=reader.needed(keys.TRACING),
        protect_data=reader.needed(keys.PROTECT_DATA),
        retain_data=reader.needed(keys.RETAIN_DATA),
    )


_ENTRY_FIELDS: Final = {"name": SPOKE_NAME, "accountId": ACCOUNT, "region": REGION, "externalId": EXTERNAL_ID}


def _spoke_entry(number: int, entry: Mapping[str, object]) -> SpokeEntry:
    place = f"{keys.SPOKES.key}, entry {number}"
    for field_name, value in entry.items():
        if field_name not in _ENTRY_FIELDS:
            raise refusal(f"{place}: {field_name}", value, f"an entry has {', '.join(_ENTRY_FIELDS)} only")
    read: dict[str, str | None] = {}
    for field_name, kind in _ENTRY_FIELDS.items():
        value = entry.get(field_name)
        read[field_name] = None if value is None else kind.read(value)
        if value is not None and read[field_name] is None:
            raise refusal(f"{place}: {field_name}", value, f"it must be {kind.rule}")
    name, account_id, region = read["name"], read["accountId"], read["region"]
    if name is None or account_id is None or region is None:
        missing = next(one for one in _ENTRY_FIELDS if read[one] is None)
        raise ConfigurationError(f"{place}: {missing} is not set: it must be {_ENTRY_FIELDS[missing].rule}")
    return SpokeEntry(name=name, account_id=account_id, region=region, external_id=read["externalId"])
