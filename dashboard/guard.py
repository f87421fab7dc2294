"""Failures of a panel: told in the panel, while its last good numbers stay."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from dash import no_update

from bedrock_analytics.domain.errors import (
    BedrockAnalyticsError,
    CredentialsExpired,
    PageError,
    TableUnavailable,
)
from bedrock_analytics.storage.aws_credentials import is_expired, renewal_text
from dashboard.widgets.panels import failed

_LOG = logging.getLogger(__name__)


def guarded(load: Callable[[], Sequence[Any]], outputs: int) -> list[Any]:
    """The outputs that `load` returns, the first of which is the panel's message.

    On failure the message tells it, and the other outputs stay as they are.
    """
    try:
        return list(load())
    except BedrockAnalyticsError as error:
        _LOG.warning("a panel could not be loaded: %s", error)
        return [failed(reason(error)), *([no_update] * (outputs - 1))]


def reason(error: BedrockAnalyticsError) -> str:
    """Why numbers cannot be loaded, for people."""
    if is_expired(error):
        return str(error) if isinstance(error, CredentialsExpired) else renewal_text(None)
    if isinstance(error, TableUnavailable):
        return "The usage tables do not answer for the moment."
    if isinstance(error, PageError):
        return "A usage page is being replaced or is damaged."
    return str(error)


def trouble_of(error: BedrockAnalyticsError) -> dict[str, Any]:
    """What the page is told of a failure that concerns all of it; expired credentials end its refreshing."""
    return {"text": reason(error), "expired": is_expired(error)}
