"""What a panel of costs says where there is usage, but nothing to draw."""

from __future__ import annotations

from typing import Final

from dash import html
from dash.development.base_component import Component

NO_PRICE: Final = "None of this usage has a price."
NO_CACHE: Final = "No token was cached."


def no_price() -> Component:
    """All calls that fit are of models without a price: their cost is unknown, not zero."""
    return _words(NO_PRICE, "Its cost is unknown. The page Pricing lists the models that need a price.")


def no_cache() -> Component:
    """No call that fits read from the prompt cache or wrote to it."""
    return _words(NO_CACHE, "No call of this range read from the prompt cache or wrote to it.")


def _words(title: str, text: str) -> Component:
    return html.Div(
        [html.P(title, className="message-title"), html.P(text, className="message-text")],
        className="message",
    )
