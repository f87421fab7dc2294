"""What usage costs at the prices of now, computed from the lake without writing anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from bedrock_analytics.domain.dimensions import NONE
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.price_subject import may_mean
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.jobs.usage_folding import group_stats
from bedrock_analytics.storage.lake import EventLake, UsageGroup, UsageQuery

CHUNK = timedelta(days=7)
"""How much of the lake one query groups."""


@dataclass(frozen=True, slots=True)
class Recomputed:
    """Usage by canonical model as pages name it, at the prices of now."""

    models: dict[str, UsageStats] = field(default_factory=dict)
    concerned: set[str] = field(default_factory=set)
    """Models of which some call may be priced as the model that was asked for."""


def recompute(
    lake: EventLake,
    book: EffectivePriceBook,
    span: Span,
    *,
    model_id: str | None = None,
    account_id: str | None = None,
) -> Recomputed:
    """Usage of a span on hours, of one account or all; `model_id` decides what is `concerned`."""
    found = Recomputed()
    for part in _parts(span):
        query = UsageQuery(
            spans=(part,),
            context_thresholds=book.thresholds(),
            price_instants=book.instants(part.start, part.end),
        )
        for group in lake.usage(query):
            if group.rejection is None and account_id in {None, group.account_id}:
                _add(found, group, group_stats(group, query, book), book, model_id)
    return found


def _add(
    found: Recomputed, group: UsageGroup, stats: UsageStats, book: EffectivePriceBook, model_id: str | None
) -> None:
    key = group.model_id if group.model_id is not None else NONE
    found.models.setdefault(key, UsageStats()).merge(stats.without_histograms())
    if model_id is None or any(may_mean(name, model_id) for name in _names(group, book)):
        found.concerned.add(key)


def _names(group: UsageGroup, book: EffectivePriceBook) -> Iterator[str]:
    """Every name that a group's calls go by."""
    names = (
        group.model_id,
        group.logged_model_id,
        group.response_model_id,
        group.profile_model_id,
        group.inference_profile_arn,
    )
    for name in filter(None, names):
        yield name
        if name in book.profiles:
            yield book.profiles[name]


def _parts(span: Span) -> Iterator[Span]:
    for number in range(-((span.start - span.end) // CHUNK)):
        start = span.start + number * CHUNK
        yield Span(start, min(start + CHUNK, span.end))
