"""What the cards say: value, change against the earlier period, coverage and course."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import (
    UNKNOWN,
    average,
    compact,
    exact,
    milliseconds,
    percent,
    usd,
    usd_in_detail,
)
from bedrock_analytics.reporting.metrics import (
    average_latency,
    cache_hit_rate,
    cache_tokens,
    error_rate,
    shown_tpot,
    throttled_count,
)
from dashboard.cost_words import cost_words, known_cost
from dashboard.figures.sparkline import spark_style
from dashboard.figures.usage_bars import cost_text
from dashboard.phrases import count_of, local_span, share
from dashboard.view_models import Baseline, Coverage, Mover, Overview

Number: TypeAlias = "Decimal | int | float"


@dataclass(frozen=True, slots=True)
class Delta:
    """A change in words, and whether it is good, bad or neither."""

    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class CardText:
    """One card: the value in short and in full, its change, a note on the card's face, its sparkline."""

    value: str
    full: str
    delta: Delta
    note: str
    spark: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CardKind:
    """A card: what it is called, what it means, how it is computed and read from counters.

    `more_is` tells whether a rise is `good`, `bad` or `neutral`; `unit` is that of what `read` gives.
    """

    name: str
    label: str
    unit: str
    meaning: str
    how: str
    read: Callable[[UsageStats], Number | None]
    show: Callable[[UsageStats], str]
    full: Callable[[UsageStats], str]
    note: Callable[[UsageStats], str]
    more_is: str = "neutral"


def _tpot_note(stats: UsageStats) -> str:
    average = shown_tpot(stats)
    if average.includes_first_token:
        return "* first token included"
    return f"{percent(average.coverage)} of calls tell it" if average.measured else "no call tells it"


def _latency_note(stats: UsageStats) -> str:
    return f"p90 {milliseconds(stats.latency_ms.percentile(0.9))}"


CARDS = (
    CardKind(
        name="invocations",
        label="Invocations",
        unit="calls",
        meaning="Calls that Bedrock logged, failed ones too.",
        how="Each request id counts once, however often its log was delivered.",
        read=lambda stats: stats.invocations,
        show=lambda stats: compact(stats.invocations),
        full=lambda stats: f"{exact(stats.invocations)} calls",
        note=lambda stats: f"{exact(stats.error_count)} failed" if stats.error_count else "none failed",
    ),
    CardKind(
        name="input",
        label="Input tokens",
        unit="tokens",
        meaning="Tokens sent that were neither read from nor written to the cache.",
        how="Sum of the logged input token counts; Bedrock counts cached tokens apart.",
        read=lambda stats: stats.input_tokens,
        show=lambda stats: compact(stats.input_tokens),
        full=lambda stats: f"{exact(stats.input_tokens)} tokens",
        note=lambda stats: "not from cache",
    ),
    CardKind(
        name="output",
        label="Output tokens",
        unit="tokens",
        meaning="Tokens that the models generated.",
        how="Sum of the logged output token counts.",
        read=lambda stats: stats.output_tokens,
        show=lambda stats: compact(stats.output_tokens),
        full=lambda stats: f"{exact(stats.output_tokens)} tokens",
        note=lambda stats: f"{_per_call(stats)} a call",
    ),
    CardKind(
        name="cache",
        label="Cache tokens",
        unit="tokens",
        meaning="Tokens read from and written to the prompt cache.",
        how="Reads plus writes of every lifetime (5 minutes, 1 hour, others).",
        read=cache_tokens,
        show=lambda stats: compact(cache_tokens(stats)),
        full=lambda stats: (
            f"{exact(stats.cache_read_tokens)} read, {exact(stats.cache_write_tokens)} written"
        ),
        note=lambda stats: (
            f"{compact(stats.cache_read_tokens)} read · {compact(stats.cache_write_tokens)} written"
        ),
    ),
    CardKind(
        name="latency",
        label="Average latency",
        unit="ms",
        meaning="Mean time from request to last byte.",
        how="Mean over the calls whose log tells a latency.",
        read=lambda stats: average_latency(stats).value_ms,
        show=lambda stats: average(average_latency(stats)),
        full=lambda stats: (
            f"{milliseconds(stats.latency_ms.mean)} over {count_of(stats.latency_ms.count, 'call')}"
        ),
        note=_latency_note,
        more_is="bad",
    ),
    CardKind(
        name="tpot",
        label="Average TPOT",
        unit="ms per token",
        meaning="Mean time per output token after the first.",
        how="(latency − time to first token) ÷ (output tokens − 1), mean over the calls whose log tells "
        "both; where none does, latency ÷ output tokens, which holds the first token's time too.",
        read=lambda stats: shown_tpot(stats).value_ms,
        show=lambda stats: average(shown_tpot(stats)),
        full=lambda stats: f"{average(shown_tpot(stats))} per output token",
        note=_tpot_note,
        more_is="bad",
    ),
    CardKind(
        name="errors",
        label="Error rate",
        unit="share",
        meaning="Share of calls that failed, throttled ones included.",
        how="Calls with an error code ÷ all logged calls.",
        read=error_rate,
        show=lambda stats: percent(error_rate(stats)),
        full=lambda stats: f"{exact(stats.error_count)} of {exact(stats.invocations)} calls",
        note=lambda stats: f"{exact(throttled_count(stats))} throttled",
        more_is="bad",
    ),
    CardKind(
        name="hits",
        label="Cache hit rate",
        unit="share",
        meaning="Share of all input tokens that were read from the cache.",
        how="Cache reads ÷ (input + cache reads + cache writes).",
        read=cache_hit_rate,
        show=lambda stats: percent(cache_hit_rate(stats)),
        full=lambda stats: f"{exact(stats.cache_read_tokens)} tokens read from the cache",
        note=lambda stats: "of input tokens",
        more_is="good",
    ),
)


