"""One line of an invocation log object -> a call, a rejection, or a line left out by rule.

Prompts and completions never leave this module: a row has no column for them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

import msgspec

from bedrock_analytics.domain.body_shapes import Performance
from bedrock_analytics.domain.caller import CallerDetail, CallerType, resolve_caller, with_detail
from bedrock_analytics.domain.event_json import whole_millisecond
from bedrock_analytics.domain.lenient_json import NotAnObject, NotJson
from bedrock_analytics.domain.log_key import EARLIEST_CALL
from bedrock_analytics.domain.log_record import LogRecord, decode_record
from bedrock_analytics.domain.model_id import ModelIdentity, ModelKind, ResolvedProfile, resolve_model
from bedrock_analytics.domain.rejection import (
    VERIFICATION_ID,
    LineContext,
    Rejection,
    SkipRule,
    rejection_row,
    sane_account,
    sane_region,
)
from bedrock_analytics.domain.request_body import (
    NO_UNITS,
    MediaUnits,
    Modality,
    max_tokens_of,
    media_units,
    modality_of,
    requested_latency,
    requested_tier,
)
from bedrock_analytics.domain.response_body import GUARDRAIL_INTERVENED, NOTHING, ResponseFacts, read_response
from bedrock_analytics.domain.token_usage import TokenSource, token_usage
from bedrock_analytics.domain.usage_event import REJECTED_OPERATION, UsageEvent

SCHEMA_TYPE = "ModelInvocationLog"

FUTURE_TOLERANCE = timedelta(minutes=15)
"""A call may be this far ahead of our clock before it is rejected."""

STANDARD_TIER = "standard"

Outcome: TypeAlias = UsageEvent | SkipRule


def read_line(line: bytes, number: int, context: LineContext) -> LogRecord | Outcome:
    """The record of a line, ready for `call_of`; or the line's rejection row, or the rule that skips it.

    `number` counts the object's lines from 1. Never raises.
    """
    try:
        record = decode_record(line)
    except NotJson:
        return rejection_row(Rejection.NOT_JSON, number, context)
    except NotAnObject:
        return rejection_row(Rejection.NOT_A_RECORD, number, context)
    if record.request_id and (record.model_id or record.operation):
        return record
    if record.schema_type not in {None, SCHEMA_TYPE}:
        return SkipRule.OTHER_LOG_TYPE
    missing = record.schema_type == SCHEMA_TYPE or bool(record.model_id and record.operation)
    reason = Rejection.MISSING_REQUEST_ID if missing and not record.request_id else Rejection.NOT_A_RECORD
    return _rejected(reason, record, number, context)


def call_of(record: LogRecord, number: int, context: LineContext) -> UsageEvent:
    """The row of a record: a call, or a rejection where it cannot be placed in time or account."""
    ts = _timestamp(record.timestamp)
    account = sane_account(record.account_id) or sane_account(context.key.account_id)
    region = sane_region(record.region) or sane_region(context.key.region)
    if ts is None:
        reason = Rejection.BAD_TIMESTAMP if record.timestamp else Rejection.MISSING_TIMESTAMP
        return _rejected(reason, record, number, context)
    if ts > context.parsed_at + FUTURE_TOLERANCE:
        return _rejected(Rejection.FROM_THE_FUTURE, record, number, context)
    if account is None or region is None:
        reason = Rejection.MISSING_ACCOUNT if account is None else Rejection.MISSING_REGION
        return _rejected(reason, record, number, context)
    if (record.request_id or "").startswith(VERIFICATION_ID):
        return _verification(record, context, account, region, ts)
    return _call(record, context, account, region, ts)


def parse_line(line: bytes, number: int, context: LineContext) -> Outcome:
    """`read_line` and `call_of` in one, for records whose moved-out bodies are not followed."""
    record = read_line(line, number, context)
    return call_of(record, number, context) if isinstance(record, LogRecord) else record


def with_profile(event: UsageEvent, profile: ResolvedProfile) -> UsageEvent:
    """The call with the name and model of its application inference profile filled in."""
    model = profile.model
    return msgspec.structs.replace(
        event,
        inference_profile_name=profile.name,
        profile_model_id=profile.profile_model_id,
        model_id=model.model_id,
        route=model.route,
    )


_NO_MODEL = ModelIdentity(model_id="", route=None, kind=ModelKind.UNKNOWN)


def _token_source(found: TokenSource, guardrail_action: str | None) -> TokenSource:
    """A call without counts that a guardrail stopped has none to pay for; any other is unmeasured."""
    stopped = found is TokenSource.NONE and guardrail_action == GUARDRAIL_INTERVENED
    return TokenSource.GUARDRAIL if stopped else found


def _call(record: LogRecord, context: LineContext, account: str, region: str, ts: datetime) -> UsageEvent:
    given, made = record.input, record.output
    facts = read_response(made.body) if made else NOTHING
    model = resolve_model(record.model_id) if record.model_id else _NO_MODEL
    tokens = token_usage(given, made, facts.counts)
    written = tokens.cache_write
    name, caller_type, identity = _caller(
        record.identity.arn if record.identity else None, context.caller_detail, context.pseudonym_key
    )
    units = _units(record, model, facts)
    request = given.body if given else None
    return UsageEvent(
        account_id=account,
        region=region,
        request_id=record.request_id or "",
        ts=ts,
        operation=record.operation,
        model_id=model.model_id or None,
        caller=name,
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cache_read,
        cache_write_5m_tokens=written.five_minutes,
        cache_write_1h_tokens=written.one_hour,
        cache_write_total_tokens=written.total,
        latency_ms=facts.latency_ms,
        time_to_first_token_ms=facts.time_to_first_token_ms,
        error_code=record.error_code,
        source_s3_key=context.source,
        parsed_at=context.parsed_at,
        logged_model_id=record.model_id,
        route=model.route,
        inference_region=record.inference_region,
        inference_profile_arn=model.inference_profile_arn,
        response_model_id=facts.model,
        identity_arn=identity,
        caller_type=caller_type,
        request_metadata=_metadata(record.request_metadata),
        service_tier=_tier(record, facts),
        latency_optimized=_latency_optimized(record, facts),
        stop_reason=facts.stop_reason,
        guardrail_action=facts.guardrail_action,
        max_tokens=max_tokens_of(request) if request else None,
        token_source=_token_source(tokens.source, facts.guardrail_action).value,
        cache_ttl_known=written.ttl_known,
        cache_write_other_tokens=written.other,
        cache_write_other_ttl=written.other_ttl,
        input_images=units.input_images,
        output_images=units.output_images,
        image_size=units.image_size,
        image_quality=units.image_quality,
        image_steps=units.image_steps,
        output_video_ms=_video_ms(record),
        query_units=units.query_units,
    )


def _verification(
    record: LogRecord, context: LineContext, account: str, region: str, ts: datetime
) -> UsageEvent:
    """The row of a marked record, under its own id, so that whoever sent it finds it."""
    return UsageEvent(
        account_id=account,
        region=region,
        request_id=record.request_id or "",
        ts=ts,
        operation=REJECTED_OPERATION,
        source_s3_key=context.source,
        parsed_at=context.parsed_at,
        rejection=SkipRule.VERIFICATION.value,
    )


def _rejected(reason: Rejection, record: LogRecord, number: int, context: LineContext) -> UsageEvent:
    """A rejection by reason; a time ahead of the clock is no place to count a row in, so it is not used."""
    ts = _timestamp(record.timestamp)
    if ts is not None and ts > context.parsed_at + FUTURE_TOLERANCE:
        ts = None
    return rejection_row(reason, number, context, account_id=record.account_id, region=record.region, ts=ts)


@lru_cache(maxsize=4096)
def _timestamp(text: str | None) -> datetime | None:
    """A record's time in UTC; None if it is no time, or one at which Bedrock did not exist."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return whole_millisecond(moment) if moment >= EARLIEST_CALL else None


