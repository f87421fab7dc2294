"""Errors that nobody expected."""

from __future__ import annotations

import logging

from dash import set_props

from dashboard import ids

_LOG = logging.getLogger(__name__)


def on_error(error: Exception) -> None:
    """Log an error of a callback and tell it on the page, whose numbers stay."""
    _LOG.error("a callback failed", exc_info=error)
    told = {"text": "The dashboard met an error; its log tells more.", "expired": False}
    set_props(ids.TROUBLE, {"data": told})
