"""What is billable of one logged call, and of a call that somebody asks the price of."""

from __future__ import annotations

from collections.abc import Mapping

from bedrock_analytics.domain.model_id import resolve_model
from bedrock_analytics.domain.price import BillableUsage
from bedrock_analytics.domain.usage_event import UsageEvent

CONTEXT_KINDS = ("input", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other")
"""Kinds of tokens that make up the context of a call, which decides its long-context rate."""


def context_tokens(quantities: Mapping[str, int]) -> int:
    """Input + cache read + cache write tokens of one call."""
    return sum(quantities.get(kind, 0) for kind in CONTEXT_KINDS)


def billable_of_event(event: UsageEvent) -> BillableUsage:
    """Usage of one call. A failed call without counts used nothing, so its source of counts is not named."""
    counts = {
        "input": event.input_tokens,
        "output": event.output_tokens,
        "cache_read": event.cache_read_tokens,
        "cache_write_5m": event.cache_write_5m_tokens,
        "cache_write_1h": event.cache_write_1h_tokens,
        "cache_write_other": event.cache_write_other_tokens,
        "input_image": event.input_images,
        "output_image": event.output_images,
        "output_video": event.output_video_ms,
        "query": event.query_units,
    }
    quantities = {kind: count for kind, count in counts.items() if count}
    return BillableUsage(
        account_id=event.account_id,
        region=event.region,
        model_id=event.model_id,
        route=event.route,
        logged_model_id=event.logged_model_id,
        profile_model_id=event.profile_model_id,
        response_model_id=event.response_model_id,
        inference_profile_arn=event.inference_profile_arn,
        service_tier=event.service_tier,
        latency_optimized=event.latency_optimized,
        cache_ttl_known=event.cache_ttl_known,
        cache_write_other_ttl=event.cache_write_other_ttl,
        image_size=event.image_size,
        image_quality=event.image_quality,
        image_steps=event.image_steps,
        token_source=None if event.error_code is not None else event.token_source,
        context_tokens=context_tokens(quantities),
        quantities=quantities,
    )


def billable_of_question(
    model: str,
    quantities: Mapping[str, int],
    *,
    region: str,
    account_id: str = "",
    tier: str | None = None,
    latency_optimized: bool | None = None,
    cache_write_other_ttl: str | None = None,
    image_size: str | None = None,
    image_quality: str | None = None,
    image_steps: int | None = None,
) -> BillableUsage:
    """Usage of an imagined call to a model named as in logs: a model or profile id, or an ARN.

    `quantities` by kind of `usage_stats.COST_KINDS`, video in milliseconds.
    """
    identity = resolve_model(model)
    return BillableUsage(
        account_id=account_id,
        region=region,
        model_id=identity.model_id,
        route=identity.route,
        logged_model_id=model,
        inference_profile_arn=identity.inference_profile_arn,
        service_tier=tier,
        latency_optimized=latency_optimized,
        cache_write_other_ttl=cache_write_other_ttl,
        image_size=image_size,
        image_quality=image_quality,
        image_steps=image_steps,
        context_tokens=context_tokens(quantities),
        quantities={kind: quantity for kind, quantity in quantities.items() if quantity},
    )
