from __future__ import annotations

from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import MODEL, OTHER, TOTAL
from dashboard.filters import Filters
from dashboard.queries import Queries
from dashboard.ranges import Preset, resolve
from dashboard.reliability_queries import (
    ONLY_ACCOUNTS,
    code_counts,
    error_course,
    main_codes,
    rejected,
)
from dashboard.settings import DashboardSettings
from dashboard.view_models import Question
from tests.unit.dashboard.answers import Rows, WrittenAnswers, calls, utc

NOW = utc("2026-11-24 14:12")
STARTS = (utc("2026-11-23 00:00"), utc("2026-11-24 00:00"))


def question(filters: Filters | None = None) -> Question:
    zone = ZoneInfo("UTC")
    return Question(
        preset=Preset.DAYS_7,
        span=resolve(Preset.DAYS_7, NOW, zone),
        zone=zone,
        revision=1,
        complete_until=utc("2026-11-24 14:00"),
        filters=filters or Filters(),
    )


def queries_of(answers: WrittenAnswers) -> Queries:
    return Queries(answers, DashboardSettings(), now=lambda: NOW)


def test_failed_calls_by_code_keep_their_bucket_and_the_calls_of_each() -> None:
    rows: tuple[Rows, ...] = (
        {(): calls(10, errors={"Throttling": 2})},
        {(): calls(4, errors={"Throttling": 1, "Denied": 3})},
    )
    found = error_course(queries_of(WrittenAnswers(trends={TOTAL: (STARTS, rows)})), question(), "code")
    assert [(one.name, one.counts) for one in found.series] == [("Denied", (0, 3)), ("Throttling", (2, 1))]
    assert (found.failed, found.calls, found.incomplete_from) == ((2, 4), (10, 4), 1)


def test_routes_of_one_model_are_one_series() -> None:
    rows: tuple[Rows, ...] = (
        {
            ("m", "us"): calls(5, errors={"a": 1}),
            ("m", "eu"): calls(5, errors={"b": 2}),
            ("n", "us"): calls(9),
        },
        {},
    )
    found = error_course(queries_of(WrittenAnswers(trends={MODEL: (STARTS, rows)})), question(), "model")
    assert [(one.key, one.counts) for one in found.series] == [("m", (3, 0))]
    assert found.calls == (19, 0)


def test_many_codes_end_in_other_and_their_sum_stays() -> None:
    errors = {f"code {number:02}": number + 1 for number in range(12)}
    rows: tuple[Rows, ...] = ({(): calls(100, errors=errors)}, {})
    found = error_course(queries_of(WrittenAnswers(trends={TOTAL: (STARTS, rows)})), question(), "code")
    assert len(found.series) == 8
    assert (found.series[-1].key, found.failed) == (OTHER, (sum(errors.values()), 0))


def test_a_range_without_failures_has_no_series_but_its_calls() -> None:
    rows: tuple[Rows, ...] = ({(): calls(3)}, {(): calls(1)})
    found = error_course(queries_of(WrittenAnswers(trends={TOTAL: (STARTS, rows)})), question(), "code")
    assert (found.series, found.failed, found.calls) == ((), (0, 0), (3, 1))


def test_rejected_lines_are_narrowed_by_what_they_know_only() -> None:
    answers = WrittenAnswers(rows={TOTAL: {(): calls(0, rejections={"not_json": 4})}})
    filters = Filters(accounts=frozenset({"1"}), models=frozenset({"m"}))
    found = rejected(queries_of(answers), question(filters))
    assert (answers.filters[0].accounts, answers.filters[0].models) == (frozenset({"1"}), frozenset())
    assert (found.total.rejection_count, found.notes) == (4, (ONLY_ACCOUNTS,))
    assert rejected(queries_of(answers), question(Filters(accounts=frozenset({"1"})))).notes == ()


def test_codes_are_ranked_and_a_single_one_too_many_is_shown() -> None:
    counts = code_counts([calls(9, errors={"a": 1, "b": 5}), calls(9, errors={"a": 7})])
    assert counts == [("a", 8), ("b", 5)]
    assert main_codes([(f"{n}", 1) for n in range(4)], most=3) == (["0", "1", "2", "3"], False)
    assert main_codes([(f"{n}", 1) for n in range(5)], most=3) == (["0", "1", "2"], True)
