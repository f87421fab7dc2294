"""What a deployment costs a month, from list prices and measured requests: `python -m scripts.running_cost`.

Writes the tables into docs/deploy.md. The reference sample (aleck31/bedrock-invocation-analytics) is priced
by the same method: it has the same stream, lake and queries, and DynamoDB transactions for each call in the
place of pages. Counts come from docs/benchmarks.md; what is assumed stands in `ASSUMPTIONS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Final

from scripts.list_prices import (
    ALARM,
    ATHENA,
    GET,
    LAMBDA_RUN,
    LAMBDA_TIME,
    LOGS,
    METRIC,
    PRICES,
    QUEUE,
    READ,
    SCHEDULE,
    STREAM,
    WRITE,
)

ROOT: Final = Path(__file__).parents[1]
DOCUMENT: Final = ROOT / "docs" / "deploy.md"
BENCHMARKS: Final = ROOT / "docs" / "benchmarks.md"
BEGIN: Final = "<!-- costs: written by scripts/running_cost.py -->"
END: Final = "<!-- end of costs -->"

VOLUMES: Final = (1_000_000, 10_000_000, 100_000_000)
"""Calls a month."""
DAYS: Final = 30
MINUTES: Final = DAYS * 24 * 60
MILLION: Final = Decimal(1_000_000)

CALLS_AN_OBJECT = 1_000
POLLERS, POLLS_A_MINUTE = 5, 3
QUEUE_REQUESTS_AN_OBJECT = 3
PARSE_GB, PARSE_OVERHEAD_SECONDS = Decimal(1), Decimal("0.3")
COMPUTE_GB, COMPUTE_SECONDS = Decimal("1.769"), Decimal(8)
RUN_MINUTES = 5
FULL_PROCESSOR_GB = Decimal("1.769")
STREAM_KB = 5
USAGE_BYTES, ARRIVAL_BYTES, FINGERPRINT_BYTES = 46, 7, 40
UNCOMPACTED = 2
KEPT_DAYS = 400
LEAST_READ_BYTES = 10_000_000
READ_UNITS_A_RUN = 25
OWN_METRICS = 8
ALARMS = 20
"""At most; a test counts those that are declared."""
LOG_BYTES_AN_OBJECT, LOG_BYTES_A_RUN = 1_000, 2_000

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of docs/benchmarks.md."""

    parsed_a_second: Decimal
    units_a_day: tuple[tuple[int, Decimal], ...]
    """(calls a day, write units a day) of one account with 20 callers and 6 models, ascending."""
    reference_units: Decimal
    """Write units that the reference makes for each call."""
    many: tuple[str, Decimal]
    """What a large organisation is, and the write units a day that its pages take."""

    def units(self, calls_a_day: Decimal) -> Decimal:
        """Write units a day at a rate: those measured at the next higher rate, which are no fewer."""
        return next(units for calls, units in self.units_a_day if calls >= calls_a_day)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of the bill: how it is computed, and what it is at a number of calls a month."""

    item: str
    formula: str
    usd: Callable[[int], Decimal]


def objects(calls: int) -> Decimal:
    """Log objects a month."""
    return max(Decimal(MINUTES), Decimal(calls) / CALLS_AN_OBJECT)


RUNS: Final = Decimal(MINUTES) / RUN_MINUTES


def _athena(queries: Decimal, rows: Decimal, bytes_a_row: int) -> Decimal:
    return queries * max(Decimal(LEAST_READ_BYTES), rows * bytes_a_row) / 10**12 * ATHENA.usd


def _compute_queries(calls: int) -> Decimal:
    rows = Decimal(calls) / DAYS / 2 * UNCOMPACTED
    return _athena(RUNS, rows, ARRIVAL_BYTES) + _athena(RUNS, rows, USAGE_BYTES)


def shared_lines(found: Measured) -> list[Line]:
    """What this project and the reference pay alike."""
    return [*_ingest_lines(found), *_compute_lines()]


def _ingest_lines(found: Measured) -> list[Line]:
    """From log objects to the stream."""
    return [
        Line(
            item="S3 and SQS: new objects",
            formula="objects x (1 GET + 3 requests) + polls",
            usd=lambda calls: (
                objects(calls) * GET.usd / MILLION
                + (objects(calls) * QUEUE_REQUESTS_AN_OBJECT + Decimal(POLLERS * POLLS_A_MINUTE * MINUTES))
                * QUEUE.usd
                / MILLION
            ),
        ),
        Line(
            item="Lambda: L1",
            formula="calls / rate x 1.769 GB + objects x (0.3 s x 1 GB + 1 request)",
            usd=lambda calls: (
                (
                    Decimal(calls) / found.parsed_a_second * FULL_PROCESSOR_GB
                    + objects(calls) * PARSE_OVERHEAD_SECONDS * PARSE_GB
                )
                * LAMBDA_TIME.usd
                + objects(calls) * LAMBDA_RUN.usd / MILLION
            ),
        ),
        Line(
            item="Firehose",
            formula="calls x 5 KB",
            usd=lambda calls: Decimal(calls * STREAM_KB) / 1024**2 * STREAM.usd,
        ),
    ]


def _compute_lines() -> list[Line]:
    """L2's questions and runs, and what all functions log."""
    return [
        Line(
            item="Athena: L2",
            formula="runs x max(10 MB, bytes), twice",
            usd=_compute_queries,
        ),
        Line(
            item="Lambda and schedule: L2",
            formula="runs x (8 s x 1.769 GB + 2 requests)",
            usd=lambda _: (
                RUNS * COMPUTE_SECONDS * COMPUTE_GB * LAMBDA_TIME.usd
                + RUNS * (LAMBDA_RUN.usd + SCHEDULE.usd) / MILLION
            ),
        ),
        Line(
            item="CloudWatch logs",
            formula="objects x 1 KB + runs x 2 KB",
            usd=lambda calls: (
                (objects(calls) * LOG_BYTES_AN_OBJECT + RUNS * LOG_BYTES_A_RUN) / 10**9 * LOGS.usd
            ),
        ),
    ]


def own_lines(found: Measured) -> list[Line]:
    """What this project pays besides: pages, nightly comparison, metrics."""
    return [
        Line(
            item="DynamoDB: pages",
            formula="write units a day, measured, x 30, and 25 read units a run",
            usd=lambda calls: (
                found.units(Decimal(calls) / DAYS) * DAYS * WRITE.usd / MILLION
                + RUNS * READ_UNITS_A_RUN * READ.usd / MILLION
            ),
        ),
        Line(
            item="Athena: every night",
            formula="30 x max(10 MB, 40 bytes x rows of 400 days)",
            usd=lambda calls: _athena(Decimal(DAYS), Decimal(calls) / DAYS * KEPT_DAYS, FINGERPRINT_BYTES),
        ),
        Line(
            item="CloudWatch metrics and alarms",
            formula=f"{OWN_METRICS} metrics, {ALARMS} alarms",
            usd=lambda _: OWN_METRICS * METRIC.usd + ALARMS * ALARM.usd,
        ),
    ]


def reference_line(found: Measured) -> Line:
    """What the reference pays besides."""
    return Line(
        item="DynamoDB: a transaction for each call",
        formula=f"calls x {found.reference_units} write units, measured",
        usd=lambda calls: Decimal(calls) * found.reference_units * WRITE.usd / MILLION,
    )


def monthly(lines: Sequence[Line], calls: int) -> Decimal:
    """Sum of lines in USD."""
    return sum((line.usd(calls) for line in lines), Decimal(0))


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
