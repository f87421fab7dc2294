"""What the tiles of the cost page say."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import UNKNOWN, compact, exact, percent, usd, usd_in_detail
from bedrock_analytics.reporting.metrics import cache_savings, discounted_cost_usd
from bedrock_analytics.reporting.unpriced_reasons import reason_text
from dashboard.cost_models import BilledMonth, MonthCost
from dashboard.cost_words import cost_words, known_cost
from dashboard.facts import FactKind, FactText
from dashboard.figures.usage_bars import cost_text
from dashboard.phrases import count_of, share

COST_FACTS = (
    FactKind(
        name="cost",
        label="Estimated cost",
        meaning="What the calls of this range cost at list prices. It is not your bill.",
        how="Tokens of each kind × the list price in force at the time of the call, summed exactly.",
    ),
    FactKind(
        name="discounts",
        label="Discounts",
        meaning="What your negotiated percentages take off the list cost.",
        how="Each part of the cost × the percentage in force for its account and model at that time.",
    ),
    FactKind(
        name="savings",
        label="Net cache savings",
        meaning="What reads from the prompt cache saved, less what writes to it cost more.",
        how="Tokens × (price of plain input − price of the cached kind), at the list prices of each call.",
    ),
    FactKind(
        name="unpriced",
        label="Not priced",
        meaning="Calls that are not, or not in full, in the estimated cost, because a price is missing.",
        how="Calls for which no rate was found for some of their usage, by reason. They never count as $0.",
        link=("pricing", "Set a price", {}),
    ),
)


def cost_facts(total: UsageStats) -> tuple[FactText, ...]:
    """The texts of `COST_FACTS`, in order."""
    return (_cost(total), _discounts(total), _savings(total), _unpriced(total))


def _cost(total: UsageStats) -> FactText:
    calls = total.invocations or 0
    cost = total.total_list_cost_usd
    each = f"{usd(cost * 1000 / calls)} for 1,000 calls" if calls and cost else "no priced call"
    note = (
        f"up to {usd(total.cost_upper_usd)} more: lifetime of cache writes unknown"
        if total.cost_upper_usd
        else each
    )
    words = cost_words(total, known_cost(total, cost), usd_in_detail)
    return FactText(value=cost_text(total), full=f"{words} at list prices", note=note)


def _discounts(total: UsageStats) -> FactText:
    taken = total.total_discount_usd
    if not taken:
        return FactText(
            value="none", full="No discount was in force for any of these calls", note="list cost applies"
        )
    rest = discounted_cost_usd(total)
    of_all = share(taken, total.total_list_cost_usd)
    return FactText(
        value=usd(-taken),
        full=f"{usd_in_detail(total.total_list_cost_usd)} − {usd_in_detail(taken)} = {usd_in_detail(rest)}",
        note=f"{usd(rest)} after discounts ({of_all})",
    )


def _savings(total: UsageStats) -> FactText:
    found = cache_savings(total)
    if found.net_usd is None or found.reads_usd is None or found.writes_usd is None:
        return FactText(
            value=UNKNOWN, full="No rate tells what the cached tokens saved", note="no rate tells"
        )
    if not total.cache_read_tokens and not total.cache_write_tokens:
        return FactText(value=usd(Decimal(0)), full="No token was cached", note="no cache in use")
    partly = "" if found.is_complete else ", as far as priced"
    return FactText(
        value=usd(found.net_usd),
        full=f"{usd_in_detail(found.reads_usd)} saved by reads − {usd_in_detail(found.writes_usd)} more for "
        f"writes{partly}",
        note=f"{usd(found.reads_usd)} saved, writes {usd(found.writes_usd)} more{partly}",
        tone="good" if found.net_usd > 0 else "bad" if found.net_usd < 0 else "neutral",
    )


def _unpriced(total: UsageStats) -> FactText:
    calls, tokens = total.unpriced_invocation_count, total.unpriced_token_count
    if not calls:
        return FactText(
            value="0 calls", full="Every call is priced", note="every call is priced", tone="good"
        )
    reasons = sorted(total.unpriced_invocations.items(), key=lambda item: (-item[1], item[0]))
    named = ", ".join(f"{exact(count)} × {reason_text(reason)}" for reason, count in reasons[:3])
    return FactText(
        value=f"{compact(calls)} {'call' if calls == 1 else 'calls'}",
        full=f"{count_of(calls, 'call')}: {named}",
        note=f"{share(tokens, total.total_tokens)} of tokens · {reason_text(reasons[0][0])}",
        tone="bad",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthText:
    """What stands beside the chart of the month."""

    title: str
    so_far: str
    so_far_note: str
    forecast: str
    forecast_note: str
    budget: str
    budget_note: str
    budget_tone: str
    billed: str
    billed_note: str


def month_text(month: MonthCost) -> MonthText:
    """The month in words."""
    start = month.start.astimezone(month.zone)
    until = month.until.astimezone(month.zone)
    taken = month.total.total_discount_usd
    after = f" · {usd(taken)} of discounts taken off" if taken else ""
    value, note, tone = _budget(month)
    billed, billed_note = _billed(month.billed)
    return MonthText(
        title=f"{start:%B %Y} so far",
        so_far=_so_far(month),
        so_far_note=f"up to {until.day} {until:%b %H:%M}{after}",
        forecast=_forecast(month),
        forecast_note=_forecast_note(month),
        budget=value,
        budget_note=note,
        budget_tone=tone,
        billed=billed,
        billed_note=billed_note,
    )


def _so_far(month: MonthCost) -> str:
    least = "≥ " if month.total.unpriced_invocation_count else ""
    return f"{least}{usd(month.cost_usd)}" if month.total.list_cost_usd or not least else UNKNOWN


def _forecast(month: MonthCost) -> str:
    found = month.forecast
    if found is None:
        return UNKNOWN
    least = "≥ " if month.total.unpriced_invocation_count else ""
    low, high = usd(found.low_usd), usd(found.high_usd)
    return f"{least}{low}" if low == high else f"{least}{low} to {high}"


def _forecast_note(month: MonthCost) -> str:
    found = month.forecast
    if found is None:
        return "needs two days that are over"
    return f"likely {usd(found.likely_usd)}; from the last {count_of(found.days, 'day')}"


def _budget(month: MonthCost) -> tuple[str, str, str]:
    budget = month.budget_usd
    if budget is None:
        return "", "", "neutral"
    spent = month.cost_usd
    used = f"{percent(float(spent / budget))} used" if budget else "nothing to use"
    if spent > budget:
        return usd(budget), f"{used}: exceeded by {usd(spent - budget)}", "bad"
    if month.forecast is None:
        return usd(budget), used, "neutral"
    if month.forecast.low_usd > budget:
        return usd(budget), f"{used}: will be exceeded as it goes", "bad"
    if month.forecast.high_usd > budget:
        return usd(budget), f"{used}: may be exceeded", "warn"
    return usd(budget), f"{used}: on course to stay within", "good"


def _billed(billed: BilledMonth | None) -> tuple[str, str]:
    if billed is None:
        return "", ""
    if billed.amount_usd is None:
        return UNKNOWN, billed.message
    through = "" if billed.through is None else f"through {billed.through.day} {billed.through:%b} (UTC)"
    if billed.estimate_usd is None:
        return usd(billed.amount_usd), through
    return usd(billed.amount_usd), f"{through}; estimate of the same days {usd(billed.estimate_usd)}"
