"""Prices in words: rates, scopes, changes, the list's state and the progress of a reprice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.model_id import display_name
from bedrock_analytics.domain.rate_card import (
    BASE,
    BEGINNING,
    GLOBAL,
    RateSource,
    geography_of_scope,
    region_of_scope,
)
from bedrock_analytics.domain.rate_key import STANDARD, RateKey, unit_of
from bedrock_analytics.reporting.formats import exact
from bedrock_analytics.reporting.price_reader import ListState
from bedrock_analytics.storage.price_history import PERCENT, ChangeKind, PriceChange
from bedrock_analytics.storage.price_meta import RepriceRequest
from bedrock_analytics.storage.reprice_progress import RepriceProgress
from dashboard.phrases import count_of
from dashboard.region_names import region_name

STANDARD_KINDS: Final = ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")
KIND_TITLES: Final = {
    "input": "Input",
    "output": "Output",
    "cache_read": "Cache read",
    "cache_write_5m": "Cache write 5m",
    "cache_write_1h": "Cache write 1h",
}
SOURCES: Final = {
    RateSource.LITELLM: "LiteLLM",
    RateSource.AWS: "AWS",
    RateSource.MANUAL: "by hand",
}
_CHANGES: Final = {
    ChangeKind.ADDED: "listed",
    ChangeKind.MORE_SPECIFIC: "listed, more specific: review",
    ChangeKind.CHANGED: "list changed",
    ChangeKind.APPROVED: "approved",
    ChangeKind.ENTERED: "entered",
    ChangeKind.CORRECTED: "corrected",
    ChangeKind.ENDED: "ended",
    ChangeKind.DELETED: "deleted",
}
_LEAST_PLACES: Final = 2


def rate_text(rate: Decimal | None) -> str:
    """A rate in full, with at least two decimals: $3.00, $0.0375."""
    if rate is None:
        return "—"
    plain = f"{rate.normalize():f}"
    whole, _, decimals = plain.partition(".")
    return f"${int(whole):,}.{decimals.ljust(_LEAST_PLACES, '0')}"


def key_text(key: RateKey) -> str:
    """What a rate applies to: `Cache read above 200,000 tokens, flex`."""
    title = KIND_TITLES.get(key.kind) or key.kind.replace("_", " ").capitalize()
    image = f" {key.image}" if key.image is not None and str(key.image) else ""
    above = f" above {key.above:,} tokens" if key.above else ""
    tier = f", {key.tier}" if key.tier != STANDARD else ""
    return f"{title}{image}{above}{tier}"


def per_text(key: RateKey) -> str:
    """What a rate is a price of: a million tokens, images …"""
    return f"per 1M {unit_of(key.kind)}s"


def rates_text(rates: Mapping[RateKey, Decimal]) -> str:
    """Rates in one line; none is the end of a price entered by hand."""
    if not rates:
        return "listed price applies again"
    return ", ".join(f"{key_text(key)} {rate_text(rate)}" for key, rate in sorted_rates(rates))


def sorted_rates(rates: Mapping[RateKey, Decimal]) -> list[tuple[RateKey, Decimal]]:
    """Rates in the order of people: standard ones first, larger contexts and other tiers later."""
    order = {kind: index for index, kind in enumerate(STANDARD_KINDS)}
    return sorted(
        rates.items(),
        key=lambda item: (
            item[0].tier != STANDARD,
            item[0].tier,
            item[0].above,
            order.get(item[0].kind, len(order)),
            str(item[0]),
        ),
    )


def scope_text(scope: str) -> str:
    """Which calls a price is for."""
    if scope == BASE:
        return "everywhere"
    if scope == GLOBAL:
        return "global profiles"
    geography, region = geography_of_scope(scope), region_of_scope(scope)
    if geography is not None:
        return f"{geography} profiles"
    return f"{region_name(region or scope)} ({region})"


def moment_text(moment: datetime, zone: ZoneInfo) -> str:
    """A moment by the zone's clock; what is in force from the beginning has no date."""
    if moment == BEGINNING:
        return "the beginning"
    local = moment.astimezone(zone)
    seconds = f":{local:%S}" if local.second else ""
    return f"{local.day} {local:%b %Y, %H:%M}{seconds}"


def when_text(moment: datetime, zone: ZoneInfo) -> str:
    """When something was seen or done, to the minute."""
    return moment_text(moment.replace(second=0, microsecond=0), zone)


