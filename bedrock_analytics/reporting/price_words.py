"""The state of the price list in words, the same in every place that shows it."""

from __future__ import annotations

from bedrock_analytics.reporting.price_reader import OLD_AFTER, ListState


def list_sentence(state: ListState, *, refresh: str) -> str:
    """One sentence: which list, how old, and that it needs attention where it does; `refresh` says how."""
    if state.date is None:
        return "There is no price list yet: run `bedrock-analytics seed-pricing`."
    where = f"Price list of {state.date.isoformat()} ({state.origin})"
    if not state.is_old:
        return f"{where}, {_days(state.age_days)} old."
    return f"{where} is {_days(state.age_days)} old, more than {OLD_AFTER.days}: {refresh}."


def list_facts(state: ListState) -> dict[str, object]:
    """What is known of the list and the last sync, by name."""
    return {
        "date": state.date,
        "origin": state.origin,
        "age_days": state.age_days,
        "needs_attention": state.is_old,
        "checked_at": state.checked_at,
        "last_sync_at": state.last_sync_at,
        "last_sync_status": state.last_sync_status,
        "last_sync_error": state.last_sync_error,
        "counts": state.counts,
        "omitted": state.omitted,
        "wanted_models": list(state.wanted_models),
    }


def _days(age: int | None) -> str:
    return "1 day" if age == 1 else f"{age} days"
