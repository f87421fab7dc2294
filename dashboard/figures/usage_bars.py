"""Usage by the values of a dimension as horizontal bars, and as a ring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bedrock_analytics.domain.dimensions import OTHER
from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.figures.graph import base_layout, middle_cut, plain_text
from dashboard.measures import KIND_LABELS, KINDS, Measure, amount, kind_amount
from dashboard.number_text import UNKNOWN, compact, exact, share, usd, usd_exact
from dashboard.theme import KIND_COLOURS
from dashboard.view_models import UsageRow

MOST_BARS = 7
HEIGHT = 340
_LONGEST_NAME = 26
_LEAST_BARS = 5


def top_rows(rows: Sequence[UsageRow], measure: Measure, most: int = MOST_BARS) -> list[UsageRow]:
    """The greatest rows by a measure and the others summed as Other, so that the sum stays."""
    ranked = sorted(rows, key=lambda row: (-(amount(measure, row.stats) or 0), row.key))
    ranked = [row for row in ranked if amount(measure, row.stats)]
    if len(ranked) <= most + 1:
        return ranked
    rest = UsageStats()
    for row in ranked[most:]:
        rest.merge(row.stats)
    left = len(ranked) - most
    other = UsageRow(key=(OTHER,), name="Other", detail=f"{left} more", chip="", colour_key=OTHER, stats=rest)
    return [*ranked[:most], other]


def usage_bars(
    rows: Sequence[UsageRow], measure: Measure, colours: Mapping[str, str], template: dict[str, Any]
) -> dict[str, Any]:
    """Bars of the greatest rows; cost and tokens are split by token kind."""
    shown = top_rows(rows, measure)
    split = measure in {Measure.COST, Measure.TOKENS}
    data = _kind_bars(shown, measure) if split else [_plain_bars(shown, measure, colours)]
    values = [float(amount(measure, row.stats) or 0) for row in shown]
    data.append(_end_labels(shown, measure, values))
    layout = base_layout(HEIGHT) | {
        "template": template,
        "barmode": "stack",
        "bargap": 0.42,
        "showlegend": split,
        "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        "margin": {"l": 8, "r": 16, "t": 34, "b": 8},
        "xaxis": {"range": [0, max(values, default=1) * 1.22 or 1], "showticklabels": False, "fixedrange": True},
        "yaxis": {
            "showgrid": False,
            "fixedrange": True,
            "tickmode": "array",
            "tickvals": list(range(len(shown))),
            "ticktext": [_tick(row, colours) for row in shown],
            "range": [max(len(shown), _LEAST_BARS) - 0.4, -0.6],
        },
    }
    return {"data": data, "layout": layout}


def _kind_bars(rows: Sequence[UsageRow], measure: Measure) -> list[dict[str, Any]]:
    bars = []
    for kind in KINDS:
        amounts = [kind_amount(measure, kind, row.stats) for row in rows]
        if not any(amounts):
            continue
        bars.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": KIND_LABELS[kind],
                "x": [float(value or 0) for value in amounts],
                "y": list(range(len(rows))),
                "marker": {"color": KIND_COLOURS[kind]},
                "customdata": [
                    [full_name(row), amount_text(measure, value), amount_text(measure, amount(measure, row.stats))]
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
        "customdata": [[full_name(row), amount_text(measure, amount(measure, row.stats))] for row in rows],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
    }


def _end_labels(rows: Sequence[UsageRow], measure: Measure, values: Sequence[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "text",
        "x": list(values),
        "y": list(range(len(rows))),
        "text": [f" {plain_text(short_text(measure, row.stats))}" for row in rows],
        "textposition": "middle right",
        "cliponaxis": False,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _tick(row: UsageRow, colours: Mapping[str, str]) -> str:
    colour = colours.get(row.colour_key)
    swatch = f'<span style="color:{colour}">■</span> ' if colour else ""
    chip = f"  <i>{plain_text(row.chip)}</i>" if row.chip else ""
    return f"{swatch}{plain_text(middle_cut(row.name, _LONGEST_NAME))}{chip} "


def full_name(row: UsageRow) -> str:
    """Name, word and second line of a row, as Plotly draws them."""
    return plain_text(" · ".join(part for part in (row.name, row.chip, row.detail) if part))


def usage_ring(
    rows: Sequence[UsageRow], measure: Measure, colours: Mapping[str, str], template: dict[str, Any]
) -> dict[str, Any]:
    """A ring of the greatest rows with the whole in its middle."""
    shown = top_rows(rows, measure)
    amounts = [Decimal(amount(measure, row.stats) or 0) for row in shown]
    whole = sum(amounts, Decimal(0))
    ring = {
        "type": "pie",
        "hole": 0.68,
        "sort": False,
        "direction": "clockwise",
        "labels": _legend_texts(shown, amounts, whole),
        "values": [float(value) for value in amounts],
        "marker": {"colors": [colours[row.colour_key] for row in shown]},
        "textinfo": "none",
        "domain": {"x": [0, 0.4], "y": [0.06, 0.94]},
        "customdata": [
            [full_name(row), amount_text(measure, value), share(value, whole)]
            for row, value in zip(shown, amounts, strict=True)
        ],
        "hovertemplate": "<b>%{customdata[0]}</b><br>%{customdata[1]} · %{customdata[2]}<extra></extra>",
    }
    middle = {
        "text": f"<b>{plain_text(whole_text(measure, shown))}</b>",
        "font": {"size": 17},
        "x": 0.2,
        "y": 0.5,
        "xanchor": "center",
        "showarrow": False,
    }
    legend = {"x": 0.46, "y": 0.5, "yanchor": "middle", "itemclick": False, "itemdoubleclick": False}
    layout = {"template": template, "showlegend": True, "legend": legend, "annotations": [middle]}
    return {"data": [ring], "layout": base_layout(HEIGHT) | layout}


def _legend_texts(rows: Sequence[UsageRow], amounts: Sequence[Decimal], whole: Decimal) -> list[str]:
    """A legend text for each row; invisible spaces keep rows apart that read the same."""
    texts = []
    for index, (row, value) in enumerate(zip(rows, amounts, strict=True)):
        name = plain_text(middle_cut(row.name, 22))
        chip = f" <i>{plain_text(row.chip)}</i>" if row.chip else ""
        texts.append(f"{name}{chip}  <b>{plain_text(share(value, whole))}</b>" + "\u200b" * index)
    return texts


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
    text = usd_exact(Decimal(value)) if measure is Measure.COST else exact(int(value))
    return plain_text(text)


def short_text(measure: Measure, stats: UsageStats) -> str:
    """The measure in short, marked where it is only a lower bound or unknown."""
    value = amount(measure, stats)
    if measure is not Measure.COST:
        return compact(None if value is None else int(value))
    return cost_text(stats)


def cost_text(stats: UsageStats) -> str:
    """Cost to the cent: `≥` where some calls have no price, `—` where none has."""
    cost = stats.total_list_cost_usd
    if not stats.unpriced_invocation_count:
        return usd(cost)
    return f"≥ {usd(cost)}" if cost else UNKNOWN
