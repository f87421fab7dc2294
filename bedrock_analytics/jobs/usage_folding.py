"""From usage groups to rows of pages: price each group, then add it to every dimension it belongs to."""

from __future__ import annotations

import decimal
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

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
    dimensions_of,
    scope_of,
    tag_dimension,
)
from bedrock_analytics.domain.errors import ComputationError
from bedrock_analytics.domain.price import BillableUsage, Cost, PriceBook, PriceStatus
from bedrock_analytics.domain.usage_stats import MONEY, TOKEN_KINDS, UsageStats
from bedrock_analytics.storage.lake import Fingerprint, UsageGroup, UsageQuery
from bedrock_analytics.storage.usage_pages import Granularity, Page
from bedrock_analytics.storage.usage_table import Scope

NO_TOKENS = "none"
"""`token_source` of a call whose log record carries no token counts."""

NO_RATE_CARD = "no_rate_card"
"""Reason of a model that no price list entry was found for: a later sync may bring it."""

Cells = dict[tuple[str, str], dict[tuple[tuple[str, ...], datetime], UsageStats]]
"""(scope, dimension) -> (row key, half hour) -> counters."""


@dataclass(slots=True, kw_only=True)
class FoldedUsage:
    """The rows of every page of some spans, by half hour, with what else the groups tell."""

    cells: Cells = field(default_factory=dict)
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
            stats = _group_stats(group, query, book)
            _add_to_dimensions(folded.cells, group, stats)
            if group.metadata_key is None:
                _note_group(folded, group, stats)
        _add_sums(folded.cells)
    except decimal.DecimalException as error:
        raise ComputationError(f"an amount cannot be computed exactly: {error!r}") from error
    return folded


def _group_stats(group: UsageGroup, query: UsageQuery, book: PriceBook) -> UsageStats:
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
    stats.cost_upper_usd = cost.upper_extra_usd
    if cost.status is not PriceStatus.PRICED:
        reason = cost.reason or cost.status.value
        stats.unpriced_invocations[reason] = group.calls
        tokens = sum(count for kind, count in cost.unpriced.items() if kind in TOKEN_KINDS)
        if tokens:
            stats.unpriced_tokens[reason] = tokens


def _add_to_dimensions(cells: Cells, group: UsageGroup, stats: UsageStats) -> None:
    scope = scope_of(group.account_id, group.region)
    for dimension, key in _rows_of(group):
        # pages of every combination would be three times as large with histograms
        added = stats.without_histograms() if dimension == CUBE else stats
        _add(cells, scope, dimension, key, group.half_hour, added)


def _add(
    cells: Cells, scope: str, dimension: str, key: tuple[str, ...], half_hour: datetime, stats: UsageStats
) -> None:
    rows = cells.setdefault((scope, dimension), {})
    row = rows.get((key, half_hour))
    if row is None:
        row = rows[key, half_hour] = UsageStats()
    row.merge(stats)


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


def _add_sums(cells: Cells) -> None:
    """Rows that are sums of others: totals and routes of a scope, and everything of all scopes together."""
    for (scope, dimension), rows in list(cells.items()):
        if dimension == MODEL:
            for ((_, route), half_hour), stats in list(rows.items()):
                _add(cells, scope, TOTAL, (), half_hour, stats)
                _add(cells, scope, ROUTE, (route,), half_hour, stats)
    for (scope, dimension), rows in list(cells.items()):
        if dimension == CUBE:
            continue
        account_id, _, region = scope.partition("#")
        for (key, half_hour), stats in rows.items():
            qualified = (account_id, *key) if dimension == CALLER else key
            _add(cells, ALL, dimension, qualified, half_hour, stats)
            if dimension == TOTAL:
                _add(cells, ALL, ACCOUNT, (account_id, region), half_hour, stats)


def _note_group(folded: FoldedUsage, group: UsageGroup, stats: UsageStats) -> None:
    hour = periods.hour_of(group.half_hour)
    mine = _group_fingerprint(group)
    before = folded.fingerprints.get(hour)
    folded.fingerprints[hour] = mine if before is None else _joined(before, mine)
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


def _group_fingerprint(group: UsageGroup) -> Fingerprint:
    rejected = group.rejection is not None
    return Fingerprint(
        calls=0 if rejected else group.calls,
        rejections=group.calls if rejected else 0,
        errors=0 if rejected or group.error_code is None else group.calls,
        input_tokens=group.input_tokens,
        output_tokens=group.output_tokens,
        cache_read_tokens=group.cache_read_tokens,
        cache_write_tokens=group.cache_write_5m_tokens
        + group.cache_write_1h_tokens
        + group.cache_write_other_tokens,
        latency_ms=group.latency_ms.sum,
        newest_parsed_at_ms=group.newest_parsed_at_ms,
    )


