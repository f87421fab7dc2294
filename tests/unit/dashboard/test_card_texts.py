"""What cards and the lead tile say."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.card_texts import CARDS, CardKind, card_text, change_text, lead_text, mover_text
from dashboard.ranges import Comparison
from dashboard.view_models import Baseline, Coverage, Mover, Overview, UnpricedModel, UsageTrend
from tests.unit.dashboard.answers import calls, row, utc

EARLIER = Span(utc("2026-11-10 00:00"), utc("2026-11-17 14:00"))
NOW = Span(utc("2026-11-17 00:00"), utc("2026-11-24 14:00"))
COMPARISON = Comparison(current=NOW, previous=EARLIER, name="previous 7 days")


def overview(
    total: UsageStats, previous: UsageStats | None = None, coverage: Coverage = Coverage.FULL
) -> Overview:
    zone = ZoneInfo("UTC")
    trend = UsageTrend(
        bucket=Bucket.DAY,
        zone=zone,
        starts=(NOW.start,) * 3,
        series=(),
        totals=(calls(1), calls(3), calls(2)),
        incomplete_from=2,
    )
    baseline = None
    if previous is not None:
        baseline = Baseline(
            comparison=COMPARISON, current=total, previous=previous, coverage=coverage, movers=()
        )
    return Overview(total=total, trend=trend, baseline=baseline, unpriced=(), findings=(), ever_used=True)


def card(name: str) -> CardKind:
    return next(kind for kind in CARDS if kind.name == name)


FULL = UsageStats(
    invocations=1000,
    input_tokens=250,
    output_tokens=94_100_000,
    cache_read_tokens=600,
    cache_write_5m_tokens=100,
    cache_write_1h_tokens=50,
    errors={"ThrottlingException": 2, "ValidationException": 3},
    latency_ms=Distribution.of([1000, 3000]),
    time_per_output_token_us=Distribution.of([8000, 9000]),
)


@pytest.mark.parametrize(
    ("name", "value", "full", "note"),
    [
        ("invocations", "1K", "1,000 calls", "5 failed"),
        ("input", "250", "250 tokens", "not from cache"),
        ("output", "94.1M", "94,100,000 tokens", "94.1K a call"),
        ("cache", "750", "600 read, 150 written", "600 read · 150 written"),
        ("latency", "2.00 s", "2.00 s over 2 calls", "p90 3.00 s"),
        ("tpot", "8.5 ms", "8.5 ms per output token", "0.2 % of calls tell it"),
        ("errors", "0.5 %", "5 of 1,000 calls", "2 throttled"),
        ("hits", "60.0 %", "600 tokens read from the cache", "of input tokens"),
    ],
)
def test_each_card_has_a_short_value_a_full_one_and_a_note(
    name: str, value: str, full: str, note: str
) -> None:
    text = card_text(card(name), overview(FULL))
    assert (text.value, text.full, text.note) == (value, full, note)


def test_cards_without_calls_are_unknown_or_nothing_but_no_fault() -> None:
    values = [card_text(kind, overview(UsageStats())).value for kind in CARDS]
    assert values == ["0", "0", "0", "0", "—", "—", "—", "—"]


def test_a_tpot_that_holds_the_first_token_is_marked() -> None:
    stats = UsageStats(invocations=1, latency_per_output_token_us=Distribution.of([20_000]))
    text = card_text(card("tpot"), overview(stats))
    assert text.value.endswith("*")
    assert text.note == "* first token included"


def test_a_sparkline_leaves_out_the_bucket_that_is_not_over() -> None:
    text = card_text(card("invocations"), overview(FULL))
    assert "100.0%2C2.0" in text.spark["maskImage"]


@pytest.mark.parametrize(
    ("after", "before", "more_is", "text", "tone"),
    [
        (110, 100, "bad", "▲ 10 %", "bad"),
        (110, 100, "good", "▲ 10 %", "good"),
        (110, 100, "neutral", "▲ 10 %", "neutral"),
        (95, 100, "bad", "▼ 5.0 %", "good"),
        (95, 100, "good", "▼ 5.0 %", "bad"),
        (100, 100, "bad", "unchanged", "neutral"),
        (5, 0, "bad", "new", "neutral"),
        (0, 0, "bad", "", "neutral"),
        (None, 4, "bad", "", "neutral"),
        (4, None, "bad", "", "neutral"),
        (5000, 100, "bad", "▲ ×50", "bad"),
    ],
)
def test_a_change_has_an_arrow_a_size_and_a_tone(
    after: int | None, before: int | None, more_is: str, text: str, tone: str
) -> None:
    delta = change_text(after, before, more_is)
    assert (delta.text, delta.tone) == (text, tone)


def test_the_lead_names_the_earlier_period_and_the_amount() -> None:
    text = lead_text(overview(calls(10, "120"), calls(10, "100")))
    assert text.value == "$120.00"
    assert (text.delta.text, text.delta.tone) == ("▲ 20 % · $20.00 more", "bad")
    assert text.baseline == "vs $100.00 in the previous 7 days (10 Nov 00:00 → 17 Nov 14:00)"
    assert (text.completeness, text.complete) == ("Complete: every call is priced", True)


def test_the_lead_says_so_where_the_earlier_period_is_incomplete_or_missing() -> None:
    partly = lead_text(overview(calls(1, "2"), calls(1, "1"), Coverage.PART))
    assert "data for a part of it only" in partly.baseline
    nothing = lead_text(overview(calls(1, "2"), calls(0), Coverage.NONE))
    assert nothing.delta.text == ""
    assert nothing.baseline.startswith("Nothing to compare with: no data yet for the previous 7 days")
    assert lead_text(overview(calls(1, "2"))).baseline.startswith("Too early to compare")


def test_the_lead_tells_what_its_cost_lacks() -> None:
    total = calls(10, "5", unpriced_invocations={"no_price": 4}, input_tokens=200)
    lacking = replace(overview(total), unpriced=(UnpricedModel(name="Nova Reel", invocations=4, tokens=50),))
    text = lead_text(lacking)
    assert text.value == "≥ $5.00"
    assert text.completeness == "Not in it: 4 calls of Nova Reel that could not be priced (25.0 % of tokens)"
    bounded = lead_text(overview(calls(1, "5", cost_upper_usd=Decimal("0.5"))))
    assert bounded.completeness == "Up to $0.50 more: the lifetime of some cache writes is unknown"
    assert not bounded.complete
    assert lead_text(overview(calls(0))).completeness == "No calls in this range"


@pytest.mark.parametrize(
    ("before", "after", "text", "tone"),
    [
        ("10", "15", "+$5.00 · ▲ 50 %", "bad"),
        ("10", "5", "−$5.00 · ▼ 50 %", "good"),
        ("0", "5", "+$5.00 · new", "bad"),
        ("5", "0", "−$5.00 · gone", "good"),
    ],
)
def test_a_mover_tells_dollars_and_share(before: str, after: str, text: str, tone: str) -> None:
    delta = mover_text(Mover(row=row("a", calls()), before=Decimal(before), after=Decimal(after)))
    assert (delta.text, delta.tone) == (text, tone)
