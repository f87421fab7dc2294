"""Usage by the values of a dimension as horizontal bars, and as a ring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bedrock_analytics.domain.dimensions import OTHER
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import UNKNOWN, compact, cost, exact, usd_in_detail
from bedrock_analytics.reporting.metrics import cost_of
from dashboard.figures.graph import base_layout, middle_cut, plain_text, row_layout, row_texts
from dashboard.measures import KIND_LABELS, KINDS, Measure, amount, kind_amount
from dashboard.phrases import share
from dashboard.theme import KIND_COLOURS
from dashboard.view_models import UsageRow

MOST_BARS = 7
HEIGHT = 340
ROW_HEIGHT = 42
_LONGEST_NAME = 34


def top_rows(rows: Sequence[UsageRow], measure: Measure, most: int = MOST_BARS) -> list[UsageRow]:
    """The greatest rows by a measure and the others summed as Other, so that the sum stays."""
    ranked = sorted(rows, key=lambda row: (-(amount(measure, row.stats) or 0), row.key))
    ranked = [row for row in ranked if amount(measure, row.stats) or _is_unpriced(row, measure)]
    if len(ranked) <= most + 1:
        return ranked
    rest = UsageStats()
    for row in ranked[most:]:
        rest.merge(row.stats)
    left = len(ranked) - most
    other = UsageRow(key=(OTHER,), name="Other", detail=f"{left} more", chip="", colour_key=OTHER, stats=rest)
    return [*ranked[:most], other]


def _is_unpriced(row: UsageRow, measure: Measure) -> bool:
    return measure is Measure.COST and row.stats.unpriced_invocation_count > 0


def usage_bars(
    rows: Sequence[UsageRow],
    measure: Measure,
    colours: Mapping[str, str],
    template: dict[str, Any],
    most: int = MOST_BARS,
) -> dict[str, Any]:
    """Bars of the greatest rows, `most` of them and Other; cost and tokens are split by token kind."""
    shown = top_rows(rows, measure, most)
    data = _kind_bars(shown, measure) if is_split(measure) else [_plain_bars(shown, measure, colours)]
    whole = sum((Decimal(amount(measure, row.stats) or 0) for row in rows), Decimal(0))
    greatest = max((float(amount(measure, row.stats) or 0) for row in shown), default=1)
    texts = row_texts([(_row_name(row, colours), _row_value(row, measure, whole)) for row in shown])
    layout = row_layout(len(shown), greatest, bars_height(len(shown)))
    return {
        "data": data,
        "layout": layout | {"template": template, "barmode": "stack", "annotations": texts},
    }


def bars_height(rows: int) -> int:
    """Height of the chart of so many bars, pixels."""
    return max(HEIGHT, rows * ROW_HEIGHT)


def is_split(measure: Measure) -> bool:
    """Whether a measure consists of token kinds."""
    return measure in {Measure.COST, Measure.TOKENS}


def shown_kinds(rows: Sequence[UsageRow], measure: Measure) -> list[str]:
    """The kinds of tokens that any row has."""
    return [kind for kind in KINDS if any(kind_amount(measure, kind, row.stats) for row in rows)]


def _kind_bars(rows: Sequence[UsageRow], measure: Measure) -> list[dict[str, Any]]:
    bars = []
    for kind in shown_kinds(rows, measure):
        amounts = [kind_amount(measure, kind, row.stats) for row in rows]
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": KIND_LABELS[kind],
                "x": [float(value or 0) for value in amounts],
                "y": list(range(len(rows))),
                "marker": {"color": KIND_COLOURS[kind]},
                **filter_meta(rows),
                "customdata": [
                    [
                        full_name(row),
                        amount_text(measure, value),
                        amount_text(measure, amount(measure, row.stats)),
                    ]
                    for row, value in zip(rows, amounts, strict=True)
                ],
                "hovertemplate": "<b>%{customdata[0]}</b><br>"
                + KIND_LABELS[kind]
                + ": %{customdata[1]}<br>Total: %{customdata[2]}<extra></extra>",
            }
        )
    return bars


def _plain_bars(rows: Sequence[UsageRow], measure: Measure, colours: Mapping[str, str]) -> dict[str, Any]:
    amounts = [amount(measure, row.stats) for row in rows]
    return {
        "type": "bar",
        "orientation": "h",
        "name": "",
        "x": [float(value or 0) for value in amounts],
        "y": list(range(len(rows))),
        "marker": {"color": [colours[row.colour_key] for row in rows]},
        **filter_meta(rows),
        "customdata": [[full_name(row), amount_text(measure, amount(measure, row.stats))] for row in rows],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
    }


def filter_meta(rows: Sequence[UsageRow]) -> dict[str, Any]:
    """The part of a trace by which a click on the mark of a row adds its filter."""
    kinds = [row.filter[0] for row in rows if row.filter is not None]
    values = ["" if row.filter is None else row.filter[1] for row in rows]
    return {"meta": {"filter": kinds[0], "values": values}} if kinds else {}


def _row_name(row: UsageRow, colours: Mapping[str, str]) -> str:
    swatch = f'<span style="color:{colours[row.colour_key]};font-size:17px">■</span> '
    chip = f"  <i>{plain_text(row.chip)}</i>" if row.chip else ""
    return f"{swatch}{plain_text(middle_cut(row.name, _LONGEST_NAME))}{chip}"


def _row_value(row: UsageRow, measure: Measure, whole: Decimal) -> str:
    part = share(amount(measure, row.stats), whole)
    return f"<b>{plain_text(short_text(measure, row.stats))}</b>  {plain_text(part)}"


def full_name(row: UsageRow) -> str:
    """Name, word and second line of a row, as Plotly draws them."""
    return plain_text(" · ".join(part for part in (row.name, row.chip, row.detail) if part))


def usage_ring(
    rows: Sequence[UsageRow],
    measure: Measure,
    colours: Mapping[str, str],
    template: dict[str, Any],
    most: int = MOST_BARS,
) -> dict[str, Any]:
    """A ring of the greatest rows, `most` of them and Other, with the whole in its middle."""
    shown = top_rows(rows, measure, most)
    amounts = [Decimal(amount(measure, row.stats) or 0) for row in shown]
    whole = sum(amounts, Decimal(0))
    ring = {
        "type": "pie",
        "hole": 0.68,
        "sort": False,
        "direction": "clockwise",
        "labels": list(range(len(shown))),
        "values": [float(value) for value in amounts],
        "marker": {"colors": [colours[row.colour_key] for row in shown]},
        "textinfo": "none",
        **filter_meta(shown),
        "customdata": [
            [full_name(row), amount_text(measure, value), share(value, whole)]
            for row, value in zip(shown, amounts, strict=True)
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]} · %{customdata[2]}<extra></extra>",
    }
    middle = {
        "text": f"<b>{plain_text(whole_text(measure, rows))}</b>",
        "font": {"size": 17},
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
    }
    return {
        "data": [ring],
        "layout": base_layout(HEIGHT) | {"template": template, "annotations": [middle]},
    }


def whole_text(measure: Measure, rows: Sequence[UsageRow]) -> str:
    """The sum of the rows in short."""
    total = UsageStats()
    for row in rows:
        total.merge(row.stats)
    return short_text(measure, total)


def amount_text(measure: Measure, value: Decimal | int | None) -> str:
    """An amount in full, as Plotly draws it."""
    if value is None:
        return UNKNOWN
    text = usd_in_detail(Decimal(value)) if measure is Measure.COST else exact(int(value))
    return plain_text(text)


def short_text(measure: Measure, stats: UsageStats) -> str:
    """The measure in short, marked where it is only a lower bound or unknown."""
    value = amount(measure, stats)
    if measure is not Measure.COST:
        return compact(None if value is None else int(value))
    return cost_text(stats)


def cost_text(stats: UsageStats) -> str:
    """Cost to the cent: `≥` where some calls have no price, `—` where none has.

    What unknown lifetimes of cache writes could add is told in words, not as a range.
    """
    figure = cost_of(stats)
    return cost(replace(figure, upper_usd=figure.list_usd))
