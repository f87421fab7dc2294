"""What reads from the cache saved, to the right, and what writes to it cost more, to the left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.formats import UNKNOWN, usd, usd_in_detail
from bedrock_analytics.reporting.metrics import CacheSavings, cache_savings
from dashboard.figures.graph import middle_cut, plain_text, row_layout, row_texts
from dashboard.figures.usage_bars import HEIGHT, MOST_BARS, filter_meta, full_name
from dashboard.ranking import summed
from dashboard.theme import KIND_COLOURS
from dashboard.view_models import UsageRow

READS = KIND_COLOURS["cache_read"]
WRITES = KIND_COLOURS["cache_write_5m"]
_LONGEST_NAME = 34


def cached_rows(rows: Sequence[UsageRow], most: int = MOST_BARS) -> list[UsageRow]:
    """The rows with cached tokens by their net savings, the greatest first, and the others as one row."""
    cached = [row for row in rows if uses_cache(row.stats)]
    cached.sort(key=lambda row: (-abs(cache_savings(row.stats).net_usd or Decimal(0)), row.key))
    if len(cached) <= most + 1:
        return cached
    return [*cached[:most], summed(cached[most:])]


def uses_cache(stats: UsageStats) -> bool:
    """Whether any token was read from or written to the cache, as far as is known."""
    return stats.cache_read_tokens != 0 or stats.cache_write_tokens != 0


def cache_bars(
    rows: Sequence[UsageRow], colours: Mapping[str, str], template: dict[str, Any]
) -> dict[str, Any]:
    """Two bars for each row and the net at its end."""
    shown = cached_rows(rows)
    found = [cache_savings(row.stats) for row in shown]
    reads = [float(each.reads_usd or 0) for each in found]
    writes = [-float(each.writes_usd or 0) for each in found]
    data = [
        _bars("Saved by reads", reads, READS, shown, [each.reads_usd for each in found]),
        _bars("Extra cost of writes", writes, WRITES, shown, [each.writes_usd for each in found]),
    ]
    texts = row_texts([(_name(row, colours), _net(each)) for row, each in zip(shown, found, strict=True)])
    layout = row_layout(len(shown), 1, HEIGHT)
    layout["xaxis"] = layout["xaxis"] | {
        "range": [min(0.0, *writes, *reads), max(0.0, *reads, *writes) or 1.0],
        "zeroline": True,
    }
    return {
        "data": data,
        "layout": layout | {"template": template, "barmode": "relative", "annotations": texts},
    }


def _bars(
    name: str,
    lengths: Sequence[float],
    colour: str,
    rows: Sequence[UsageRow],
    amounts: Sequence[Decimal | None],
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "name": name,
        "x": list(lengths),
        "y": list(range(len(rows))),
        "marker": {"color": colour},
        "customdata": [
            [full_name(row), plain_text(usd_in_detail(amount))]
            for row, amount in zip(rows, amounts, strict=True)
        ],
        "hovertemplate": f"<b>%{{customdata[0]}}</b><br>{name}: %{{customdata[1]}}<extra></extra>",
        **filter_meta(rows),
    }


def _name(row: UsageRow, colours: Mapping[str, str]) -> str:
    swatch = f'<span style="color:{colours[row.colour_key]};font-size:17px">■</span> '
    chip = f"  <i>{plain_text(row.chip)}</i>" if row.chip else ""
    return f"{swatch}{plain_text(middle_cut(row.name, _LONGEST_NAME))}{chip}"


def _net(found: CacheSavings) -> str:
    return f"<b>{plain_text(net_text(found))}</b>"


def net_text(found: CacheSavings) -> str:
    """What was saved in the end: `saved $2.10`, `cost $0.40 more`, `—` where unknown."""
    net = found.net_usd
    if net is None:
        return UNKNOWN
    return f"cost {usd(-net)} more" if net < 0 else f"saved {usd(net)}"
