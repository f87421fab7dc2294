"""The first rows of a dimension and the remainder, so that every column of a table adds up."""

from __future__ import annotations

from collections.abc import Sequence

from bedrock_analytics.domain.dimensions import OTHER
from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.cost_models import RankedRows
from dashboard.measures import Measure, amount
from dashboard.view_models import UsageRow

TOP = ("5", "10", "25", "50")
"""How many rows a person may ask for."""


def ranked(rows: Sequence[UsageRow], measure: Measure, most: int) -> RankedRows:
    """The `most` greatest rows by a measure; all others, those without any amount too, are the remainder.

    A single row beyond is shown instead of a remainder of one.
    """
    ordered = sorted(rows, key=lambda row: (-(amount(measure, row.stats) or 0), -_calls(row), row.key))
    if len(ordered) <= most + 1:
        return RankedRows(rows=tuple(ordered), remainder=None)
    return RankedRows(rows=tuple(ordered[:most]), remainder=summed(ordered[most:]))


def summed(rows: Sequence[UsageRow]) -> UsageRow:
    """Rows as one remainder."""
    rest = UsageStats()
    for row in rows:
        rest.merge(row.stats)
    return UsageRow(
        key=(OTHER, "remainder"),
        name="Other",
        detail=f"{len(rows)} more",
        chip="",
        colour_key=OTHER,
        stats=rest,
    )


def _calls(row: UsageRow) -> int:
    return row.stats.invocations or 0
