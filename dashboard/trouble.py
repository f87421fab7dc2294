"""Errors that nobody expected."""

from __future__ import annotations

import logging

from dash import set_props

from bedrock_analytics.domain.errors import NotAllowed
from dashboard import ids

_LOG = logging.getLogger(__name__)


def on_error(error: Exception) -> None:
    """Tell an error of a callback on the page, whose numbers stay, and log one that nobody expected."""
    if isinstance(error, NotAllowed):
        _tell(str(error))
        return
    _LOG.error("a callback failed", exc_info=error)
    _tell("The dashboard met an error; its log tells more.")


def _tell(text: str) -> None:
    """Put what `guard.trouble_of` would tell into the page."""
    set_props(ids.TROUBLE, {"data": {"text": text, "expired": False}})
