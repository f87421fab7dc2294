"""What both lakes answer to every question but that for usage. Expected figures are written by hand."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from bedrock_analytics.domain.errors import QueryRefused
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.lake import Fingerprint
from tests.contract.lakes import (
    HOUR,
    MINUTE,
    PARSED,
    SECOND,
    TEN,
    LoadedLake,
    event,
    groups,
    hour,
    one_group,
)


def test_arrivals_count_raw_rows_by_hour_and_ten_minutes_of_parsing(loaded: LoadedLake) -> None:
    loaded.load(
        event("a", parsed_at=TEN + 9 * MINUTE + 59 * SECOND),
        event("a", parsed_at=TEN + 10 * MINUTE),
        event("b", parsed_at=TEN + 10 * MINUTE),
        event("c", ts=TEN - 90 * MINUTE, parsed_at=TEN + 19 * MINUTE + timedelta(microseconds=123456)),
    )
    found = loaded.lake.arrivals(None)
    assert found.counts == {
        (TEN, TEN): 1,
        (TEN, TEN + 10 * MINUTE): 2,
        (TEN - 2 * HOUR, TEN + 10 * MINUTE): 1,
    }
    assert found.newest_parsed_at == TEN + 19 * MINUTE + timedelta(microseconds=123456)
    assert found.newest_ts == TEN + 15 * MINUTE


def test_arrivals_since_a_moment_include_that_moment(loaded: LoadedLake) -> None:
    early, since = TEN + 9 * MINUTE, TEN + 10 * MINUTE
    loaded.load(
        event("a", parsed_at=early), event("b", parsed_at=since), event("c", parsed_at=since + SECOND)
    )
    assert loaded.lake.arrivals(since).counts == {(TEN, since): 2}


def test_arrivals_since_a_moment_between_milliseconds_leave_nothing_out(loaded: LoadedLake) -> None:
    since = TEN + timedelta(microseconds=1_234_567)
    loaded.load(event(parsed_at=since))
    assert sum(loaded.lake.arrivals(since).counts.values()) == 1


def test_fingerprints_describe_each_hour_after_deduplication(loaded: LoadedLake) -> None:
    loaded.load(
        event("a", cache_read_tokens=1, cache_write_5m_tokens=2, cache_write_1h_tokens=3),
        event("a", cache_read_tokens=9, parsed_at=PARSED - SECOND),
        event("b", error_code="ThrottlingException", input_tokens=None, output_tokens=None, latency_ms=5),
        event("c", rejection="not_json", input_tokens=None, output_tokens=None, latency_ms=None),
        event("d", ts=TEN + HOUR, cache_write_other_tokens=4),
        event("e", ts=TEN + 2 * HOUR),
    )
    parsed = int(PARSED.timestamp() * 1000)
    assert loaded.lake.fingerprints(Span(TEN, TEN + 2 * HOUR)) == {
        TEN: Fingerprint(2, 1, 1, 100, 11, 1, 5, 1005, parsed),
        TEN + HOUR: Fingerprint(1, 0, 0, 100, 11, 0, 4, 1000, parsed),
    }


def test_hours_with_rows_are_found_by_whatever_names_their_model(loaded: LoadedLake) -> None:
    loaded.load(
        event("a", ts=TEN + 2 * HOUR, model_id="m1", logged_model_id="us.m1"),
        event("b", ts=TEN, model_id=None, logged_model_id="arn:x"),
        event("c", ts=TEN + HOUR, model_id="m2", logged_model_id="m2", account_id="444455556666"),
        event("d", ts=TEN + 3 * HOUR, model_id="m1", logged_model_id="m1"),
        event("e", ts=TEN + 4 * HOUR, response_model_id="r", profile_model_id="p", account_id="444455556666"),
        event("f", ts=TEN + 5 * HOUR, inference_profile_arn="arn:profile", account_id="444455556666"),
    )
    span = Span(TEN, TEN + 3 * HOUR)
    assert loaded.lake.hours(span) == [TEN, TEN + HOUR, TEN + 2 * HOUR]
    assert loaded.lake.hours(span, ["m1", "arn:x"]) == [TEN, TEN + 2 * HOUR]
    assert loaded.lake.hours(span, ["it's"]) == []
    assert loaded.lake.hours(span, []) == []
    assert loaded.lake.hours(span, account_id="444455556666") == [TEN + HOUR]
    assert loaded.lake.hours(span, ["m1"], account_id="444455556666") == []
    day = Span(TEN, TEN + 24 * HOUR)
    for name, hour_found in (("r", 4), ("p", 4), ("arn:profile", 5)):
        assert loaded.lake.hours(day, [name]) == [TEN + hour_found * HOUR]
        assert loaded.lake.hours(day, [name], account_id="444455556666") == [TEN + hour_found * HOUR]


def test_names_are_what_stands_in_any_column_that_may_name_the_model(loaded: LoadedLake) -> None:
    loaded.load(
        event("a", model_id="m1", logged_model_id="us.m1", response_model_id="r"),
        event("b", model_id=None, logged_model_id="us.m1", profile_model_id="p"),
        event("c", model_id="m1", logged_model_id=None, inference_profile_arn="arn:x"),
        event("d", ts=TEN + HOUR, model_id="later", logged_model_id="later"),
    )
    assert loaded.lake.names(Span.of_hour(TEN)) == ["arn:x", "m1", "p", "r", "us.m1"]


def test_days_are_utc_days(loaded: LoadedLake) -> None:
    midnight = datetime(2026, 11, 3, tzinfo=UTC)
    loaded.load(
        event("a", ts=midnight), event("b", ts=midnight - SECOND), event("c", ts=midnight - 120 * 24 * HOUR)
    )
    assert loaded.lake.days() == [date(2026, 7, 6), date(2026, 11, 2), date(2026, 11, 3)]


def test_an_empty_lake_answers_every_question(loaded: LoadedLake) -> None:
    assert loaded.lake.arrivals(None).counts == {}
    assert loaded.lake.arrivals(TEN).newest_parsed_at is None
    assert groups(loaded, hour(metadata_keys=("team",))) == []
    assert loaded.lake.fingerprints(Span.of_hour(TEN)) == {}
    assert loaded.lake.hours(Span.of_hour(TEN)) == []
    assert loaded.lake.names(Span.of_hour(TEN)) == []
    assert loaded.lake.days() == []
    assert loaded.lake.query("select count(*) as n from usage_events", max_rows=5).rows == ((0,),)


def test_the_version_changes_with_a_commit_and_only_then(loaded: LoadedLake) -> None:
    before = loaded.lake.version()
    loaded.load(event())
    after = loaded.lake.version()
    groups(loaded)
    assert before != after == loaded.lake.version()


def test_answers_do_not_depend_on_the_zone_of_the_machine(
    loaded: LoadedLake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        loaded.load(event(ts=datetime(2026, 11, 2, 23, 45, tzinfo=UTC)))
        assert loaded.lake.days() == [date(2026, 11, 2)]
        late = datetime(2026, 11, 2, 23, tzinfo=UTC)
        assert one_group(loaded, hour(late)).half_hour == late + 30 * MINUTE
        assert loaded.lake.hours(Span.of_day(date(2026, 11, 2))) == [late]
        result = loaded.lake.query(
            "select date_trunc('day', ts) as day, extract(hour from ts) as hour from usage_events", max_rows=1
        )
        assert result.rows == ((datetime(2026, 11, 2, tzinfo=UTC), 23),)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_people_get_typed_columns_up_to_a_row_limit(loaded: LoadedLake) -> None:
    loaded.load(
        event("a", latency_optimized=True, caller=""),
        event("b", latency_optimized=None, caller=None),
        event("c"),
    )
    sql = "select request_id, ts, input_tokens, latency_optimized, caller from usage_events order by 1"
    result = loaded.lake.query(sql, max_rows=2)
    moment = TEN + 15 * MINUTE
    assert result.columns == ("request_id", "ts", "input_tokens", "latency_optimized", "caller")
    assert result.rows == (("a", moment, 100, True, ""), ("b", moment, 100, None, None))
    assert result.truncated
    assert not loaded.lake.query(sql, max_rows=3).truncated


def test_people_read_each_call_once_as_its_latest_parse(loaded: LoadedLake) -> None:
    loaded.load(
        event("a", caller="old", schema_version=1),
        event("a", caller="new", schema_version=2),
        event("b", caller="new", parsed_at=PARSED),
        event("b", caller="new", parsed_at=PARSED + SECOND),
        event("c", rejection="not_json"),
    )
    sql = "select c.caller, count(*) n, count(distinct request_id) d from calls c where ts >= {} group by 1"
    for moment in ("timestamp '2020-01-01 00:00:00 UTC'", "from_iso8601_timestamp('2020-01-01T00:00:00Z')"):
        assert loaded.lake.query(sql.format(moment), max_rows=9).rows == (("new", 2, 2),)
    both = "select (select count(*) from calls) a, (select count(*) from usage_events) b"
    assert loaded.lake.query(both, max_rows=9).rows == ((2, 5),)
    joined = "select count(*) from calls x join calls y on x.request_id = y.request_id cross join calls"
    assert loaded.lake.query(joined, max_rows=9).rows == ((4,),)


def test_a_common_table_expression_may_be_called_calls(loaded: LoadedLake) -> None:
    loaded.load(event("a"), event("b"))
    sql = "with calls as (select request_id from calls) select count(*) from calls"
    own = "with calls as (select 7 as n) select n from calls"
    assert loaded.lake.query(own, max_rows=9).rows == ((7,),)
    assert loaded.lake.query(sql, max_rows=9).rows == ((2,),)


def test_people_may_name_the_table_as_athena_does(loaded: LoadedLake) -> None:
    loaded.load(event())
    sql = 'select count(*) as n from "s3tablescatalog/usage-lake"."bedrock_analytics"."usage_events" e'
    assert loaded.lake.query(sql, max_rows=1).rows == ((1,),)


@pytest.mark.parametrize(
    "sql", ["drop table usage_events", "select * from read_text('/etc/passwd')", "select 1; select 2"]
)
def test_anything_but_one_select_on_the_lake_is_refused(loaded: LoadedLake, sql: str) -> None:
    with pytest.raises(QueryRefused):
        loaded.lake.query(sql, max_rows=1)
