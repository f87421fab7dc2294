"""The values that a filter offers: those of the range, dearest first, by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.filters import ACCOUNT, CALLER, META, MODEL, OPERATION, REGION, ROUTE, Filters
from dashboard.queries import Queries
from dashboard.view_models import Question, UsageRow

MOST_CHOICES = 80
_FIELDS = {
    ACCOUNT.name: "accounts",
    REGION.name: "regions",
    MODEL.name: "models",
    ROUTE.name: "routes",
    CALLER.name: "callers",
    OPERATION.name: "operations",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChoice:
    """A value that a filter may take, with its name and a second line."""

    value: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChoices:
    """The first choices of a filter that fit a search, and how many there are in all."""

    choices: tuple[FilterChoice, ...]
    count: int


def filter_choices(queries: Queries, question: Question, kind: str, search: str = "") -> FilterChoices:
    """The values of a filter in the question's range, under its other filters where these combine."""
    found = _accounts_or_regions(queries, kind) if kind in {ACCOUNT.name, REGION.name} else None
    if found is None:
        found = _of_rows(_rows(queries, question, kind))
    wanted = search.strip().casefold()
    fitting = [each for each in found if wanted in f"{each.name} {each.detail} {each.value}".casefold()]
    return FilterChoices(choices=tuple(fitting[:MOST_CHOICES]), count=len(fitting))


def without(filters: Filters, kind: str) -> Filters:
    """The filters but those of one kind."""
    if kind.startswith(META):
        key = kind.removeprefix(META)
        return replace(filters, metadata=frozenset(pair for pair in filters.metadata if pair[0] != key))
    return replace(filters, **{_FIELDS[kind]: frozenset()})


def _accounts_or_regions(queries: Queries, kind: str) -> list[FilterChoice]:
    found = queries.accounts() if kind == ACCOUNT.name else queries.regions()
    return [
        FilterChoice(value=each.value, name=each.name, detail=each.value if each.name != each.value else "")
        for each in found
    ]


def _rows(queries: Queries, question: Question, kind: str) -> tuple[UsageRow, ...]:
    others = without(question.filters, kind)
    try:
        return queries.usage_by(replace(question, filters=others), kind).rows
    except UnsupportedCombination:
        plain = Filters(accounts=others.accounts, regions=others.regions)
        return queries.usage_by(replace(question, filters=plain), kind).rows


def _of_rows(rows: Iterable[UsageRow]) -> list[FilterChoice]:
    """The rows' filters, each once, dearest first."""
    stats: dict[str, UsageStats] = {}
    named: dict[str, FilterChoice] = {}
    for row in rows:
        if row.filter is None:
            continue
        value = row.filter[1]
        stats.setdefault(value, UsageStats()).merge(row.stats)
        named.setdefault(value, FilterChoice(value=value, name=row.name, detail=row.detail))
    ranked = sorted(named, key=lambda value: (-stats[value].total_list_cost_usd, named[value].name))
    return [named[value] for value in ranked]
