"""Answers of the usage reader on pages written by hand, against sums of the calls one by one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bedrock_analytics.domain.dimensions import (
    ACCOUNT,
    CALLER,
    CUBE,
    MODEL,
    OPERATION,
    OTHER,
    PROFILE,
    ROUTE,
    TOTAL,
)
from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.domain.usage_stats import DISTRIBUTIONS, UsageStats
from bedrock_analytics.reporting.page_cache import PageCache, PageKey, Pages
from bedrock_analytics.reporting.usage_filter import Bucket, Greatest, TrendDetail, UsageFilter
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import Checkpoint
from tests.unit.reporting.written_usage import TEAM, Call, WrittenUsage, sums_by, total_of, utc

NOW = utc("2026-11-24 10:10")
UTC_ZONE = ZoneInfo("UTC")
KOLKATA = ZoneInfo("Asia/Kolkata")
OTHER_ACCOUNT = "222222222222"


def between(
    start: str, end: str, zone: ZoneInfo = UTC_ZONE, where: Mapping[str, set[str]] | None = None
) -> UsageFilter:
    conditions = {name: frozenset(values) for name, values in (where or {}).items()}
    return UsageFilter(
        start=utc(start),
        end=utc(end),
        zone=zone,
        accounts=conditions.get("accounts", frozenset()),
        regions=conditions.get("regions", frozenset()),
        models=conditions.get("models", frozenset()),
        routes=conditions.get("routes", frozenset()),
        callers=conditions.get("callers", frozenset()),
        operations=conditions.get("operations", frozenset()),
    )


def reader_of(usage: WrittenUsage) -> UsageReader:
    return UsageReader(usage.table, lambda: usage.now, pause=lambda _: None)


def written(
    *calls: Call, closed_through: str = "2026-11-23", retention: Retention | None = None
) -> WrittenUsage:
    usage = WrittenUsage(
        now=NOW,
        closed_through=date.fromisoformat(closed_through),
        retention=retention or Retention(),
    )
    usage.write(calls)
    return usage


class SlowCache(PageCache):
    """A cache that is slow, so that several threads find it empty; it counts the sets of pages kept."""

    kept = 0

    def valid(self, keys: Iterable[PageKey], checkpoint: Checkpoint) -> Pages:
        found = super().valid(keys, checkpoint)
        time.sleep(0.05)
        return found

    def commit(self, checkpoint: Checkpoint, pages: Pages) -> None:
        self.kept += bool(pages)
        super().commit(checkpoint, pages)


def plain(stats: UsageStats) -> UsageStats:
    return stats.without_histograms()


MIXED = [
    Call(ts=utc("2026-11-20 00:00"), cost=Decimal("0.1")),
    Call(ts=utc("2026-11-20 18:29"), model_id="meta.llama", route="us", cost=Decimal("0.02")),
    Call(ts=utc("2026-11-20 18:30"), caller="app/worker", cost=Decimal("0.003")),
    Call(ts=utc("2026-11-22 23:59"), account_id=OTHER_ACCOUNT, team="ads", cost=Decimal("0.0004")),
    Call(ts=utc("2026-11-23 05:00"), region="eu-west-1", operation="InvokeModel", cost=Decimal("0.00005")),
    Call(ts=utc("2026-11-24 09:59"), account_id=OTHER_ACCOUNT, model_id="meta.llama", cost=Decimal("0.6")),
    Call(ts=utc("2026-11-24 10:05"), cost=Decimal("7")),
]


@pytest.mark.parametrize("dimension", [TOTAL, MODEL, CALLER, ROUTE, OPERATION, PROFILE, ACCOUNT, TEAM])
def test_a_breakdown_sums_whole_days_and_the_open_day(dimension: str) -> None:
    found = reader_of(written(*MIXED)).breakdown(between("2026-11-20", "2026-11-25"), dimension)
    assert found.rows == sums_by(MIXED, lambda call: call.key("ALL", dimension))
    assert found.total == total_of(MIXED)
    assert found.notes == ()
    assert found.revision == 1


def test_a_breakdown_cuts_closed_days_at_the_half_hour_with_their_histograms() -> None:
    found = reader_of(written(*MIXED)).breakdown(between("2026-11-20 18:30", "2026-11-23 05:30"), MODEL)
    assert found.total == total_of(MIXED[2:5])
    assert found.total.latency_ms.percentile(0.5) is not None


def test_where_hourly_pages_are_past_their_retention_a_cut_day_has_no_percentiles() -> None:
    usage = written(*MIXED, retention=Retention(hourly_days=1))
    found = reader_of(usage).breakdown(between("2026-11-20 18:30", "2026-11-23 05:30"), MODEL)
    assert plain(found.total) == plain(total_of(MIXED[2:5]))
    assert found.total.latency_ms.percentile(0.5) is None


def test_hourly_pages_that_lag_behind_a_closed_day_lend_no_histograms() -> None:
    usage = written(*MIXED[:3])
    late = Call(ts=utc("2026-11-20 18:40"), caller="app/worker", latency_ms=90)
    usage.calls.append(late)
    day = [page for page in usage.pages_of([date(2026, 11, 20)]) if page.granularity.value != "HOURLY"]
    usage.writer.put_pages(day)
    usage.put_checkpoint([date(2026, 11, 20)])
    found = reader_of(usage).breakdown(between("2026-11-20 18:30", "2026-11-21"), CALLER)
    assert plain(found.total) == plain(total_of([MIXED[2], late]))
    assert found.total.latency_ms.percentile(0.5) is None


def test_a_range_up_to_now_holds_the_half_hour_that_is_running() -> None:
    found = reader_of(written(*MIXED)).breakdown(between("2026-11-24 10:00", "2026-11-24 10:10"), TOTAL)
    assert found.total == total_of(MIXED[6:])


def test_a_range_that_ends_inside_a_past_half_hour_is_cut_before_it_and_says_so() -> None:
    found = reader_of(written(*MIXED)).breakdown(between("2026-11-20", "2026-11-20 18:45"), TOTAL)
    assert found.total == total_of(MIXED[:2])
    assert any("half hour" in note for note in found.notes)


def test_a_zone_at_a_quarter_of_an_hour_is_cut_at_the_half_hour_and_says_so() -> None:
    kathmandu = ZoneInfo("Asia/Kathmandu")
    found = reader_of(written(*MIXED)).trend(
        between("2026-11-20 18:15", "2026-11-24 18:15", kathmandu), Bucket.DAY, TOTAL
    )
    assert [start.isoformat() for start in found.starts] == [
        f"2026-11-{day}T00:00:00+05:45" for day in (21, 22, 23, 24)
    ]
    assert [bar[()].invocations if bar else 0 for bar in found.rows] == [2, 0, 2, 2]
    assert any("half hour" in note for note in found.notes)


Conditions = dict[str, set[str]]
Holds = Callable[[Call], bool]

ACCOUNT_AND_REGION: list[tuple[Conditions, Holds]] = [
    ({"accounts": {OTHER_ACCOUNT}}, lambda call: call.account_id == OTHER_ACCOUNT),
    ({"regions": {"eu-west-1"}}, lambda call: call.region == "eu-west-1"),
    (
        {"accounts": {"111111111111"}, "regions": {"us-east-1"}},
        lambda call: call.scope == "111111111111#us-east-1",
    ),
]
CONDITIONS: list[tuple[Conditions, Holds]] = [
    ({"models": {"meta.llama"}}, lambda call: call.model_id == "meta.llama"),
    ({"routes": {"us"}}, lambda call: call.route == "us"),
    ({"callers": {"app/worker"}}, lambda call: call.caller == "app/worker"),
    ({"operations": {"InvokeModel"}}, lambda call: call.operation == "InvokeModel"),
    (
        {"callers": {f"{OTHER_ACCOUNT}/user/ana"}},
        lambda call: call.caller == "user/ana" and call.account_id == OTHER_ACCOUNT,
    ),
    (
        {"models": {"meta.llama"}, "callers": {"user/ana"}, "accounts": {OTHER_ACCOUNT}},
        lambda call: (
            (call.model_id, call.caller, call.account_id) == ("meta.llama", "user/ana", OTHER_ACCOUNT)
        ),
    ),
]


@pytest.mark.parametrize(("conditions", "holds"), ACCOUNT_AND_REGION)
@pytest.mark.parametrize("dimension", [TOTAL, MODEL, CALLER, PROFILE, ACCOUNT, TEAM])
def test_accounts_and_regions_restrict_every_dimension(
    conditions: Conditions, holds: Holds, dimension: str
) -> None:
    found = reader_of(written(*MIXED)).breakdown(
        between("2026-11-20", "2026-11-25", where=conditions), dimension
    )
    wanted = [call for call in MIXED if holds(call)]
    assert found.rows == sums_by(wanted, lambda call: call.key("ALL", dimension))
    assert wanted


@pytest.mark.parametrize(("conditions", "holds"), CONDITIONS)
@pytest.mark.parametrize("dimension", [TOTAL, MODEL, CALLER, ROUTE, OPERATION, ACCOUNT, CUBE])
def test_models_routes_callers_and_operations_combine(
    conditions: Conditions, holds: Holds, dimension: str
) -> None:
    found = reader_of(written(*MIXED)).breakdown(
        between("2026-11-20", "2026-11-25", where=conditions), dimension
    )
    wanted = [call for call in MIXED if holds(call)]
    assert found.rows == sums_by(wanted, lambda call: call.key("ALL", dimension))
    assert wanted


@pytest.mark.parametrize("dimension", [TEAM, PROFILE])
def test_what_no_page_holds_together_is_refused_with_what_combines(dimension: str) -> None:
    wanted = between("2026-11-20", "2026-11-25", where={"callers": {"user/ana"}})
    with pytest.raises(
        UnsupportedCombination, match=r"filter on callers.*model, route, caller and operation"
    ):
        reader_of(written(*MIXED)).breakdown(wanted, dimension)


def test_a_metadata_key_that_is_not_kept_is_refused_with_those_that_are() -> None:
    with pytest.raises(UnsupportedCombination, match="'colour'; keys kept: team"):
        reader_of(written(*MIXED)).breakdown(between("2026-11-20", "2026-11-25"), "TAG:colour")


def test_an_unknown_dimension_is_refused() -> None:
    with pytest.raises(UnsupportedCombination, match="no dimension 'SHAPE'"):
        reader_of(written(*MIXED)).breakdown(between("2026-11-20", "2026-11-25"), "SHAPE")


def test_an_empty_table_gives_an_empty_answer() -> None:
    usage = WrittenUsage(now=NOW, closed_through=None)
    found = reader_of(usage).breakdown(between("2026-11-20", "2026-11-25"), MODEL)
    assert (found.rows, found.total, found.revision, found.notes) == ({}, UsageStats(), 0, ())


def test_an_account_filter_that_nothing_meets_gives_an_empty_answer() -> None:
    wanted = between("2026-11-20", "2026-11-25", where={"accounts": {"999999999999"}})
    assert reader_of(written(*MIXED)).breakdown(wanted, MODEL).rows == {}


OLD = [
    Call(ts=utc("2026-06-15 12:00")),
    Call(ts=utc("2026-07-10 12:00"), caller="app/worker"),
    Call(ts=utc("2026-07-25 12:00")),
    Call(ts=utc("2026-11-24 09:00")),
]
SHORT = Retention(hourly_days=14, hours_days=130, daily_days=130)


def test_whole_months_stand_in_for_days_past_their_retention() -> None:
    found = reader_of(written(*OLD, retention=SHORT)).breakdown(between("2026-06-01", "2026-11-25"), CALLER)
    assert found.total == total_of(OLD)
    assert found.notes == ()


def test_a_month_is_whole_when_its_calls_began_in_the_middle_of_it() -> None:
    found = reader_of(written(*OLD, retention=SHORT)).breakdown(between("2026-01-01", "2026-07-01"), TOTAL)
    assert found.total == total_of(OLD[:1])
    assert found.notes == ()


def test_days_past_their_retention_in_a_part_of_a_month_are_left_out_with_a_note() -> None:
    found = reader_of(written(*OLD, retention=SHORT)).breakdown(between("2026-07-05", "2026-11-25"), CALLER)
    assert found.total == total_of(OLD[2:])
    assert any("2026-07-05 00:00 to 2026-07-17 00:00" in note for note in found.notes)


def test_a_trend_has_every_bar_of_the_range_empty_ones_too() -> None:
    found = reader_of(written(*MIXED)).trend(between("2026-11-20", "2026-11-25"), Bucket.DAY, MODEL)
    assert [start.date().isoformat() for start in found.starts] == [f"2026-11-{day}" for day in range(20, 25)]
    assert found.rows == tuple(
        sums_by([call for call in MIXED if call.ts.day == day], lambda call: call.key("ALL", MODEL))
        for day in range(20, 25)
    )


def test_days_of_a_half_hour_zone_are_exact() -> None:
    found = reader_of(written(*MIXED)).trend(
        between("2026-11-19 18:30", "2026-11-21 18:30", KOLKATA), Bucket.DAY, TOTAL
    )
    assert [bar[()].invocations for bar in found.rows] == [2, 1]
    assert found.notes == ()


def test_the_bars_of_a_day_are_its_local_hours_whatever_the_clock_does() -> None:
    new_york = ZoneInfo("America/New_York")
    spring = between("2026-03-08 05:00", "2026-03-09 04:00", new_york)
    autumn = between("2026-11-01 04:00", "2026-11-02 05:00", new_york)
    reader = reader_of(written(*MIXED))
    assert len(reader.trend(spring, Bucket.HOUR, TOTAL).starts) == 23
    assert len(reader.trend(autumn, Bucket.HOUR, TOTAL).starts) == 25


ZONES = [
    UTC_ZONE,
    KOLKATA,
    ZoneInfo("America/St_Johns"),
    ZoneInfo("Europe/Vienna"),
    ZoneInfo("Australia/Lord_Howe"),
]
SPRING = utc("2026-03-20 00:00")
"""The days after hold clock changes of Vienna (29 March) and Lord Howe (5 April)."""

half_hours = st.integers(0, 20 * 48 - 1)
some_calls = st.lists(
    st.builds(
        lambda minutes, account, model, caller, cost: Call(
            ts=SPRING + timedelta(minutes=minutes),
            account_id=account,
            model_id=model,
            caller=caller,
            cost=Decimal(cost) / 10**6,
            latency_ms=cost,
        ),
        st.integers(0, 20 * 1440 - 1),
        st.sampled_from(["111111111111", OTHER_ACCOUNT]),
        st.sampled_from(["a", "b"]),
        st.sampled_from(["user/ana", "app/worker"]),
        st.integers(1, 10**7),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    calls=some_calls,
    cuts=st.lists(half_hours, min_size=2, max_size=2, unique=True),
    zone=st.sampled_from(ZONES),
    bucket=st.sampled_from(list(Bucket)),
    closed_days=st.integers(0, 20),
    models=st.sampled_from([frozenset(), frozenset({"a"})]),
)
def test_bars_and_breakdown_add_up_to_the_calls_of_the_range(
    calls: list[Call],
    cuts: list[int],
    zone: ZoneInfo,
    bucket: Bucket,
    closed_days: int,
    models: frozenset[str],
) -> None:
    start, end = (SPRING + cut * timedelta(minutes=30) for cut in sorted(cuts))
    usage = WrittenUsage(
        now=SPRING + timedelta(days=20),
        closed_through=SPRING.date() + timedelta(days=closed_days - 1),
        retention=Retention(hourly_days=None),
    )
    usage.write(calls)
    reader = reader_of(usage)
    wanted = UsageFilter(start=start, end=end, zone=zone, models=models)
    inside = [call for call in calls if start <= call.ts < end and (not models or call.model_id in models)]
    by_caller = reader.breakdown(wanted, CALLER)
    assert by_caller.rows == sums_by(inside, lambda call: call.key("ALL", CALLER))
    assert by_caller.total == total_of(inside)
    trend = reader.trend(wanted, bucket, CALLER)
    ends = (*(moment.astimezone(UTC) for moment in trend.starts[1:]), end)
    for bar_start, bar_end, bar in zip(trend.starts, ends, trend.rows, strict=True):
        held = [call for call in inside if bar_start <= call.ts < bar_end]
        expected = sums_by(held, lambda call: call.key("ALL", CALLER))
        assert {key: plain(row) for key, row in bar.items()} == {
            key: plain(row) for key, row in expected.items()
        }


@settings(max_examples=200, deadline=None)
@given(
    start=st.integers(0, 400 * 48),
    length=st.integers(1, 90 * 48),
    zone=st.sampled_from(ZONES),
    bucket=st.sampled_from([Bucket.DAY, Bucket.MONTH]),
)
def test_bars_start_at_local_midnight(start: int, length: int, zone: ZoneInfo, bucket: Bucket) -> None:
    first = utc("2026-01-01 00:00") + start * timedelta(minutes=30)
    wanted = UsageFilter(start=first, end=first + length * timedelta(minutes=30), zone=zone)
    starts = reader_of(WrittenUsage(now=NOW, closed_through=None)).trend(wanted, bucket, TOTAL).starts
    assert {(moment.hour, moment.minute) for moment in starts} == {(0, 0)}
    assert starts[0] <= wanted.start
    assert len(set(starts)) == len(starts)


def test_percentiles_of_a_day_in_utc_come_from_its_page() -> None:
    found = reader_of(written(*MIXED)).trend(between("2026-11-20", "2026-11-21"), Bucket.DAY, TOTAL)
    assert all(getattr(found.rows[0][()], name).buckets is not None for name in DISTRIBUTIONS)


def test_a_time_without_a_zone_is_refused() -> None:
    wanted = UsageFilter(start=datetime(2026, 11, 20), end=NOW, zone=UTC_ZONE)  # noqa: DTZ001 - it is the fault
    with pytest.raises(ValueError, match="aware UTC"):
        reader_of(written(*MIXED)).breakdown(wanted, TOTAL)


def test_a_page_with_too_many_values_is_announced() -> None:
    usage = written(*MIXED)
    page = next(
        page
        for page in usage.pages_of([date(2026, 11, 20)])
        if (page.scope, page.granularity.value, page.dimension) == ("ALL", "DAILY", CALLER)
    )
    page.truncated = True
    usage.writer.put_pages([page])
    found = reader_of(usage).breakdown(between("2026-11-20", "2026-11-25"), CALLER)
    assert [note for note in found.notes if "2026-11-20" in note and "(other)" in note] == list(found.notes)
    assert found.notes


def test_scopes_are_the_accounts_and_regions_seen() -> None:
    usage = written(*MIXED)
    assert reader_of(usage).scopes() == tuple(usage.scopes())


def test_rows_of_an_answer_stay_as_they_are_while_others_are_made_from_the_same_sums() -> None:
    usage = written(*MIXED)
    reader = reader_of(usage)
    wanted = between("2026-11-20", "2026-11-25")
    first = reader.breakdown(wanted, ROUTE)
    for _ in range(2):
        reader.trend(wanted, Bucket.MONTH, ROUTE)
        reader.breakdown(wanted, ROUTE)
    assert first.total == total_of(MIXED)
    assert reader.breakdown(wanted, ROUTE).rows == sums_by(MIXED, lambda call: call.key("ALL", ROUTE))


@pytest.mark.parametrize("bucket", [Bucket.HOUR, Bucket.DAY])
def test_a_trend_tells_the_greatest_groups_apart_and_sums_the_others(bucket: Bucket) -> None:
    reader, wanted = reader_of(written(*MIXED)), between("2026-11-20", "2026-11-25")
    greatest = Greatest(most=1, group=lambda key: key[1], weight=lambda row: row.total_list_cost_usd)
    every = reader.trend(wanted, bucket, CALLER)
    few = reader.trend(wanted, bucket, CALLER, TrendDetail(greatest=greatest))
    for rows, summed in zip(every.rows, few.rows, strict=True):
        expected: dict[tuple[str, ...], UsageStats] = {}
        for key, row in rows.items():
            name = key if key[1] == "user/ana" else (OTHER, OTHER)
            expected.setdefault(name, UsageStats()).merge(row)
        assert summed == expected
    assert any((OTHER, OTHER) in rows for rows in few.rows)
    assert len({key for rows in few.rows for key in rows}) == 3


def test_a_trend_of_no_more_groups_than_may_be_shown_has_no_remainder() -> None:
    reader, wanted = reader_of(written(*MIXED)), between("2026-11-20", "2026-11-25")
    greatest = Greatest(most=2, group=lambda key: key[1], weight=lambda row: row.invocations or 0)
    assert reader.trend(wanted, Bucket.DAY, CALLER, TrendDetail(greatest=greatest)) == reader.trend(
        wanted, Bucket.DAY, CALLER
    )


def test_a_trend_without_histograms_has_the_same_counters() -> None:
    usage, wanted = written(*MIXED), between("2026-11-20", "2026-11-25")
    rich, poor = (
        reader_of(usage).trend(wanted, Bucket.DAY, MODEL, TrendDetail(histograms=kept))
        for kept in (True, False)
    )
    for rows, fewer in zip(rich.rows, poor.rows, strict=True):
        assert {key: plain(row) for key, row in rows.items()} == {
            key: plain(row) for key, row in fewer.items()
        }
    sonnet = ("anthropic.claude-sonnet-4", "global")
    assert [trend.rows[0][sonnet].latency_ms.percentile(0.5) is None for trend in (rich, poor)] == [
        False,
        True,
    ]


def test_usage_without_histograms_has_the_same_counters_whatever_was_asked_before() -> None:
    usage, wanted = written(*MIXED), between("2026-11-20", "2026-11-25")
    after = reader_of(usage)
    rich = after.breakdown(wanted, MODEL)
    alone = reader_of(usage).breakdown(wanted, MODEL, histograms=False)
    for poor in (alone, after.breakdown(wanted, MODEL, histograms=False)):
        assert {key: plain(row) for key, row in rich.rows.items()} == {
            key: plain(row) for key, row in poor.rows.items()
        }
    assert alone.total.latency_ms.percentile(0.5) is None
    assert reader_of(usage).breakdown(wanted, MODEL) == rich


def test_those_who_ask_the_same_at_once_have_it_computed_once() -> None:
    usage, wanted = written(*MIXED), between("2026-11-20", "2026-11-25")
    cache = SlowCache()
    reader = UsageReader(usage.table, lambda: NOW, cache=cache)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: reader.breakdown(wanted, MODEL), range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert cache.kept == 1


@pytest.mark.parametrize("late", ["2026-11-24 01:10", "2026-11-24 08:50", "2026-11-24 10:01"])
def test_a_call_that_comes_late_is_in_the_next_answer(late: str) -> None:
    hours = [Call(ts=utc(f"2026-11-24 0{hour}:20"), latency_ms=hour + 1) for hour in range(10)]
    usage = written(*MIXED, *hours)
    reader, wanted = reader_of(usage), between("2026-11-20", "2026-11-25")
    before = reader.breakdown(wanted, MODEL).total
    usage.write([Call(ts=utc(late), latency_ms=77)])
    after = reader.breakdown(wanted, MODEL)
    assert after.rows == sums_by(usage.calls, lambda call: call.key("ALL", MODEL))
    assert before == total_of([*MIXED, *hours])