def change_kind_text(change: PriceChange) -> str:
    """What was done."""
    what = _CHANGES[change.kind]
    return f"discount {what}" if change.scope is None else what


def values_text(values: Mapping[str, Decimal]) -> str:
    """Values of a change: rates by what they apply to, or a discount."""
    if not values:
        return "—"
    if PERCENT in values:
        return percent_text(values[PERCENT])
    return rates_text({RateKey.parse(key): rate for key, rate in values.items()})


def difference_text(change: PriceChange) -> str:
    """What became of the values that changed, those alone: `Input $3.00 → $2.50`."""
    if PERCENT in change.old or PERCENT in change.new:
        return _step(change.old.get(PERCENT), change.new.get(PERCENT), percent_text)
    keys = {RateKey.parse(key): key for key in {*change.old, *change.new}}
    moved = {key: Decimal(0) for key, text in keys.items() if change.old.get(text) != change.new.get(text)}
    parts = [
        f"{key_text(key)} {_step(change.old.get(keys[key]), change.new.get(keys[key]), rate_text)}"
        for key, _ in sorted_rates(moved)
    ]
    if not parts and change.kind is ChangeKind.DELETED:
        return "an end"
    return ", ".join(parts) or "no rate changed"


def _step(old: Decimal | None, new: Decimal | None, text: Callable[[Decimal], str]) -> str:
    after = "none" if new is None else text(new)
    return after if old is None else f"{text(old)} → {after}"


def percent_text(percent: Decimal) -> str:
    """A discount: 12.5 %."""
    return f"{percent.normalize():f} %"


def factor_text(old: Decimal, new: Decimal) -> str:
    """How far a rate moved, in words; nothing where it was nothing."""
    if not old:
        return "from nothing"
    factor = new / old
    if factor >= 1:
        return f"{factor:.1f} times"
    return f"down by {(1 - factor) * 100:.0f} %"


def who_text(account: str | None, model_id: str | None) -> str:
    """What a discount is for."""
    model = None if model_id is None else display_name(model_id)
    if account is None:
        return "everything" if model is None else f"{model} in every account"
    return f"{account}, every model" if model is None else f"{model} in {account}"


def list_text(state: ListState) -> str:
    """Which price list is in force."""
    if state.date is None:
        return "No price list yet"
    return f"{state.date.day} {state.date:%b %Y}"


def age_text(state: ListState) -> str:
    """How old it is."""
    if state.age_days is None:
        return "`bedrock-analytics seed-pricing` fills it"
    if state.age_days <= 0:
        return "of today"
    return f"{count_of(state.age_days, 'day')} old" + (": sync it" if state.is_old else "")


_COUNT_WORDS: Final = {
    "added": "new",
    "changed": "changed",
    "held": "held for approval",
    "review": "to review",
    "gone": "gone from the list",
}


def sync_text(state: ListState) -> str:
    """What the last sync did."""
    if state.last_sync_status is None:
        return "No sync yet"
    if state.last_sync_status == "failed":
        return f"Failed: {state.last_sync_error}. The prices before stay in force"
    if state.last_sync_status == "older":
        return "The list found was older; nothing changed"
    found = [
        f"{exact(state.counts[name])} {words}"
        for name, words in _COUNT_WORDS.items()
        if state.counts.get(name)
    ]
    return ", ".join(found) or "No price changed"


def requested_text(request: RepriceRequest | RepriceProgress, zone: ZoneInfo) -> str:
    """Which calls a request computes again."""
    what = "All calls" if request.model_id is None else f"Calls of {display_name(request.model_id)}"
    account = f" in {request.account_id}" if request.account_id is not None else ""
    since = "" if request.start == BEGINNING else f" from {moment_text(request.start, zone)}"
    until = "" if request.end is None else f" until {moment_text(request.end, zone)}"
    return f"{what}{account}{since}{until} at the new price"


def periods_text(progress: RepriceProgress) -> str:
    """How far one has come."""
    if progress.finished_at is not None:
        return "done" if progress.total else "done: no such calls"
    return f"{exact(progress.done)} of {exact(progress.total)} hours, days and months"


def named(texts: Sequence[str], most: int = 3) -> str:
    """A few of many, and how many more there are."""
    shown = ", ".join(texts[:most])
    return shown if len(texts) <= most else f"{shown} and {len(texts) - most} more"
