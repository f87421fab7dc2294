"""Sums over many usage pages, column by column, without making an object of each stored row.

A fold is what `decode_rows` and `UsageStats.merge` give together, at about half the time and a tenth of
the memory: a view of 90 days with 500 callers reads 45,000 rows to show 500.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Generic, TypeVar

from bedrock_analytics.domain.histogram import ZERO_BUCKET, Distribution
from bedrock_analytics.domain.usage_stats import COUNTERS, MONEY, UsageStats
from bedrock_analytics.storage.page_codec import Document, decode_document, row_count

G = TypeVar("G", bound=Hashable)
Key = tuple[str, ...]


class PageFold(Generic[G]):
    """Sums of rows by (part, group).

    The group of a row follows from its key, its part (such as the bar of a chart) from its half-hour slot.
    """

    def __init__(self, *, histograms: bool = True) -> None:
        """Without histograms, distributions keep count, sum, least and greatest only."""
        self._histograms = histograms
        self.rows: dict[tuple[int, G], UsageStats] = {}

    def add(self, data: bytes, group_of: Callable[[Key], G | None], parts: Sequence[int | None]) -> None:
        """Add the rows of an encoded document; PageError where it is damaged.

        `parts` has the part of each slot of the page's period. Rows whose part or group is None are left
        out.
        """
        document = decode_document(data, histograms=self._histograms)
        targets = self._targets(document, group_of, parts)
        wanted = [(index, target) for index, target in enumerate(targets) if target is not None]
        if wanted:
            _add_counters(document, wanted)
            _add_counts(document, targets)
            _add_money(document, targets)
            _add_distributions(document, targets, histograms=self._histograms)

    def _targets(
        self, document: Document, group_of: Callable[[Key], G | None], parts: Sequence[int | None]
    ) -> list[UsageStats | None]:
        size = row_count(document)
        keys = zip(*document.keys, strict=True) if document.keys else iter([()] * size)
        groups = map(group_of, keys)
        slots = document.slots if isinstance(document.slots, list) else [document.slots] * size
        return [
            None if group is None or (part := parts[slot]) is None else self._row(part, group)
            for group, slot in zip(groups, slots, strict=True)
        ]

    def _row(self, part: int, group: G) -> UsageStats:
        found = self.rows.get((part, group))
        if found is None:
            found = self.rows[part, group] = UsageStats()
        return found


def _add_counters(document: Document, wanted: Sequence[tuple[int, UsageStats]]) -> None:
    for name in COUNTERS:
        column = document.counters.get(name)
        if column == 0:
            continue
        for index, target in wanted:
            value = column[index] if isinstance(column, list) else column
            if value == 0:
                continue
            mine = getattr(target, name)
            setattr(target, name, None if mine is None or value is None else mine + value)


def _add_counts(document: Document, targets: Sequence[UsageStats | None]) -> None:
    for name, counts_by_key in document.count_maps.items():
        for key, (indexes, counts) in counts_by_key.items():
            for index, count in zip(indexes, counts, strict=True):
                if (target := targets[index]) is not None:
                    sums = getattr(target, name)
                    sums[key] = sums.get(key, 0) + count


def _add_money(document: Document, targets: Sequence[UsageStats | None]) -> None:
    for name, amounts_by_kind in document.money_maps.items():
        for kind, (indexes, amounts) in amounts_by_kind.items():
            for index, amount in zip(indexes, amounts, strict=True):
                if (target := targets[index]) is not None:
                    money = getattr(target, name)
                    mine = money.get(kind)
                    money[kind] = Decimal(amount) if mine is None else MONEY.add(mine, Decimal(amount))
    for index, amount in zip(*document.cost_upper_usd, strict=True):
        if (target := targets[index]) is not None:
            target.cost_upper_usd = MONEY.add(target.cost_upper_usd, Decimal(amount))


def _add_distributions(document: Document, targets: Sequence[UsageStats | None], *, histograms: bool) -> None:
    for name, (indexes, *columns, stored) in document.distributions.items():
        kept: Sequence[Sequence[int] | None] = (stored if histograms else None) or [None] * len(indexes)
        for index, count, total, least, greatest, histogram in zip(indexes, *columns, kept, strict=True):
            if (target := targets[index]) is not None:
                _add_distribution(getattr(target, name), count, total, least, greatest, histogram)


def _add_distribution(
    into: Distribution,
    count: int,
    total: int,
    least: int,
    greatest: int,
    histogram: Sequence[int] | None,
) -> None:
    if not count:
        return
    if not into.count and histogram is None:
        into.buckets = None
    into.count += count
    into.sum += total
    into.min = least if into.min is None or least < into.min else into.min
    into.max = greatest if into.max is None or greatest > into.max else into.max
    if histogram is None:
        into.buckets = None
    elif (buckets := into.buckets) is not None:
        zeros, first, *counts = histogram
        if zeros:
            buckets[ZERO_BUCKET] = buckets.get(ZERO_BUCKET, 0) + zeros
        for bucket, held in enumerate(counts, first):
            if held:
                buckets[bucket] = buckets.get(bucket, 0) + held
