"""From usage groups to rows of pages: price each group, then add it to every dimension it belongs to."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import (
    ACCOUNT,
    ALL,
    CALLER,
    CUBE,
    INFERENCE_REGION,
    MODEL,
    NONE,
    OPERATION,
    PROFILE,
    ROUTE,
    TOTAL,
    scope_of,
    tag_dimension,
)
from bedrock_analytics.domain.errors import ComputationError
from bedrock_analytics.domain.price import BillableUsage, Cost, PriceBook, PriceStatus
from bedrock_analytics.domain.usage_stats import MONEY, TOKEN_KINDS, UsageStats
from bedrock_analytics.jobs.fingerprints import group_fingerprint, joined_fingerprint
from bedrock_analytics.jobs.usage_cells import UsageCells
from bedrock_analytics.storage.lake import Fingerprint, UsageGroup, UsageQuery
from bedrock_analytics.storage.usage_table import Scope

NO_TOKENS = "none"
"""`token_source` of a call whose log record carries no token counts."""

NO_RATE_CARD = "no_rate_card"
"""Reason of a model that no price list entry was found for: a later sync may bring it."""


@dataclass(slots=True, kw_only=True)
class FoldedUsage:
    """The rows of every page of some spans, by half hour, with what else the groups tell."""

    cells: UsageCells = field(default_factory=UsageCells)
    fingerprints: dict[datetime, Fingerprint] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)
    profiles: dict[str, str] = field(default_factory=dict)
    """Application inference profile -> its model, as resolved by L1."""
    unpriced_models: set[str] = field(default_factory=set)
    """Models that no rate card was found for."""
    newest_call: datetime | None = None


def fold(groups: Iterable[UsageGroup], query: UsageQuery, book: PriceBook) -> FoldedUsage:
    """Price and add up groups; ComputationError where an amount is not exact in 38 digits."""
    folded = FoldedUsage()
    try:
        for group in groups:
            stats = group_stats(group, query, book)
            _add_to_dimensions(folded.cells, group, stats)
            if group.metadata_key is None:
                _note_group(folded, group, stats)
        _add_sums(folded.cells)
    except decimal.DecimalException as error:
        raise ComputationError(f"an amount cannot be computed exactly: {error!r}") from error
    return folded


def group_stats(group: UsageGroup, query: UsageQuery, book: PriceBook) -> UsageStats:
    """The counters of one group, priced; DecimalException where an amount is not exact in 38 digits."""
    if group.rejection is not None:
        return UsageStats(rejections={group.rejection: group.calls})
    stats = UsageStats(
        invocations=group.calls,
        input_tokens=group.input_tokens,
        output_tokens=group.output_tokens,
        cache_read_tokens=group.cache_read_tokens,
        cache_write_5m_tokens=group.cache_write_5m_tokens,
        cache_write_1h_tokens=group.cache_write_1h_tokens,
        cache_write_other_tokens=group.cache_write_other_tokens,
        cache_write_ttl_unknown_tokens=group.cache_write_5m_tokens if group.cache_ttl_known is False else 0,
        input_images=group.input_images,
        output_images=group.output_images,
        output_video_ms=group.output_video_ms,
        query_units=group.query_units,
        errors={} if group.error_code is None else {group.error_code: group.calls},
        latency_ms=group.latency_ms,
        time_to_first_token_ms=group.time_to_first_token_ms,
        time_per_output_token_us=group.time_per_output_token_us,
        latency_per_output_token_us=group.latency_per_output_token_us,
    )
    quantities = _quantities(group)
    failed = group.error_code is not None
    if not failed and group.token_source == NO_TOKENS:
        stats.calls_without_tokens = group.calls
    if not failed or quantities:
        _add_cost(stats, group, book.cost(_billable(group, query, quantities), _moment(group, query)))
    return stats


def _quantities(group: UsageGroup) -> dict[str, int]:
    quantities = {
        "input": group.input_tokens,
        "output": group.output_tokens,
        "cache_read": group.cache_read_tokens,
        "cache_write_5m": group.cache_write_5m_tokens,
        "cache_write_1h": group.cache_write_1h_tokens,
        "cache_write_other": group.cache_write_other_tokens,
        "input_image": group.input_images,
        "output_image": group.output_images,
        "output_video": group.output_video_ms,
        "query": group.query_units,
    }
    return {kind: quantity for kind, quantity in quantities.items() if quantity}


def _billable(group: UsageGroup, query: UsageQuery, quantities: Mapping[str, int]) -> BillableUsage:
    exceeded = group.context_class
    return BillableUsage(
        account_id=group.account_id,
        region=group.region,
        model_id=group.model_id,
        route=group.route,
        logged_model_id=group.logged_model_id,
        profile_model_id=group.profile_model_id,
        response_model_id=group.response_model_id,
        inference_profile_arn=group.inference_profile_arn,
        service_tier=group.service_tier,
        latency_optimized=group.latency_optimized,
        cache_ttl_known=group.cache_ttl_known,
        cache_write_other_ttl=group.cache_write_other_ttl,
        image_size=group.image_size,
        image_quality=group.image_quality,
        image_steps=group.image_steps,
        token_source=group.token_source,
        context_tokens=query.context_thresholds[exceeded - 1] + 1 if exceeded else 0,
        quantities=quantities,
    )


def _moment(group: UsageGroup, query: UsageQuery) -> datetime:
    """The earliest moment of the group's half hour in its price epoch; all its calls pay that rate."""
    if not group.price_epoch:
        return group.half_hour
    return max(group.half_hour, query.price_instants[group.price_epoch - 1])


