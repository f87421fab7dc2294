"""Which pages answer a dimension under a filter, and how their rows become rows of the answer.

A page can answer when its key columns, with the account and Region that the scope of an account implies,
hold every column that the dimension shows and the filter asks about.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bedrock_analytics.domain.dimensions import (
    ACCOUNT,
    ALL,
    CALLER,
    CUBE,
    MODEL,
    OPERATION,
    OTHER,
    PROFILE,
    ROUTE,
    TAG_PREFIX,
    TOTAL,
    dimensions_of,
    key_columns,
    tag_dimension,
)
from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.storage.usage_table import Scope

Key = tuple[str, ...]
Conditions = tuple[tuple[str, frozenset[str]], ...]
"""Fields of the filter that are set and `TAG:` dimensions of its metadata, with the values that meet them."""

_NARROW = (TOTAL, ACCOUNT, MODEL, CALLER, ROUTE, OPERATION)
"""Dimensions whose pages may answer for others, narrow ones first; `CUBE` is the last resort."""
_OF_CONDITION: dict[str, tuple[str, ...]] = {
    "accounts": ("account_id",),
    "regions": ("region",),
    "models": ("model_id",),
    "routes": ("route",),
    "callers": ("account_id", "caller"),
    "operations": ("operation",),
}
_COMBINABLE = "model, route, caller and operation (each with accounts and Regions)"
_TAGS = "a metadata key stands alone (with accounts and Regions)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageChoice:
    """Pages of one dimension in some scopes that together answer a question."""

    scopes: tuple[str, ...]
    page_dimension: str
    key_columns: tuple[str, ...]
    conditions: Conditions
    apart: frozenset[Key] | None = None
    """Keys of the answer that keep a row of their own, the others being summed as `(other)`; None: all."""

    def grouping(self, scope: str) -> Callable[[Key], Key | None]:
        """The function from a stored row's key to its key in the answer, None where the filter drops it."""
        columns = key_columns(scope, self.page_dimension)
        implied = _implied(scope)
        known: dict[Key, Key | None] = {}

        def group_of(key: Key) -> Key | None:
            try:
                return known[key]
            except KeyError:
                named = implied | dict(zip(columns, key, strict=True))
                is_wanted = _matches(self.conditions, named)
                return known.setdefault(key, self._answered(named) if is_wanted else None)

        return group_of

    def _answered(self, named: Mapping[str, str]) -> Key:
        key = tuple(named[column] for column in self.key_columns)
        return key if self.apart is None or key in self.apart else (OTHER,) * len(key)


def answer_columns(dimension: str) -> tuple[str, ...]:
    """Key columns of an answer: those of scope ALL, so that callers always stand with their account."""
    return key_columns(ALL, dimension)


def choose_pages(
    usage_filter: UsageFilter,
    dimension: str,
    scopes: Callable[[], Iterable[Scope]],
    metadata_keys: Sequence[str],
) -> PageChoice:
    """The cheapest pages that answer the dimension under the filter; `scopes` is asked only where needed.

    UnsupportedCombination where no page holds both, or where the dimension is not kept.
    """
    _check_dimension(dimension, metadata_keys)
    columns = answer_columns(dimension)
    conditions = _conditions(usage_filter)
    tags = tuple(name for name, _ in conditions if name.startswith(TAG_PREFIX))
    for tag in tags:
        _check_dimension(tag, metadata_keys)
    needed = set(columns) | {column for name, _ in conditions for column in _condition_columns(name)}
    candidates = tuple(dict.fromkeys((dimension, *_NARROW, *tags)))
    in_all = _first_that_holds(ALL, candidates, needed)
    is_restricted = bool(usage_filter.accounts or usage_filter.regions)
    if in_all is not None and (not is_restricted or in_all == ACCOUNT):
        return PageChoice(scopes=(ALL,), page_dimension=in_all, key_columns=columns, conditions=conditions)
    example = "account#region"
    page_dimension = _first_that_holds(example, (*candidates, CUBE), needed)
    if page_dimension is None:
        raise UnsupportedCombination(_refusal(usage_filter, dimension))
    return PageChoice(
        scopes=tuple(scope.name for scope in scopes() if _is_selected(usage_filter, scope)),
        page_dimension=page_dimension,
        key_columns=columns,
        conditions=conditions,
    )


def _check_dimension(dimension: str, metadata_keys: Sequence[str]) -> None:
    keys = tuple(metadata_keys)
    known = {*dimensions_of(ALL, keys), CUBE}
    if dimension in known:
        return
    if dimension.startswith(TAG_PREFIX):
        kept = ", ".join(keys) if keys else "none"
        raise UnsupportedCombination(
            f"usage is not kept by metadata key {dimension.removeprefix(TAG_PREFIX)!r}; keys kept: {kept}"
        )
    raise UnsupportedCombination(f"no dimension {dimension!r}; there are {', '.join(sorted(known))}")


def _first_that_holds(scope: str, dimensions: Iterable[str], needed: set[str]) -> str | None:
    kept = {*dimensions_of(scope, ()), *(name for name in dimensions if name.startswith(TAG_PREFIX))}
    for dimension in dimensions:
        if dimension in kept and needed <= {*key_columns(scope, dimension), *_implied(scope)}:
            return dimension
    return None


def _implied(scope: str) -> dict[str, str]:
    if scope == ALL:
        return {}
    account_id, _, region = scope.partition("#")
    return {"account_id": account_id, "region": region}


def _conditions(usage_filter: UsageFilter) -> Conditions:
    conditions = ((name, getattr(usage_filter, name)) for name in _OF_CONDITION)
    keys = sorted({key for key, _ in usage_filter.metadata})
    tags = (
        (tag_dimension(key), frozenset(value for of, value in usage_filter.metadata if of == key))
        for key in keys
    )
    return tuple((name, values) for name, values in (*conditions, *tags) if values)


def _condition_columns(name: str) -> tuple[str, ...]:
    return (name,) if name.startswith(TAG_PREFIX) else _OF_CONDITION[name]


def _is_selected(usage_filter: UsageFilter, scope: Scope) -> bool:
    accounts, regions = usage_filter.accounts, usage_filter.regions
    return (not accounts or scope.account_id in accounts) and (not regions or scope.region in regions)


def _matches(conditions: Conditions, named: Mapping[str, str]) -> bool:
    for name, values in conditions:
        *_, column = _condition_columns(name)
        value = named[column]
        if value in values:
            continue
        if name != "callers" or f"{named['account_id']}/{value}" not in values:
            return False
    return True


def _refusal(usage_filter: UsageFilter, dimension: str) -> str:
    names = [name for name, _ in _conditions(usage_filter) if name not in ("accounts", "regions")]
    asked = " and ".join(
        f"metadata key {name.removeprefix(TAG_PREFIX)!r}" if name.startswith(TAG_PREFIX) else name
        for name in names
    )
    shown = {PROFILE: "application inference profiles"}.get(dimension, dimension)
    return (
        f"usage by {shown} is not kept together with a filter on {asked}; "
        f"what combines is {_COMBINABLE}; {_TAGS}"
    )
