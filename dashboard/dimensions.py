"""The dimensions that pages show, by the names that addresses and filters use, and how they are stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from bedrock_analytics.domain.dimensions import (
    ACCOUNT,
    CALLER,
    INFERENCE_REGION,
    MODEL,
    OPERATION,
    PROFILE,
    ROUTE,
    TAG_PREFIX,
    tag_dimension,
)
from dashboard.filters import META

_STORED: Final = {
    "model": MODEL,
    "caller": CALLER,
    "account": ACCOUNT,
    "region": ACCOUNT,
    "route": ROUTE,
    "operation": OPERATION,
    "profile": PROFILE,
    "inference-region": INFERENCE_REGION,
}
_COLUMNS: Final = {
    "model": "model_id",
    "caller": "caller",
    "account": "account_id",
    "region": "region",
    "route": "route",
    "operation": "operation",
    "profile": "inference_profile_arn",
    "inference-region": "inference_region",
}


def stored_dimension(name: str) -> str:
    """The dimension of usage pages for a name: model, caller, …, or `meta.<key>`; KeyError for others."""
    if name.startswith(META):
        return tag_dimension(name.removeprefix(META))
    return _STORED[name]


def series_key(columns: Sequence[str], key: Sequence[str], name: str) -> str:
    """The one text of a row's key by which the rows of a dimension are told apart in a chart."""
    column = stored_dimension(name) if name.startswith(META) else _COLUMNS[name]
    return key[columns.index(column)]


def metadata_key(column: str) -> str | None:
    """The request metadata key of a stored key column, None where it is another one."""
    return column.removeprefix(TAG_PREFIX) if column.startswith(TAG_PREFIX) else None