def _per_call(stats: UsageStats) -> str:
    if not stats.invocations or stats.output_tokens is None:
        return UNKNOWN
    return compact(round(stats.output_tokens / stats.invocations))


def card_text(kind: CardKind, overview: Overview) -> CardText:
    """The text of one card."""
    over = overview.trend.totals[: overview.trend.incomplete_from]
    values = [kind.read(stats) for stats in over]
    return CardText(
        value=kind.show(overview.total),
        full=kind.full(overview.total),
        delta=card_delta(kind, overview.baseline),
        note=kind.note(overview.total) if overview.total.invocations else "",
        spark=spark_style([None if value is None else float(value) for value in values]),
    )


def card_delta(kind: CardKind, baseline: Baseline | None) -> Delta:
    """How a card changed against the earlier period; empty where there is none to compare with."""
    if baseline is None or baseline.coverage is Coverage.NONE:
        return Delta("", "neutral")
    return change_text(kind.read(baseline.current), kind.read(baseline.previous), kind.more_is)


def change_text(after: Number | None, before: Number | None, more_is: str) -> Delta:
    """A change in per cent with an arrow; its tone says whether a rise is good or bad."""
    if after is None or before is None:
        return Delta("", "neutral")
    if not before:
        return Delta("new", "neutral") if after else Delta("", "neutral")
    per_cent = (float(after) - float(before)) / float(before) * 100
    if abs(per_cent) < 0.05:
        return Delta("unchanged", "neutral")
    arrow, rises = ("▲", True) if per_cent > 0 else ("▼", False)
    size = abs(per_cent)
    text = f"{arrow} {size:,.0f} %" if size >= 10 else f"{arrow} {size:.1f} %"
    tone = more_is if rises or more_is == "neutral" else {"good": "bad", "bad": "good"}[more_is]
    return Delta(f"{arrow} ×{float(after) / float(before):,.0f}" if size >= 1000 else text, tone)


@dataclass(frozen=True, slots=True)
class LeadText:
    """The lead tile: estimated cost, its change and what it lacks."""

    value: str
    full: str
    delta: Delta
    baseline: str
    completeness: str
    complete: bool


def lead_text(overview: Overview) -> LeadText:
    """The text of the lead tile."""
    total, baseline = overview.total, overview.baseline
    return LeadText(
        value=cost_text(total),
        full=_full_cost(total),
        delta=_cost_delta(baseline),
        baseline=baseline_text(baseline, overview),
        completeness=_completeness(overview),
        complete=not overview.unpriced and not total.cost_upper_usd,
    )


def _full_cost(total: UsageStats) -> str:
    cost = known_cost(total, total.total_list_cost_usd)
    return f"{cost_words(total, cost, usd_in_detail)} at list prices"


def _cost_delta(baseline: Baseline | None) -> Delta:
    if baseline is None or baseline.coverage is Coverage.NONE:
        return Delta("", "neutral")
    after, before = baseline.current.total_list_cost_usd, baseline.previous.total_list_cost_usd
    change = change_text(after, before, "bad")
    if not before or not change.text or after == before:
        return change
    word = "more" if after > before else "less"
    return Delta(f"{change.text} · {usd(abs(after - before))} {word}", change.tone)


def baseline_text(baseline: Baseline | None, overview: Overview) -> str:
    """The earlier period by name and time, and whether there is data for all of it."""
    if not overview.compares:
        return "Not compared with an earlier period"
    if baseline is None:
        return "Too early to compare: no half hour of this range is over"
    span = baseline.comparison.previous
    times = local_span(span.start, span.end, overview.trend.zone)
    if baseline.coverage is Coverage.NONE:
        return f"Nothing to compare with: no data yet for {_named(baseline.comparison.name)} ({times})"
    partly = ", data for a part of it only" if baseline.coverage is Coverage.PART else ""
    before = usd(baseline.previous.total_list_cost_usd)
    return f"vs {before} in {_named(baseline.comparison.name)} ({times}{partly})"


def _named(name: str) -> str:
    return f"the {name}" if name.startswith(("previous", "same")) else name


def _completeness(overview: Overview) -> str:
    total = overview.total
    if not total.invocations:
        return "No calls in this range"
    if overview.unpriced:
        calls = sum(model.invocations for model in overview.unpriced)
        tokens = sum(model.tokens for model in overview.unpriced)
        names = ", ".join(model.name for model in overview.unpriced[:2])
        more = f" and {len(overview.unpriced) - 2} more" if len(overview.unpriced) > 2 else ""
        of_all = share(tokens, total.total_tokens or 0)
        lacking = f"{count_of(calls, 'call')} of {names}{more}"
        return f"Not in it: {lacking} that could not be priced ({of_all} of tokens)"
    if total.cost_upper_usd:
        return f"Up to {usd(total.cost_upper_usd)} more: the lifetime of some cache writes is unknown"
    return "Complete: every call is priced"


def mover_text(mover: Mover) -> Delta:
    """How much a model's cost changed, in USD and per cent."""
    sign = "+" if mover.change > 0 else "−"
    change = f"{sign}{usd(abs(mover.change))}"
    tone = "bad" if mover.change > 0 else "good"
    if not mover.before:
        return Delta(f"{change} · new", tone)
    if not mover.after:
        return Delta(f"{change} · gone", tone)
    return Delta(f"{change} · {change_text(mover.after, mover.before, 'bad').text}", tone)
