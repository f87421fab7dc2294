"""What a deployment costs a month, from list prices and measured requests: `python -m scripts.running_cost`.

Writes the tables into docs/deploy.md. The reference sample (aleck31/bedrock-invocation-analytics) is priced
by the same method: it has the same stream, lake and queries, and DynamoDB transactions for each call in the
place of pages. Counts come from docs/benchmarks.md; what is assumed stands in `ASSUMPTIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

from bedrock_analytics.reporting.aws_list_prices import PRICES, WRITE
from bedrock_analytics.reporting.running_cost import (
    ALARMS,
    ARRIVAL_BYTES,
    CALLS_AN_OBJECT,
    COMPUTE_GB,
    COMPUTE_SECONDS,
    DAYS,
    FINGERPRINT_BYTES,
    KEPT_DAYS,
    LOG_BYTES_A_RUN,
    LOG_BYTES_AN_OBJECT,
    MILLION,
    OWN_METRICS,
    PARSE_OVERHEAD_SECONDS,
    POLLERS,
    POLLS_A_MINUTE,
    QUEUE_REQUESTS_AN_OBJECT,
    READ_UNITS_A_RUN,
    RUN_MINUTES,
    STREAM_KB,
    UNCOMPACTED,
    USAGE_BYTES,
    Measured,
    monthly,
    own_lines,
    reference_line,
    shared_lines,
)

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = ROOT / "docs" / "deploy.md"
BENCHMARKS: Final = ROOT / "docs" / "benchmarks.md"
BEGIN: Final = "<!-- costs: written by scripts/running_cost.py -->"
END: Final = "<!-- end of costs -->"

VOLUMES: Final = (1_000_000, 10_000_000, 100_000_000)
"""Calls a month."""

ASSUMPTIONS: Final = (
    (
        f"One account and Region. Bedrock writes a log object a minute, or one for {CALLS_AN_OBJECT:,} calls "
        "where that is more."
    ),
    (
        "L1 reads calls at the measured rate on one processor (1.769 GB), and spends "
        f"{PARSE_OVERHEAD_SECONDS} s more on each object; {POLLERS} pollers ask its queue "
        f"{POLLS_A_MINUTE} times a minute, and an object takes {QUEUE_REQUESTS_AN_OBJECT} requests."
    ),
    f"A row on the stream is at most {STREAM_KB} KB, to which Firehose rounds up.",
    (
        f"L2 runs every {RUN_MINUTES} minutes, always finds something new, and waits: {COMPUTE_SECONDS} s at "
        f"{COMPUTE_GB} GB. Each run asks two questions: which rows arrived ({ARRIVAL_BYTES} bytes a row), "
        f"and usage by group ({USAGE_BYTES}), each over half a day's rows, at {UNCOMPACTED} times that "
        "because fresh files are small."
    ),
    (
        f"Each night, {FINGERPRINT_BYTES} bytes of every row of {KEPT_DAYS} days are read, as after a year "
        "and more of running. (Bytes a row: measured on 43,027 rows of the demo's lake, zstd.)"
    ),
    (
        f"L2 and a dashboard read {READ_UNITS_A_RUN} units a run. {OWN_METRICS} metrics, {ALARMS} alarms; "
        f"{LOG_BYTES_AN_OBJECT:,} bytes of log an object and {LOG_BYTES_A_RUN:,} a run."
    ),
    (
        "Events of S3 on EventBridge are free. Not counted, because it is the same in both: storage of logs "
        "and lake, and S3 Tables' maintenance. No free tier is deducted. The reference's functions wait for "
        "14 DynamoDB calls an event; that time is not counted either, in its favour."
    ),
)


def measured(text: str) -> Measured:
    """The figures; ValueError where the document does not have them."""
    parsed = re.search(r"^\| L1 \| .*?([\d,]+) events/s \|", text, re.MULTILINE)
    rows = re.findall(
        r"^\| ([\d,]+) \| 1 \| 20 \| 6 \| 6 \| [\d.]+ \| [\d.]+ \| (\d+) \| \S+ \| ([\d,]+) \|",
        text,
        re.MULTILINE,
    )
    many = re.findall(
        r"^\| ([\d,]+) \| (\d+) \| (\d+) \| (\d+) \| \d+ \| .*? \| ([\d,]+) \| [\d.]+ \|$", text, re.MULTILINE
    )
    if parsed is None or not rows or not many:
        raise ValueError(
            f"{BENCHMARKS.name} lacks what L1 reads a second, or what L2 writes: run `make bench`"
        )
    return Measured(
        parsed_a_second=_number(parsed[1]),
        units_a_day=tuple(sorted((int(_number(calls)), _number(units)) for calls, _, units in rows)),
        reference_units=_number(rows[0][1]),
        many=_greatest(many),
    )


def _greatest(rows: list[tuple[str, ...]]) -> tuple[str, Decimal]:
    calls, scopes, callers, models, units = max(rows, key=lambda row: _number(row[-1]))
    what = f"{calls} calls a day, {scopes} account-Regions, {models} models, {callers} callers in each"
    return what, _number(units)


def _number(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def costs_text(found: Measured) -> str:
    """The section as Markdown: the bill, the reference's, prices and assumptions."""
    shared, own, theirs = shared_lines(found), own_lines(found), reference_line(found)
    heads = " | ".join(f"{calls // 1_000_000} million calls" for calls in VOLUMES)
    lines = [
        f"| USD a month | how | {heads} |",
        "| --- | --- | " + " | ".join("---:" for _ in VOLUMES) + " |",
        *(_row(line.item, line.formula, line.usd) for line in (*shared, *own)),
        _row("**This project**", "sum", lambda calls: monthly([*shared, *own], calls)),
        _row(theirs.item, f"reference: {theirs.formula}", theirs.usd),
        _row(
            "**Reference**",
            "the first six lines and this one",
            lambda calls: monthly([*shared, theirs], calls),
        ),
        "",
        _many_text(found),
        "",
        "List prices of us-east-1, in USD:",
        "",
        *(f"- {price.usd} for a {price.unit} ({price.source})" for price in PRICES),
        "",
        "What is taken for given:",
        "",
        *(f"- {text}" for text in ASSUMPTIONS),
    ]
    return "\n".join(lines)


def _many_text(found: Measured) -> str:
    """What pages cost where there are many of them."""
    what, units = found.many
    usd = cents(units * DAYS * WRITE.usd / MILLION)
    return (
        f"Many accounts, models and callers make more pages. With {what}, "
        f"[benchmarks](benchmarks.md) measure {units:,} write units a day: {usd:,} USD a month."
    )


def _row(item: str, formula: str, usd: Callable[[int], Decimal]) -> str:
    cells = " | ".join(f"{cents(usd(calls)):,}" for calls in VOLUMES)
    return f"| {item} | {formula} | {cells} |"


def cents(usd: Decimal) -> Decimal:
    """An amount rounded to the cent."""
    return usd.quantize(Decimal("0.01"), ROUND_HALF_UP)


def with_costs(document: str, benchmarks: str) -> str:
    """The document with the costs between its two marks; ValueError where a mark is missing."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} lacks the marks around the costs")
    return f"{before}{BEGIN}\n{costs_text(measured(benchmarks))}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_costs(DOCUMENT.read_text("utf-8"), BENCHMARKS.read_text("utf-8")), "utf-8")
