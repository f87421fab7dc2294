"""Every number of every page equals the report and what the raw log lines add up to, to the last decimal."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.lake_reader import FROM_LAKE
from bedrock_analytics.reporting.usage_report import make_report
from dashboard.widgets.no_cost import NO_PRICE
from tests.fakes.asked_app import File, grid_of
from tests.truth.conftest import Office, command
from tests.truth.questions import CHANGES, Asked, asked
from tests.truth.raw_calls import UNPRICED, RawCall
from tests.truth.raw_sums import KINDS, Sums, bucket_of, sums_by, times, total_of

FEW = settings(
    max_examples=8,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
KIND_TITLES = dict(
    zip(KINDS, ("Input", "Output", "Cache read", "Cache write 5m", "Cache write 1h"), strict=True)
)
ROUTES = {"regional": "in-region"}
SPLITS: dict[str, tuple[str, Callable[[RawCall], tuple[str, ...]]]] = {
    "model": ("Model", lambda call: (call.model, ROUTES.get(call.route, call.route))),
    "caller": ("Caller", lambda call: (call.caller, call.account)),
    "account": ("Account", lambda call: (call.account,)),
    "route": ("Route", lambda call: (ROUTES.get(call.route, call.route),)),
    "tag": ("Value", lambda call: (call.team.replace("(none)", "Not set"),)),
}
"""By breakdown of the cost page: the title of its names, and what tells its rows apart."""
CLOCKS_CHANGE = Asked(
    start=CHANGES[0] - timedelta(hours=25),
    end=CHANGES[0] + timedelta(hours=23),
    zone="Europe/Vienna",
    wanted={},
)
COMBINED = Asked(
    start=CHANGES[1] - timedelta(days=6),
    end=CHANGES[1] + timedelta(hours=20),
    zone="America/St_Johns",
    wanted={"account": ("111122223333", "444455556666"), "team": ("shop", "(none)")},
)
"""A metadata key beside another dimension: no usage page holds it, so the lake is asked."""


def drawn(draw: st.DataObject, office: Office) -> Asked:
    return draw.draw(asked(office.now))


def exact(row: Mapping[str, Any], column: str) -> Decimal:
    return Decimal(row[column] if row[column] is not None else 0)


def check_row(row: Mapping[str, Any], sums: Sums) -> None:
    """A row of usage by a dimension shows these sums."""
    assert exact(row, "Est. cost") == sums.cost
    assert (row["Invocations"], row["Tokens"]) == (sums.calls, sums.all_tokens)
    assert (row["Failed"], row["Unpriced calls"]) == (sums.failed, sums.unpriced)
    for kind, title in KIND_TITLES.items():
        assert (exact(row, f"{title} $"), row[title]) == (sums.costs[kind], sums.tokens[kind])
    if "Discount" in row:
        assert exact(row, "Discount") == sums.discount
        assert exact(row, "After discount") == sums.cost - sums.discount


def check_adds_up(file: File, columns: Iterable[str]) -> None:
    """The rows and the remainder add up to the total in every column."""
    for column in columns:
        parts = sum((exact(row, column) for row in file.parts), Decimal(0))
        assert parts == exact(file.total, column), column


def numbers(file: File) -> list[str]:
    """Columns that add up."""
    known = ["Est. cost", "Invocations", "Tokens", "Failed", "Unpriced calls", "Discount", "After discount"]
    kinds = itertools.chain(*((title, f"{title} $") for title in KIND_TITLES.values()))
    return [name for name in (*known, *kinds) if name in file.total]


def check_bars(
    rows: Iterable[Mapping[str, Any]], column: str, expected: Mapping[datetime, Sums], measure: str
) -> None:
    """The bars of a trend that are not empty, in order."""
    found = [exact(row, column) for row in rows if exact(row, column)]
    assert found == [
        value for _, sums in sorted(expected.items()) if (value := Decimal(sums.measured(measure)))
    ]


def by_bar(calls: list[RawCall], wanted: Asked) -> dict[datetime, Sums]:
    begin = bucket_of(wanted.end - wanted.start, ZoneInfo(wanted.zone))
    return sums_by(calls, lambda call: begin(call.ts))


@FEW
@given(draw=st.data())
def test_the_overview(office: Office, draw: st.DataObject) -> None:
    wanted = drawn(draw, office)
    calls, question = wanted.of(office.calls), office.app.question(wanted.address)
    whole = total_of(calls)
    for name in ("model", "caller"):
        file = office.app.file(name, question)
        if not calls:
            assert file is None
            continue
        assert file is not None
        title, key = SPLITS[name]
        expected = sums_by(calls, key)
        assert {_name(row, title, name) for row in file.rows} == set(expected)
        for row in file.rows:
            check_row(row, expected[_name(row, title, name)])
        check_row(file.total, whole)
        check_adds_up(file, numbers(file))
    by, measure = (
        draw.draw(st.sampled_from(["model", "caller", "account"])),
        draw.draw(st.sampled_from(["cost", "tokens", "invocations", "errors"])),
    )
    trend = office.app.file("trend", question, trend_by=by, trend_measure=measure)
    if trend is None:
        assert not whole.measured(measure)
    else:
        check_bars(trend.rows, "Total", by_bar(calls, wanted), measure)
        for row in (*trend.rows, *trend.totals):
            parts = sum((exact(row, name) for name in row if name not in {"Time", "Total"}), Decimal(0))
            assert parts == exact(row, "Total")
        assert exact(trend.total, "Total") == whole.measured(measure)


def _name(row: Mapping[str, Any], title: str, split: str) -> tuple[str, ...]:
    """What tells a row of a breakdown apart."""
    if split == "model":
        return (row["Model id"], row["Model route"])
    if split == "caller":
        return (row["Caller"], row["Caller id"])
    if split == "account":
        return (row.get("Account id") or row["Account"],)
    return (row[title],)


@FEW
@given(draw=st.data())
@example(draw=CLOCKS_CHANGE).via("the 25 hours of a day in Vienna")
@example(draw=COMBINED).via("a combination that the lake answers")
def test_cost_and_usage(office: Office, draw: st.DataObject | Asked) -> None:
    wanted = draw if isinstance(draw, Asked) else drawn(draw, office)
    calls, question = wanted.of(office.calls), office.app.question(wanted.address)
    whole = total_of(calls)
    for split, (title, key) in SPLITS.items():
        controls = {f"cost-{split}-top": "5", "cost-tag-key": "team"}
        file = office.app.file(f"cost-{split}", question, **controls)
        if not calls:
            assert file is None
            continue
        assert file is not None
        expected = sums_by(calls, key)
        assert len(file.rows) == (len(expected) if len(expected) <= 6 else 5)
        for row in file.rows:
            check_row(row, expected[_name(row, title, split)])
        if len(expected) > 6:
            shown = {_name(row, title, split) for row in file.rows}
            check_row(file.totals[0], total_of(call for call in calls if key(call) not in shown))
        check_row(file.total, whole)
        check_adds_up(file, numbers(file))
        _check_report(office, wanted, split, file)
    _check_kinds_cache_and_map(office, wanted, calls, question)


def _check_report(office: Office, wanted: Asked, split: str, file: File) -> None:
    """`report` says the same, where it answers."""
    try:
        report = make_report(office.reader, split.replace("tag", "tag:team"), wanted.usage_filter)
    except UnsupportedCombination:
        assert FROM_LAKE in file.notes
        return
    assert report.total.total_list_cost_usd == exact(file.total, "Est. cost")
    assert _counts(report.total) == (file.total["Invocations"], file.total["Tokens"], file.total["Failed"])
    costs = sorted(row.stats.total_list_cost_usd for row in report.rows)
    if len(file.totals) == 1:
        assert costs == sorted(exact(row, "Est. cost") for row in file.rows)


def _counts(stats: UsageStats) -> tuple[int | None, int | None, int]:
    return stats.invocations, stats.total_tokens, stats.error_count


def _check_kinds_cache_and_map(
    office: Office, wanted: Asked, calls: list[RawCall], question: dict[str, Any]
) -> None:
    whole = total_of(calls)
    kinds = office.app.file("cost-kind", question)
    if kinds is not None:
        found = {row["Kind"]: (exact(row, "Est. cost"), row["Tokens"]) for row in kinds.rows}
        for kind, title in KIND_TITLES.items():
            assert found.get(title, (Decimal(0), 0)) == (whole.costs[kind], whole.tokens[kind])
        check_adds_up(kinds, ("Est. cost", "Tokens"))
    cache = office.app.file("cost-cache", question)
    if cache is not None:
        assert exact(cache.total, "Tokens read") == whole.tokens["cache_read"]
        written = whole.tokens["cache_write_5m"] + whole.tokens["cache_write_1h"]
        assert exact(cache.total, "Tokens written") == written
        check_adds_up(cache, ("Net saved", "Tokens read", "Tokens written", "Saved by reads"))
    heat = office.app.file("cost-map", question)
    if heat is not None:
        check_bars(heat.rows, "Total", by_bar(calls, wanted), "cost")
        assert exact(heat.total, "Total") == whole.cost


@FEW
@given(draw=st.data())
def test_performance(office: Office, draw: st.DataObject) -> None:
    wanted = drawn(draw, office)
    calls, question = wanted.of(office.calls), office.app.question(wanted.address)
    for timing in ("latency", "ttft", "tpot"):
        file = office.app.file(f"performance-{timing}", question)
        if file is None:
            assert not calls
            continue
        by_model = sums_by(calls, SPLITS["model"][1])
        assert {(row["Name id"], row["Name route"]) for row in file.rows} == set(by_model)
        for row in file.rows:
            key = (row["Name id"], row["Name route"])
            _check_times(row, timing, [call for call in calls if SPLITS["model"][1](call) == key])
        _check_times(file.total, timing, calls)
    served = office.app.file("performance-served", question)
    assert (served.total["Invocations"] if served else 0) == len(calls)


def _check_times(row: Mapping[str, Any], timing: str, calls: list[RawCall]) -> None:
    """Least, average and greatest; what is kept of times per token is whole microseconds."""
    told = times(calls, timing)
    if timing == "tpot" and not told:
        return  # latency ÷ output tokens stands in, and is marked
    assert row["Calls measured"] == len(told)
    if told:
        near = pytest.approx
        assert row["Average"] == near(sum(told) / len(told), abs=0.001)
        assert (row["Least"], row["Greatest"]) == (near(min(told), abs=0.001), near(max(told), abs=0.001))


@FEW
@given(draw=st.data())
def test_reliability(office: Office, draw: st.DataObject) -> None:
    wanted = drawn(draw, office)
    calls, question = wanted.of(office.calls), office.app.question(wanted.address)
    failed = [call for call in calls if call.error]
    codes = office.app.file("reliability-code", question)
    if codes is None:
        assert not failed
    else:
        expected = sums_by(failed, lambda call: call.error)
        assert {row["Error code"]: row["Failed calls"] for row in codes.rows} == {
            code: sums.calls for code, sums in expected.items()
        }
        assert codes.total["Failed calls"] == len(failed)
    for name in ("model", "caller"):
        file = office.app.file(f"reliability-{name}", question)
        if file is not None:
            title, key = SPLITS[name]
            expected_rows = sums_by(failed, key)
            assert {_name(row, title, name): row["Failed calls"] for row in file.rows} == {
                each: sums.calls for each, sums in expected_rows.items()
            }
            assert (file.total["Failed calls"], file.total["Invocations"]) == (len(failed), len(calls))
    trend = office.app.file("reliability-trend", question)
    if trend is not None:
        check_bars(trend.rows, "Failed calls", by_bar(calls, wanted), "errors")
        check_bars(trend.rows, "Invocations", by_bar(calls, wanted), "invocations")
    lines = [
        line
        for line in office.rejections
        if wanted.start <= line.ts < wanted.end
        and line.account in wanted.wanted.get("account", (line.account,))
        and line.region in wanted.wanted.get("region", (line.region,))
    ]
    rejected = office.app.file("reliability-rejected", question)
    assert (rejected.total["Lines"] if rejected else 0) == len(lines)


LISTS = (
    Asked(
        start=CHANGES[0] - timedelta(hours=20),
        end=CHANGES[0] + timedelta(hours=12),
        zone="Europe/Vienna",
        wanted={},
    ),
    Asked(
        start=CHANGES[1] - timedelta(hours=130),
        end=CHANGES[1] + timedelta(hours=20),
        zone="America/St_Johns",
        wanted={"account": ("444455556666",), "team": ("shop", "search")},
    ),
)


@pytest.mark.parametrize("wanted", LISTS, ids=["a day with 25 hours", "an account's teams"])
@pytest.mark.parametrize("order", ["newest", "dearest"])
def test_the_list_of_requests_and_its_receipts_add_up_to_the_cost_page(
    office: Office, wanted: Asked, order: str
) -> None:
    question, calls = office.app.question(wanted.address), wanted.of(office.calls)
    rows: list[dict[str, Any]] = []
    places: list[Any] = []
    while True:
        controls = {"requests-order": order, "requests-after": _document(places)}
        page = office.app.file("requests-list", question, **controls)
        assert page is not None
        rows += page.rows
        answer = office.app.view("requests-list", question, "table", **controls)
        following = answer["requests-following"]["data"]
        if following is None:
            break
        places.append(following)
    costs = {call.request_id: total_of([call]) for call in calls}
    assert len(rows) == len(calls) > 50
    assert {row["Request id"] for row in rows} == set(costs)
    for row in rows:
        sums = costs[row["Request id"]]
        assert (
            row["Est. cost"] is None
            if sums.unpriced
            else exact(row, "Est. cost") == sums.cost - sums.discount
        )
        assert exact(row, "Input") == sums.tokens["input"]
    total = office.app.file("cost-account", question)
    assert total is not None
    listed = sum((exact(row, "Est. cost") for row in rows), Decimal(0))
    assert listed == exact(total.total, "After discount" if "After discount" in total.total else "Est. cost")
    ordered = [exact(row, "Est. cost") for row in rows if row["Est. cost"] is not None]
    if order == "dearest" and not any(sums.discount for sums in costs.values()):
        assert ordered == sorted(ordered, reverse=True)
    if order == "newest":
        assert [row["Time"] for row in rows] == sorted((row["Time"] for row in rows), reverse=True)


def _document(places: list[Any]) -> str:
    return json.dumps(places)


@pytest.mark.parametrize("look", ["chart", "pie"])
@pytest.mark.parametrize(
    "panel", ["model", "caller", "cost-model", "cost-caller", "cost-account", "cost-route"]
)
def test_bars_and_rings_hold_the_whole(office: Office, panel: str, look: str) -> None:
    calls, question = CLOCKS_CHANGE.of(office.calls), office.app.question(CLOCKS_CHANGE.address)
    answer = office.app.view(panel, question, look, **{f"{panel}-top": "5"})
    figure = answer[f'{{"panel":"{panel}","type":"graph"}}']["figure"]
    values = [value for trace in figure["data"] for value in trace.get("values", trace.get("x"))]
    assert sum(values) == pytest.approx(float(total_of(calls).cost), rel=1e-12)
    if panel.startswith("cost") and look == "pie":
        assert len(figure["data"][0]["values"]) <= 6


def test_the_month_so_far_is_the_days_of_the_zone(office: Office) -> None:
    zone = ZoneInfo("Asia/Kolkata")
    file = office.app.file("cost-month", office.app.question("range=7d&zone=Asia/Kolkata"))
    assert file is not None
    month = datetime.now(UTC).astimezone(zone)
    calls = [call for call in office.calls if call.ts.astimezone(zone).strftime("%Y%m") == f"{month:%Y%m}"]
    whole = total_of(calls)
    days = sums_by(calls, lambda call: f"{call.ts.astimezone(zone):%a %-d %b %Y}")
    for row in file.rows:
        sums = days.pop(row["Day"].removesuffix(" (not over yet)"), Sums())
        assert (exact(row, "Est. cost"), row["Invocations"]) == (sums.cost - sums.discount, sums.calls)
    assert days == {}
    assert exact(file.total, "Est. cost") == whole.cost - whole.discount
    assert exact(file.rows[-1], "Month so far") == whole.cost - whole.discount


@pytest.mark.parametrize(
    ("by", "title"), [("model", "Model"), ("caller", "Caller"), ("account", "Account"), ("tag:team", "Value")]
)
def test_the_command_report_prints_what_the_page_shows(office: Office, by: str, title: str) -> None:
    wanted = replace(CLOCKS_CHANGE, wanted={"region": ("us-east-1", "ap-south-1")})
    ends = ("--since", wanted.start.isoformat(), "--until", wanted.end.isoformat(), "--zone", wanted.zone)
    regions = ("--region", "us-east-1", "--region", "ap-south-1")
    printed = json.loads(
        command("report", "--data-dir", str(office.data), "--by", by, "--json", *ends, *regions)
    )
    question = office.app.question(wanted.address)
    panel = f"cost-{by.partition(':')[0]}"
    file = office.app.file(panel, question, **{f"{panel}-top": "50", "cost-tag-key": "team"})
    assert file is not None
    whole = total_of(wanted.of(office.calls))
    assert Decimal(printed["total"]["list_cost_usd"]) == exact(file.total, "Est. cost") == whole.cost
    assert printed["total"]["invocations"] == file.total["Invocations"] == whole.calls
    assert [Decimal(row["list_cost_usd"]) for row in printed["rows"]] == [
        exact(row, "Est. cost") for row in file.rows
    ]


def test_a_day_of_25_hours_has_a_bar_for_each_of_them(office: Office) -> None:
    day = Asked(
        start=datetime(2025, 10, 25, 22, tzinfo=UTC),
        end=datetime(2025, 10, 26, 23, tzinfo=UTC),
        zone="Europe/Vienna",
        wanted={},
    )
    trend = office.app.file("trend", office.app.question(day.address), trend_measure="invocations")
    assert trend is not None
    labels = [row["Time"] for row in trend.rows]
    assert len(set(labels)) == len(labels) == 25
    expected = by_bar(day.of(office.calls), day)
    assert [row["Total"] for row in trend.rows] == [
        expected.get(day.start + timedelta(hours=hour), Sums()).calls for hour in range(25)
    ]


def test_usage_without_a_price_never_costs_zero_dollars(office: Office) -> None:
    alone = replace(CLOCKS_CHANGE, wanted={"model": (UNPRICED,)})
    question = office.app.question(alone.address)
    assert total_of(alone.of(office.calls)).unpriced > 0
    for panel in ("model", "caller", "kind", "cost-model", "cost-caller", "cost-account", "cost-kind"):
        answer = grid_of(office.app.view(panel, question, "table"), panel)
        (*_, total) = answer["dashGridOptions"]["pinnedBottomRowData"]
        assert (total["cost"], total["cost_text"]) == (None, "—")
        used = [row for row in answer["rowData"] if row["tokens"]]
        assert {row["cost_text"] for row in used} == {"—"}
        assert {
            row[f"{kind}_cost_text"] for row in used for kind in ("input", "output") if "calls" in row
        } <= {"—"}
    for panel in ("cost-map", "trend"):
        assert NO_PRICE in json.dumps(office.app.view(panel, question, "chart"))
    whole = office.app.view("cost-kind", office.app.question(CLOCKS_CHANGE.address), "table")
    assert grid_of(whole, "cost-kind")["dashGridOptions"]["pinnedBottomRowData"][0]["cost_text"].startswith(
        "≥ $"
    )