def _add_cost(stats: UsageStats, group: UsageGroup, cost: Cost) -> None:
    for line in cost.lines:
        before = stats.list_cost_usd.get(line.kind)
        stats.list_cost_usd[line.kind] = line.cost_usd if before is None else MONEY.add(before, line.cost_usd)
    stats.discount_usd.update(cost.discounts)
    stats.cache_saved_usd.update(cost.cache_saved)
    stats.cost_upper_usd = cost.upper_extra_usd
    if cost.status is not PriceStatus.PRICED:
        reason = cost.reason or cost.status.value
        stats.unpriced_invocations[reason] = group.calls
        tokens = sum(count for kind, count in cost.unpriced.items() if kind in TOKEN_KINDS)
        if tokens:
            stats.unpriced_tokens[reason] = tokens


def _add_to_dimensions(cells: UsageCells, group: UsageGroup, stats: UsageStats) -> None:
    scope = scope_of(group.account_id, group.region)
    for dimension, key in _rows_of(group):
        # pages of every combination would be three times as large with histograms
        added = stats.without_histograms() if dimension == CUBE else stats
        cells.add(scope, dimension, key, group.half_hour, added)


def _rows_of(group: UsageGroup) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The rows of its scope a group belongs to; a rejected line has no model and counts in totals only."""
    if group.rejection is not None:
        if group.metadata_key is None:
            yield TOTAL, ()
        return
    if group.metadata_key is not None:
        value = group.metadata_value if group.metadata_value is not None else NONE
        yield tag_dimension(group.metadata_key), (value,)
        return
    model, route, caller, operation = (
        text if text is not None else NONE
        for text in (group.model_id, group.route, group.caller, group.operation)
    )
    yield MODEL, (model, route)
    yield CALLER, (caller,)
    yield PROFILE, (group.inference_profile_arn or NONE, group.inference_profile_name or NONE)
    yield OPERATION, (operation,)
    yield INFERENCE_REGION, (group.inference_region or NONE,)
    yield CUBE, (model, route, caller, operation, group.service_tier or NONE)


def _add_sums(cells: UsageCells) -> None:
    """Rows that are sums of others: totals and routes of a scope, and everything of all scopes together."""
    for (scope, dimension), rows in cells.tables():
        if dimension == MODEL:
            for ((_, route), half_hour), stats in rows.items():
                cells.add(scope, TOTAL, (), half_hour, stats)
                cells.add(scope, ROUTE, (route,), half_hour, stats)
    for (scope, dimension), rows in cells.tables():
        if dimension == CUBE:
            continue
        account_id, _, region = scope.partition("#")
        for (key, half_hour), stats in rows.items():
            qualified = (account_id, *key) if dimension == CALLER else key
            cells.add(ALL, dimension, qualified, half_hour, stats)
            if dimension == TOTAL:
                cells.add(ALL, ACCOUNT, (account_id, region), half_hour, stats)


def _note_group(folded: FoldedUsage, group: UsageGroup, stats: UsageStats) -> None:
    hour = periods.hour_of(group.half_hour)
    mine = group_fingerprint(group)
    before = folded.fingerprints.get(hour)
    folded.fingerprints[hour] = mine if before is None else joined_fingerprint(before, mine)
    name = scope_of(group.account_id, group.region)
    seen = folded.scopes.get(name)
    folded.scopes[name] = Scope(
        account_id=group.account_id,
        region=group.region,
        first_hour=min(hour, seen.first_hour) if seen else hour,
        last_hour=max(hour, seen.last_hour) if seen else hour,
    )
    if group.inference_profile_arn and group.profile_model_id:
        folded.profiles[group.inference_profile_arn] = group.profile_model_id
    if group.model_id and NO_RATE_CARD in stats.unpriced_invocations:
        folded.unpriced_models.add(group.model_id)
    if group.rejection is None and (folded.newest_call is None or group.newest_ts > folded.newest_call):
        folded.newest_call = group.newest_ts
