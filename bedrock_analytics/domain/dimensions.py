"""The dimensions of usage pages: what the rows of a page are keyed by.

A row's key is a tuple with one text for each key column of its dimension.
"""

from __future__ import annotations

ALL = "ALL"
"""The scope of all accounts and Regions together."""

TOTAL = "TOTAL"
MODEL = "MODEL"
CALLER = "CALLER"
PROFILE = "PROFILE"
ROUTE = "ROUTE"
OPERATION = "OPERATION"
INFERENCE_REGION = "INFERENCE_REGION"
CUBE = "CUBE"
ACCOUNT = "ACCOUNT"
TAG_PREFIX = "TAG:"

NONE = "(none)"
"""Value of what a call does not carry: no application inference profile, no such metadata key, …"""
OTHER = "(other)"
"""Value of the remainder row of a truncated page."""

_KEY_COLUMNS: dict[str, tuple[str, ...]] = {
    TOTAL: (),
    MODEL: ("model_id", "route"),
    CALLER: ("caller",),
    PROFILE: ("inference_profile_arn", "inference_profile_name"),
    ROUTE: ("route",),
    OPERATION: ("operation",),
    INFERENCE_REGION: ("inference_region",),
    CUBE: ("model_id", "route", "caller", "operation", "service_tier"),
    ACCOUNT: ("account_id", "region"),
}
_QUALIFIED: dict[str, tuple[str, ...]] = {CALLER: ("account_id", "caller")}
"""Key columns that differ in scope ALL: one caller name may exist in several accounts."""


def scope_of(account_id: str, region: str) -> str:
    """The scope of one account in one Region."""
    return f"{account_id}#{region}"


def tag_dimension(key: str) -> str:
    """The dimension of a request metadata key."""
    return f"{TAG_PREFIX}{key}"


def key_columns(scope: str, dimension: str) -> tuple[str, ...]:
    """Names of the key columns of a dimension's rows in a scope; KeyError for an unknown dimension."""
    if dimension.startswith(TAG_PREFIX):
        return (dimension,)
    if scope == ALL and dimension in _QUALIFIED:
        return _QUALIFIED[dimension]
    return _KEY_COLUMNS[dimension]


def dimensions_of(scope: str, metadata_keys: tuple[str, ...]) -> tuple[str, ...]:
    """The dimensions that are kept for a scope."""
    own = (ACCOUNT,) if scope == ALL else (CUBE,)
    plain = (TOTAL, MODEL, CALLER, PROFILE, ROUTE, OPERATION, INFERENCE_REGION)
    return (*plain, *own, *(tag_dimension(key) for key in metadata_keys))
