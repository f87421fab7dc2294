"""Reports of the command line: rows, order, totals and the three formats."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console

from bedrock_analytics.domain.errors import ConfigurationError, UnsupportedCombination
from bedrock_analytics.domain.usage_stats import UsageStats, sum_money
from bedrock_analytics.reporting.report_formats import csv_text, json_text, report_table
from bedrock_analytics.reporting.usage_filter import UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.reporting.usage_report import ReportBy, ReportRow, UsageReport, make_report
from tests.unit.reporting.written_usage import Call, WrittenUsage, total_of, utc

NOW = utc("2026-11-24 10:10")
VIENNA = ZoneInfo("Europe/Vienna")
RANGE = UsageFilter(start=utc("2026-11-18"), end=NOW, zone=VIENNA)
CALLS = [
    Call(ts=utc("2026-10-31 23:30"), cost=Decimal("9")),
    Call(ts=utc("2026-11-20 23:30"), cost=Decimal("0.1")),
    Call(ts=utc("2026-11-21 05:00"), model_id="meta.llama", region="eu-west-1", cost=Decimal("0.25")),
    Call(ts=utc("2026-11-24 09:00"), account_id="222222222222", team="ads", cost=Decimal("0.0000001")),
    Call(ts=utc("2026-11-24 10:05"), caller="app/worker", operation="InvokeModel", cost=Decimal("0.1")),
]
INSIDE = CALLS[1:]


def report(by: str, usage_filter: UsageFilter = RANGE) -> UsageReport:
    usage = WrittenUsage(now=NOW, closed_through=date(2026, 11, 23))
    usage.write(CALLS)
    return make_report(UsageReader(usage.table, lambda: usage.now), by, usage_filter)


ROWS = {
    "model": [("meta.llama", "global"), ("anthropic.claude-sonnet-4", "global")],
    "caller": [("111111111111", "user/ana"), ("111111111111", "app/worker"), ("222222222222", "user/ana")],
    "account": [("111111111111",), ("222222222222",)],
    "region": [("eu-west-1",), ("us-east-1",)],
    "operation": [("Converse",), ("InvokeModel",)],
    "route": [("global",)],
    "tag:team": [("search",), ("ads",)],
    "day": [("2026-11-21",), ("2026-11-24",)],
    "hour": [
        ("2026-11-21T00:00+01:00",),
        ("2026-11-21T06:00+01:00",),
        ("2026-11-24T10:00+01:00",),
        ("2026-11-24T11:00+01:00",),
    ],
    "month": [("2026-11",)],
}


@pytest.mark.parametrize("by", ROWS)
def test_a_report_has_the_dearest_or_the_earliest_first_and_adds_up(by: str) -> None:
    found = report(by)
    assert [row.key for row in found.rows] == ROWS[by]
    assert found.total.without_histograms() == total_of(INSIDE).without_histograms()
    assert sum_money(row.stats.total_list_cost_usd for row in found.rows) == Decimal("0.4500001")
    assert (found.revision, found.data_up_to) == (1, NOW)


def test_every_kind_of_report_is_tried() -> None:
    assert {*ReportBy, "tag:team"} == set(ROWS)


def test_a_month_is_the_viewer_s_own() -> None:
    found = report("month", replace(RANGE, start=utc("2026-09-30 22:00")))
    assert [(row.key, row.stats.invocations) for row in found.rows] == [(("2026-11",), 5)]


def test_filters_restrict_a_report() -> None:
    found = report("day", replace(RANGE, callers=frozenset({"app/worker"})))
    assert [(row.key, row.stats.total_list_cost_usd) for row in found.rows] == [
        (("2026-11-24",), Decimal("0.1"))
    ]


def test_an_unknown_report_is_refused_with_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match="no report by 'colour'; there are model, caller"):
        report("colour")


def test_a_report_that_pages_do_not_hold_is_refused() -> None:
    with pytest.raises(UnsupportedCombination):
        report("tag:team", replace(RANGE, models=frozenset({"meta.llama"})))


def test_json_holds_exact_decimals_as_text() -> None:
    document = json.loads(json_text(report("model")))
    assert document["range"] == {
        "start": "2026-11-18T00:00:00+00:00",
        "end": "2026-11-24T10:10:00+00:00",
        "zone": "Europe/Vienna",
    }
    assert document["total"]["list_cost_usd"] == "0.4500001"
    assert [row["list_cost_usd"] for row in document["rows"]] == ["0.25", "0.2000001"]
    first = document["rows"][0]
    assert (first["model_id"], first["route"], first["invocations"]) == ("meta.llama", "global", 1)
    assert (first["input_cost_usd"], first["cost_completeness"], first["average_latency_ms"]) == (
        "0.25",
        "complete",
        1200.0,
    )
    assert (document["revision"], document["notes"]) == (1, [])


def one_row(key: tuple[str, ...], stats: UsageStats) -> UsageReport:
    return UsageReport(
        by="caller",
        key_columns=("account_id", "caller"),
        usage_filter=RANGE,
        rows=(ReportRow(key, stats),),
        total=stats,
        revision=1,
        data_up_to=None,
        notes=("A note.",),
    )


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_csv_cell_starts_a_formula(start: str) -> None:
    text = csv_text(one_row(("1", f"{start}HYPERLINK(1)"), UsageStats()))
    header, row = csv.reader(io.StringIO(text, newline=""))
    assert header[:3] == ["account_id", "caller", "invocations"]
    assert row[1] == f"'{start}HYPERLINK(1)"


def test_csv_leaves_what_is_unknown_empty_and_other_text_as_it_is() -> None:
    text = csv_text(one_row(("1", 'user/"ana", x=1'), UsageStats(invocations=None)))
    header, row = csv.reader(io.StringIO(text, newline=""))
    found = dict(zip(header, row, strict=True))
    assert (found["caller"], found["invocations"], found["list_cost_usd"]) == ('user/"ana", x=1', "", "0")


def printed(found: UsageReport) -> str:
    console = Console(width=160, file=io.StringIO(), color_system=None)
    with console.capture() as capture:
        console.print(report_table(found))
    return capture.get()


def test_a_table_ends_with_the_total_and_the_notes() -> None:
    text = printed(
        one_row(("1", "[red]ana"), UsageStats(invocations=2_345, list_cost_usd={"input": Decimal("13875.1")}))
    )
    assert "[red]ana" in text
    assert text.count("$13,875.10") == 2
    assert "Total" in text
    assert "A note." in text


def test_a_table_says_what_is_not_priced_and_what_stands_in_for_tpot() -> None:
    stats = UsageStats(
        invocations=2, list_cost_usd={"input": Decimal(1)}, unpriced_invocations={"no_rate_card": 1}
    )
    stats.latency_per_output_token_us.record(20_000)
    text = printed(one_row(("1", "ana"), stats))
    assert "≥ $1.00" in text
    assert "1 call is not priced in full" in text
    assert "20 ms*" in text
    assert "* latency ÷ output tokens" in text
