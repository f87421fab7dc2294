"""Usage over time as stacked bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from dashboard.figures.graph import base_layout, middle_cut, plain_text
from dashboard.figures.usage_bars import amount_text
from dashboard.measures import Measure, amount
from dashboard.ranges import bucket_end
from dashboard.theme import ACCENT
from dashboard.view_models import Series, UsageTrend

HEIGHT = 292
LEAD_HEIGHT = 132
INCOMPLETE_OPACITY = 0.45
_FORMATS = {
    Bucket.HALF_HOUR: "%a %d %b, %H:%M",
    Bucket.HOUR: "%a %d %b, %H:%M",
    Bucket.DAY: "%a %d %b %Y",
    Bucket.MONTH: "%B %Y",
}


def usage_trend(
    trend: UsageTrend, measure: Measure, colours: Mapping[str, str], template: dict[str, Any]
) -> dict[str, Any]:
    """Bars stacked by series; the buckets that are not over yet are drawn lighter."""
    data = [_bars(trend, series, measure, colours[series.colour_key]) for series in trend.series]
    data.insert(0, _totals(trend, measure, positions(trend)))
    layout = base_layout(HEIGHT) | {
        "template": template,
        "barmode": "stack",
        "bargap": 0.18 if len(trend.starts) < 60 else 0.06,
        "hovermode": "x unified",
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "tickformat": tick_format(trend.bucket),
            "hoverformat": "",
            "nticks": 12,
            "ticklabelstandoff": 4,
        },
        "yaxis": {"fixedrange": True, "nticks": 5, "rangemode": "tozero", **_money_axis(measure)},
    }
    return {"data": data, "layout": layout}


def _totals(trend: UsageTrend, measure: Measure, places: Sequence[str]) -> dict[str, Any]:
    """A line that is not seen: it tells the sum of a bucket when the pointer is on it."""
    amounts = [amount(measure, stats) for stats in trend.totals]
    return {
        "type": "scatter",
        "mode": "lines",
        "line": {"width": 0},
        "name": "<b>Total</b>",
        "x": list(places),
        "y": [None if value is None else float(value) for value in amounts],
        "customdata": [[amount_text(measure, value)] for value in amounts],
        "hovertemplate": "<b>%{customdata[0]}</b>",
        "meta": {"spans": bucket_spans(trend)},
    }


def lead_bars(trend: UsageTrend, template: dict[str, Any]) -> dict[str, Any]:
    """Estimated cost over time, small."""
    whole = Series(name="Estimated cost", colour_key="", values=trend.totals)
    bars = _bars(trend, whole, Measure.COST, ACCENT)
    bars["hovertemplate"] = "%{customdata[1]}<br><b>%{customdata[0]}</b><extra></extra>"
    layout = base_layout(LEAD_HEIGHT) | {
        "template": template,
        "bargap": 0.22 if len(trend.starts) < 60 else 0.06,
        "margin": {"l": 0, "r": 0, "t": 4, "b": 0},
        "xaxis": {
            "type": "date",
            "fixedrange": True,
            "showgrid": False,
            "nticks": 5,
            "tickformat": tick_format(trend.bucket),
        },
        "yaxis": {"fixedrange": True, "nticks": 3, "side": "right", "tickprefix": "$", "rangemode": "tozero"},
    }
    return {"data": [bars], "layout": layout}


def _bars(trend: UsageTrend, series: Series, measure: Measure, colour: str) -> dict[str, Any]:
    amounts = [amount(measure, stats) for stats in series.values]
    return {
        "type": "bar",
        "name": plain_text(middle_cut(series.name, 32)),
        "x": positions(trend),
        "y": [None if value is None else float(value) for value in amounts],
        "marker": {
            "color": colour,
            "opacity": [
                1 if index < trend.incomplete_from else INCOMPLETE_OPACITY for index in range(len(amounts))
            ],
        },
        "customdata": [
            [amount_text(measure, value), label]
            for value, label in zip(amounts, bucket_labels(trend), strict=True)
        ],
        "hovertemplate": "%{customdata[0]}",
        "meta": {"spans": bucket_spans(trend)},
    }


class Buckets(Protocol):
    """Something over time: the width of its buckets, and the start of each in the viewer's zone."""

    @property
    def bucket(self) -> Bucket: ...

    @property
    def starts(self) -> tuple[datetime, ...]: ...


class LocalBuckets(Buckets, Protocol):
    """Buckets cut in a zone."""

    @property
    def zone(self) -> ZoneInfo: ...


def positions(trend: Buckets) -> list[str]:
    """Where the bars stand: the local clock; buckets shorter than a day keep the first one's offset from
    UTC, so that the hour that a clock change repeats is not drawn upon its twin."""
    if trend.bucket in {Bucket.DAY, Bucket.MONTH} or not trend.starts:
        return [f"{start:%Y-%m-%dT00:00}" for start in trend.starts]
    offset = trend.starts[0].utcoffset() or timedelta(0)
    return [f"{_shifted(start, offset):%Y-%m-%dT%H:%M}" for start in trend.starts]


def _shifted(start: datetime, offset: timedelta) -> datetime:
    return start.replace(tzinfo=None) - (start.utcoffset() or timedelta(0)) + offset


def bucket_spans(trend: LocalBuckets) -> list[list[str]]:
    """Start and end (UTC) of each bucket: a click on its bar sets the range to it."""
    return [
        [
            start.astimezone(UTC).isoformat(),
            bucket_end(start, trend.bucket, trend.zone).isoformat(),
        ]
        for start in trend.starts
    ]


def bucket_names(buckets: Buckets) -> list[str]:
    """What each bucket is called, on the local clock; twins of a clock change with their offset's name."""
    names = [f"{start:{_FORMATS[buckets.bucket]}}" for start in buckets.starts]
    often = Counter(names)
    return [
        f"{name} {start:%Z}" if often[name] > 1 else name
        for name, start in zip(names, buckets.starts, strict=True)
    ]


def bucket_labels(trend: UsageTrend) -> list[str]:
    """What each bucket is called, and whether it is not over yet."""
    labels = bucket_names(trend)
    return [
        f"{label} (not over yet)" if index >= trend.incomplete_from else label
        for index, label in enumerate(labels)
    ]


def tick_format(bucket: Bucket) -> str:
    return {Bucket.DAY: "%-d %b", Bucket.MONTH: "%b %Y"}.get(bucket, "%H:%M\n%-d %b")


def _money_axis(measure: Measure) -> dict[str, Any]:
    return {"tickprefix": "$", "tickformat": ",~r"} if measure is Measure.COST else {"tickformat": "~s"}


def spark_values(values: Sequence[UsageStats], read: Any) -> list[float | None]:
    """A measure of each bucket as plain numbers."""
    return [None if (value := read(stats)) is None else float(value) for stats in values]