@lru_cache(maxsize=8192)
def _caller(arn: str | None, detail: CallerDetail, key: bytes) -> tuple[str | None, str | None, str | None]:
    """Name, type and ARN as the lake keeps them."""
    if not arn:
        return None, CallerType.UNKNOWN.value, None
    caller = with_detail(resolve_caller(arn), detail, key)
    return caller.name, caller.type.value, caller.identity_arn


def _metadata(metadata: dict[str, str] | None) -> str | None:
    return msgspec.json.encode(metadata).decode() if metadata else None


def _tier(record: LogRecord, facts: ResponseFacts) -> str | None:
    """The tier that was served, else the one that was asked for; None where neither is logged."""
    logged = record.service_tier
    named = logged if isinstance(logged, str) or logged is None else logged.type
    asked = requested_tier(record.input.body) if record.input and record.input.body else None
    tier = facts.service_tier or named or asked
    if tier == "default":
        return STANDARD_TIER
    return None if tier == "auto" else tier


def _latency_optimized(record: LogRecord, facts: ResponseFacts) -> bool | None:
    config: Performance | None = record.performance_config
    asked = requested_latency(record.input.body) if record.input and record.input.body else None
    latency = facts.latency or (config.latency if config else None) or asked
    return None if latency is None else latency == "optimized"


def _units(record: LogRecord, model: ModelIdentity, facts: ResponseFacts) -> MediaUnits:
    modality = modality_of(model.model_id)
    if modality is Modality.TEXT or (record.error_code and record.output is None):
        return NO_UNITS
    given = record.input
    if given is not None and given.body is None and given.body_path and _is_image_alone(model, record):
        return MediaUnits(input_images=1)
    return media_units(modality, given.body if given else None, facts.output_images, facts.search_units)


def _is_image_alone(model: ModelIdentity, record: LogRecord) -> bool:
    """Whether a moved-out embedding request is known to be one image: it then has no input token."""
    return (
        "embed-image" in model.model_id and record.input is not None and record.input.input_token_count == 0
    )


def _video_ms(record: LogRecord) -> int | None:
    seconds = record.output.video_seconds if record.output else None
    return None if seconds is None else round(seconds * 1000)