def _joined(one: Fingerprint, other: Fingerprint) -> Fingerprint:
    return Fingerprint(
        calls=one.calls + other.calls,
        rejections=one.rejections + other.rejections,
        errors=one.errors + other.errors,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cache_read_tokens=one.cache_read_tokens + other.cache_read_tokens,
        cache_write_tokens=one.cache_write_tokens + other.cache_write_tokens,
        latency_ms=one.latency_ms + other.latency_ms,
        newest_parsed_at_ms=max(one.newest_parsed_at_ms, other.newest_parsed_at_ms),
    )


def fingerprint_text(fingerprint: Fingerprint) -> str:
    """The text that is stored beside pages; equal texts mean equal fingerprints."""
    return (
        f"{fingerprint.calls} {fingerprint.rejections} {fingerprint.errors} {fingerprint.input_tokens} "
        f"{fingerprint.output_tokens} {fingerprint.cache_read_tokens} {fingerprint.cache_write_tokens} "
        f"{fingerprint.latency_ms} {fingerprint.newest_parsed_at_ms}"
    )


def hour_pages(
    folded: FoldedUsage, hours: Iterable[datetime], stale: Mapping[datetime, set[str]], keys: tuple[str, ...]
) -> list[Page]:
    """HOURLY pages of the hours; scopes in `stale` that have no calls any more get empty pages."""
    wanted = set(hours)
    rows: dict[tuple[str, str, datetime], Page] = {}
    for hour in wanted:
        scopes = stale.get(hour, set()) | {ALL} | _scopes_of(folded, hour, hour + periods.HOUR)
        for scope in scopes:
            for dimension in dimensions_of(scope, keys):
                rows[scope, dimension, hour] = Page(
                    scope=scope,
                    granularity=Granularity.HOURLY,
                    dimension=dimension,
                    period=periods.hour_key(hour),
                )
        if hour in folded.fingerprints:
            total = rows[ALL, TOTAL, hour]
            total.fingerprints = {total.period: fingerprint_text(folded.fingerprints[hour])}
    for (scope, dimension), cells in folded.cells.items():
        for (key, half_hour), stats in cells.items():
            hour = periods.hour_of(half_hour)
            if hour in wanted:
                rows[scope, dimension, hour].rows[key, int(half_hour.minute >= 30)] = stats
    return list(rows.values())


def _scopes_of(folded: FoldedUsage, start: datetime, end: datetime) -> set[str]:
    cells = folded.cells.get((ALL, ACCOUNT), {})
    return {scope_of(*key) for key, half_hour in cells if start <= half_hour < end}


def day_pages(folded: FoldedUsage, day: date, stale: set[str], keys: tuple[str, ...]) -> list[Page]:
    """DAILY and HOURS pages of a day from cells of that day."""
    start = periods.day_start(day)
    end = start + timedelta(days=1)
    builder = DayPages(day, stale | {ALL} | _scopes_of(folded, start, end), keys)
    for (scope, dimension), cells in folded.cells.items():
        for (key, half_hour), stats in cells.items():
            if start <= half_hour < end:
                builder.add(scope, dimension, key, (half_hour - start) // periods.HALF_HOUR, stats)
    builder.fingerprints = {
        periods.hour_key(hour): fingerprint_text(found)
        for hour, found in folded.fingerprints.items()
        if start <= hour < end
    }
    return builder.finish()


class DayPages:
    """Builds the DAILY and HOURS pages of one day from rows cut by half hour."""

    def __init__(self, day: date, scopes: Iterable[str], keys: tuple[str, ...]) -> None:
        self.fingerprints: dict[str, str] = {}
        self._daily: dict[tuple[str, str], Page] = {}
        self._hours: dict[tuple[str, str], Page] = {}
        for scope in scopes:
            for dimension in dimensions_of(scope, keys):
                for pages, granularity in (
                    (self._daily, Granularity.DAILY),
                    (self._hours, Granularity.HOURS),
                ):
                    pages[scope, dimension] = Page(
                        scope=scope, granularity=granularity, dimension=dimension, period=day.isoformat()
                    )

    def add(self, scope: str, dimension: str, key: tuple[str, ...], slot: int, stats: UsageStats) -> None:
        """Add the counters of one half hour (slot 0 to 47)."""
        self._daily[scope, dimension].add(key, 0, stats)
        self._hours[scope, dimension].add(key, slot, stats.without_histograms())

    def finish(self) -> list[Page]:
        self._daily[ALL, TOTAL].fingerprints = self.fingerprints
        return [*self._hours.values(), *self._daily.values()]
