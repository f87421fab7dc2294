"""Settings of the Lambda functions: names of the environment variables and their meaning.

The Pulumi program takes the names from here; nothing heavy may be imported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Self, TypeVar

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.errors import ConfigurationError

E = TypeVar("E", bound=StrEnum)

RECORDS_FOLDER = "AWSLogs/"
"""Bedrock writes records below this folder under the configured prefix."""


class ParseLogVariable(StrEnum):
    """Environment variables of `parse_log`."""

    STREAM_NAME = "STREAM_NAME"
    LOG_PREFIX = "LOG_PREFIX"
    REJECTED_PREFIX = "REJECTED_PREFIX"
    KEEP_REJECTED_LINES = "KEEP_REJECTED_LINES"
    FOLLOW_OFFLOADED = "FOLLOW_OFFLOADED"
    CALLER_DETAIL = "CALLER_DETAIL"
    PSEUDONYM_SECRET = "PSEUDONYM_SECRET"  # noqa: S105 - a name, not a secret
    HUB_REGION = "HUB_REGION"
    WRITE_ROLE_ARN = "WRITE_ROLE_ARN"
    WRITE_EXTERNAL_ID = "WRITE_EXTERNAL_ID"
    USAGE_TABLE = "USAGE_TABLE"


class SyncPricingVariable(StrEnum):
    """Environment variables of `sync_pricing`."""

    PRICE_TABLE = "PRICE_TABLE"
    PRICE_LIST_URL = "PRICE_LIST_URL"


class ComputeVariable(StrEnum):
    """Environment variables of `compute_cost` and `aggregate_stats`."""

    USAGE_TABLE = "USAGE_TABLE"
    PRICE_TABLE = "PRICE_TABLE"
    WORKGROUP = "WORKGROUP"
    TABLE_BUCKET_ARN = "TABLE_BUCKET_ARN"
    NAMESPACE = "NAMESPACE"
    METADATA_KEYS = "METADATA_KEYS"
    OVERLAP_SECONDS = "OVERLAP_SECONDS"
    TIMEOUT_SECONDS = "TIMEOUT_SECONDS"
    HOURLY_DAYS = "HOURLY_DAYS"
    HOURS_DAYS = "HOURS_DAYS"
    DAILY_DAYS = "DAILY_DAYS"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputeSettings:
    """Settings of `compute_cost` and `aggregate_stats`.

    `overlap_seconds`: L1's timeout, the stream's buffer and retry duration, and ten minutes, as the program
    declares them. `metadata_keys`: separated by commas in the environment.
    """

    usage_table: str
    price_table: str
    workgroup: str
    table_bucket_arn: str
    namespace: str
    metadata_keys: tuple[str, ...] = ()
    overlap_seconds: int = 1800
    timeout_seconds: int = 900
    hourly_days: int = 14
    hours_days: int = 400
    daily_days: int = 400

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; ConfigurationError names the variable that is missing or wrong."""
        name = ComputeVariable
        keys = (key.strip() for key in environment.get(name.METADATA_KEYS, "").split(","))
        return cls(
            usage_table=_required(environment, name.USAGE_TABLE),
            price_table=_required(environment, name.PRICE_TABLE),
            workgroup=_required(environment, name.WORKGROUP),
            table_bucket_arn=_required(environment, name.TABLE_BUCKET_ARN),
            namespace=environment.get(name.NAMESPACE) or "bedrock_analytics",
            metadata_keys=tuple(key for key in keys if key),
            overlap_seconds=_number(environment, name.OVERLAP_SECONDS, 1800),
            timeout_seconds=_number(environment, name.TIMEOUT_SECONDS, 900),
            hourly_days=_number(environment, name.HOURLY_DAYS, 14),
            hours_days=_number(environment, name.HOURS_DAYS, 400),
            daily_days=_number(environment, name.DAILY_DAYS, 400),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncPricingSettings:
    """Settings of `sync_pricing`."""

    price_table: str
    price_list_url: str | None = None
    """An https address or a file; None for LiteLLM's own."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; ConfigurationError names the variable that is missing."""
        name = SyncPricingVariable
        return cls(
            price_table=_required(environment, name.PRICE_TABLE),
            price_list_url=environment.get(name.PRICE_LIST_URL) or None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteRole:
    """The hub's role that a spoke assumes to put records on the hub's stream."""

    arn: str
    external_id: str
    region: str
    """Region of the stream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseLogSettings:
    """Settings of `parse_log`."""

    stream_name: str
    log_prefix: str = ""
    """Prefix of Bedrock's logging configuration: empty, or ending in a slash."""
    rejected_prefix: str = "rejected/"
    keep_rejected_lines: bool = True
    follow_offloaded: bool = True
    caller_detail: CallerDetail = CallerDetail.FULL
    pseudonym_secret: str = ""
    """Name of the secret that holds the key of pseudonyms."""
    write_role: WriteRole | None = None
    """Set in a spoke."""
    usage_table: str | None = None
    """The hub's table, one row of which tells the lake's columns; None sends those of version 1."""

    @property
    def records_prefix(self) -> str:
        """What the key of every record object begins with."""
        return f"{self.log_prefix}{RECORDS_FOLDER}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Read the settings; ConfigurationError names the variable that is missing or wrong."""
        name = ParseLogVariable
        settings = cls(
            stream_name=_required(environment, name.STREAM_NAME),
            log_prefix=_folder(environment.get(name.LOG_PREFIX, "")),
            rejected_prefix=_folder(environment.get(name.REJECTED_PREFIX, "rejected/")),
            keep_rejected_lines=_flag(environment, name.KEEP_REJECTED_LINES, default=True),
            follow_offloaded=_flag(environment, name.FOLLOW_OFFLOADED, default=True),
            caller_detail=_choice(environment, name.CALLER_DETAIL, CallerDetail.FULL),
            pseudonym_secret=environment.get(name.PSEUDONYM_SECRET, ""),
            write_role=_write_role(environment),
            usage_table=environment.get(name.USAGE_TABLE) or None,
        )
        settings._check()
        return settings

    def _check(self) -> None:
        variable = ParseLogVariable
        if not self.rejected_prefix or self.rejected_prefix.startswith(self.records_prefix):
            raise ConfigurationError(
                f"{variable.REJECTED_PREFIX}={self.rejected_prefix!r} must not lie under the log prefix"
                f" {self.records_prefix!r}: rejected lines would be read as logs"
            )
        if self.caller_detail is CallerDetail.PSEUDONYM and not self.pseudonym_secret:
            raise ConfigurationError(
                f"{variable.CALLER_DETAIL}=pseudonym needs the name of a secret"
                f" in {variable.PSEUDONYM_SECRET}"
            )


def _write_role(environment: Mapping[str, str]) -> WriteRole | None:
    name = ParseLogVariable
    arn = environment.get(name.WRITE_ROLE_ARN)
    if not arn:
        return None
    return WriteRole(
        arn=arn,
        external_id=_required(environment, name.WRITE_EXTERNAL_ID),
        region=_required(environment, name.HUB_REGION),
    )


def _required(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise ConfigurationError(f"environment variable {name} is not set")
    return value


def _flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = environment.get(name)
    if value is None or value == "":
        return default
    if value not in {"true", "false"}:
        raise ConfigurationError(f"environment variable {name} is {value!r}; it must be true or false")
    return value == "true"


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    value = environment.get(name)
    if not value:
        return default
    if not (value.isascii() and value.isdigit()) or int(value) == 0:
        raise ConfigurationError(
            f"environment variable {name} is {value!r}; it must be a whole number above 0"
        )
    return int(value)


def _choice(environment: Mapping[str, str], name: str, default: E) -> E:
    value = environment.get(name)
    if not value:
        return default
    try:
        return type(default)(value)
    except ValueError as error:
        choices = ", ".join(type(default))
        raise ConfigurationError(
            f"environment variable {name} is {value!r}; choose from {choices}"
        ) from error


def _folder(prefix: str) -> str:
    return prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
