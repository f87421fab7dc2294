"""View models from a source of usage."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import ACCOUNT, CALLER, MODEL, OTHER, TOTAL
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.usage_filter import Bucket
from bedrock_analytics.storage.usage_table import Checkpoint, Scope
from dashboard.filters import parse_filters
from dashboard.measures import Measure
from dashboard.page_state import asked, parse_query
from dashboard.queries import Queries
from dashboard.settings import DashboardSettings
from dashboard.view_models import Coverage, Question
from tests.unit.dashboard.answers import Rows, WrittenAnswers, calls, utc

NOW = utc("2026-11-24 14:12")
UTC_ZONE = ZoneInfo("UTC")
SONNET, NOVA = "anthropic.claude-sonnet-4-5-20250929-v1:0", "amazon.nova-pro-v1:0"


def source() -> WrittenAnswers:
    return WrittenAnswers(
        rows={
            MODEL: {
                (SONNET, "global"): calls(10, "12"),
                (SONNET, "regional"): calls(4, "3"),
                (NOVA, "us"): calls(2, unpriced_invocations={"no_price": 2}, unpriced_tokens={"no_price": 9}),
            },
            CALLER: {("111", "user/ana"): calls(9, "5"), ("222", "user/ana"): calls(7, "10")},
            TOTAL: {(): calls(16, "15")},
        },
        earlier={MODEL: {(SONNET, "global"): calls(10, "10"), ("old", "us"): calls(1, "1")}},
        earlier_before=utc("2026-11-18 00:00"),
        state=Checkpoint(
            revision=7, first_day=date(2026, 10, 1), data_up_to=NOW, checked_at=NOW, newest_call=NOW
        ),
    )


def queries_of(answers: WrittenAnswers) -> Queries:
    settings = DashboardSettings(account_names={"111": "Production"})
    return Queries(answers, settings, now=lambda: NOW)


def question(queries: Queries, query: str = "") -> Question:
    return queries.question(
        asked({**parse_query(query), "filters": parse_filters(query)}, UTC_ZONE), queries.pulse()
    )


def test_a_question_survives_the_browser() -> None:
    queries = queries_of(source())
    found = question(queries, "?range=24h&account=1&region=eu-west-1")
    assert Question.from_json(found.to_json()) == found
    assert found.revision == 7
    assert found.complete_until == utc("2026-11-24 14:00")


def test_the_same_revision_within_a_half_hour_is_the_same_question() -> None:
    answers, clock = source(), [NOW]
    queries = Queries(answers, DashboardSettings(), now=lambda: clock[0])
    first = question(queries)
    clock[0] += timedelta(minutes=10)
    assert question(queries) == first
    clock[0] += timedelta(minutes=10)
    assert question(queries).span.end == utc("2026-11-24 15:00")


def test_data_that_lags_is_complete_only_as_far_as_it_was_read() -> None:
    answers = source()
    answers.state = Checkpoint(revision=1, data_up_to=utc("2026-11-24 12:40"))
    assert question(queries_of(answers)).complete_until == utc("2026-11-24 12:30")


def test_accounts_and_regions_are_those_seen_by_name() -> None:
    answers = source()
    answers.scope_list = [
        Scope(account_id=account, region=region, first_hour=NOW, last_hour=NOW)
        for account, region in (("222", "eu-central-1"), ("111", "us-east-1"), ("111", "eu-central-1"))
    ]
    queries = queries_of(answers)
    assert [(choice.value, choice.name) for choice in queries.accounts()] == [
        ("222", "222"),
        ("111", "Production"),
    ]
    assert [choice.name for choice in queries.regions()] == ["Frankfurt", "N. Virginia"]


def test_rows_are_named_and_the_dearest_comes_first() -> None:
    queries = queries_of(source())
    rows = queries.usage_by(question(queries), "model").rows
    assert [(row.name, row.chip) for row in rows] == [
        ("Claude Sonnet 4.5", "global"),
        ("Claude Sonnet 4.5", "in-region"),
        ("Nova Pro", "us"),
    ]
    callers = queries.usage_by(question(queries), "caller").rows
    assert [(row.name, row.detail) for row in callers] == [("user/ana", "222"), ("user/ana", "Production")]


def test_filters_reach_the_source() -> None:
    answers = source()
    queries = queries_of(answers)
    queries.usage_by(
        question(queries, "?account=111&region=us-east-1&model=m&caller=111/c&meta.team=a&range=today"),
        "model",
    )
    asked_for = answers.filters[-1]
    assert asked_for.accounts == {"111"}
    assert asked_for.regions == {"us-east-1"}
    assert asked_for.models == {"m"}
    assert asked_for.callers == {"111/c"}
    assert asked_for.metadata == {("team", "a")}
    assert asked_for.start == utc("2026-11-24 00:00")


def test_models_and_callers_are_offered_once_each() -> None:
    queries = queries_of(source())
    assert [choice.value for choice in queries.models(question(queries))] == [SONNET, NOVA]
    assert [choice.value for choice in queries.callers(question(queries))] == ["user/ana"]


def test_the_overview_compares_names_what_is_unpriced_and_what_moved_most() -> None:
    answers = source()
    answers.trends[MODEL] = ((NOW,), ({},))
    queries = queries_of(answers)
    found = queries.overview(question(queries))
    assert [(model.name, model.invocations, model.tokens) for model in found.unpriced] == [("Nova Pro", 2, 9)]
    assert [finding.title for finding in found.findings] == ["12.5 % of calls unpriced"]
    assert found.baseline is not None
    assert found.baseline.coverage is Coverage.FULL
    moved = [(mover.row.name, mover.row.chip, int(mover.change)) for mover in found.baseline.movers]
    assert moved == [
        ("Claude Sonnet 4.5", "in-region", 3),
        ("Claude Sonnet 4.5", "global", 2),
        ("old", "us", -1),
    ]
    assert found.ever_used


def test_a_baseline_before_the_first_day_is_no_baseline() -> None:
    for first_day, coverage in ((date(2026, 11, 14), Coverage.PART), (date(2026, 11, 20), Coverage.NONE)):
        answers = source()
        answers.state = Checkpoint(first_day=first_day, data_up_to=NOW)
        answers.trends[MODEL] = ((NOW,), ({},))
        queries = queries_of(answers)
        baseline = queries.overview(question(queries)).baseline
        assert baseline is not None
        assert baseline.coverage is coverage


def test_a_deployment_without_any_call_was_never_used() -> None:
    queries = queries_of(WrittenAnswers())
    found = queries.overview(question(queries))
    assert not found.ever_used
    assert found.findings == ()


def trend_source(names: list[str]) -> WrittenAnswers:
    answers = source()
    starts = tuple(utc(f"2026-11-24 {hour:02}:00") for hour in (12, 13, 14))
    rows: Rows = {(name, "us"): calls(10 - index) for index, name in enumerate(names)}
    answers.trends[MODEL] = (starts, (rows, {}, dict(list(rows.items())[:1])))
    return answers


def test_a_trend_keeps_seven_series_and_sums_the_others() -> None:
    queries = queries_of(trend_source([f"m{number}" for number in range(9)]))
    trend = queries.trend(question(queries), "model", Measure.INVOCATIONS, bucket=Bucket.HOUR)
    assert [series.colour_key for series in trend.series] == [*(f"m{n}" for n in range(7)), OTHER]
    assert trend.series[-1].values[0].invocations == 3 + 2
    per_bucket = [sum(series.values[index].invocations or 0 for series in trend.series) for index in range(3)]
    assert per_bucket == [total.invocations for total in trend.totals]


def test_an_eighth_series_is_shown_instead_of_an_other_of_one() -> None:
    queries = queries_of(trend_source([f"m{number}" for number in range(8)]))
    trend = queries.trend(question(queries), "model", Measure.INVOCATIONS)
    assert [series.colour_key for series in trend.series] == [f"m{n}" for n in range(8)]


def test_the_bucket_that_is_running_is_incomplete() -> None:
    queries = queries_of(trend_source(["a"]))
    trend = queries.trend(question(queries, "?range=24h"), "model", Measure.COST, bucket=Bucket.HOUR)
    assert trend.incomplete_from == 2


def test_a_width_that_does_not_fit_the_range_is_replaced_by_the_best() -> None:
    queries = queries_of(trend_source(["a"]))
    assert (
        queries.trend(question(queries), "model", Measure.COST, bucket=Bucket.HALF_HOUR).bucket is Bucket.DAY
    )
    assert queries.trend(question(queries), "model", Measure.COST, bucket=Bucket.HOUR).bucket is Bucket.HOUR


def test_accounts_are_one_series_each_whatever_their_regions() -> None:
    answers = source()
    rows: Rows = {
        ("111", "us-east-1"): calls(1),
        ("111", "eu-west-1"): calls(2),
        ("222", "eu-west-1"): calls(1),
    }
    answers.trends[ACCOUNT] = ((NOW,), (rows,))
    queries = queries_of(answers)
    trend = queries.trend(question(queries), "account", Measure.INVOCATIONS)
    assert [(series.name, series.values[0].invocations) for series in trend.series] == [
        ("Production", 3),
        ("222", 1),
    ]
    assert isinstance(trend.totals[0], UsageStats)
