"""What a deployment itself costs a month on AWS, from list prices and measured requests.

docs/deploy.md prints it for three volumes beside the reference sample, with what is assumed; the dashboard
shows it at the calls of the last days.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bedrock_analytics.reporting.aws_list_prices import (
    ALARM,
    ATHENA,
    GET,
    LAMBDA_RUN,
    LAMBDA_TIME,
    LOGS,
    METRIC,
    QUEUE,
    READ,
    SCHEDULE,
    STREAM,
    WRITE,
)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Figures of docs/benchmarks.md, which `scripts/running_cost.py` reads there."""

    parsed_a_second: Decimal
    units_a_day: tuple[tuple[int, Decimal], ...]
    """(calls a day, write units a day) of one account with 20 callers and 6 models, ascending."""
    reference_units: Decimal
    """Write units that the reference makes for each call."""
    many: tuple[str, Decimal]
    """What a large organisation is, and the write units a day that its pages take."""

    def units(self, calls_a_day: Decimal) -> Decimal:
        """Write units a day at a rate: those measured at the next higher rate, which are no fewer; beyond the
        highest, in proportion."""
        for calls, units in self.units_a_day:
            if calls >= calls_a_day:
                return units
        most, units = self.units_a_day[-1]
        return units * calls_a_day / most


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


MEASURED: Final = Measured(
    parsed_a_second=Decimal(19_934),
    units_a_day=((100_000, Decimal(13_466)), (10_000_000, Decimal(14_933))),
    reference_units=Decimal(18),
    many=("", Decimal(988_568)),
)
"""Benchmarks of 2026-11-24, for an estimate where the document is not at hand."""


def own_cost(calls: int) -> Decimal:
    """USD a month for so many calls a month, of one account with 20 callers and 6 models."""
    return monthly([*shared_lines(MEASURED), *own_lines(MEASURED)], calls)
