"""Why usage has no price, in words for people."""

from __future__ import annotations

from bedrock_analytics.domain.price_subject import Unpriced

_WORDS = {
    Unpriced.NO_RATE_CARD: "model in no price list",
    Unpriced.NO_TIER_RATE: "no price for the service tier",
    Unpriced.NO_UNIT_RATE: "no price for a kind of unit",
    Unpriced.UNRESOLVED_PROFILE: "model of an application inference profile unknown",
    Unpriced.UNRESOLVED_PROMPT: "model of a prompt unknown",
    Unpriced.UNRESOLVED_ROUTER: "model chosen by a router unknown",
    Unpriced.TIME_BASED_CAPACITY: "capacity paid by time",
    Unpriced.CUSTOM_MODEL: "custom model",
    Unpriced.UNITS_UNKNOWN: "usage not in the log",
    Unpriced.MODEL_UNKNOWN: "no model in the log",
}


def reason_text(reason: str) -> str:
    """A stored reason in words; one that this release does not know stays as it is."""
    try:
        return _WORDS[Unpriced(reason)]
    except ValueError:
        return reason
