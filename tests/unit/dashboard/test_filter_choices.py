"""The values that a filter offers."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.dimensions import CALLER, MODEL, NONE, OTHER, ROUTE
from bedrock_analytics.domain.errors import UnsupportedCombination
from bedrock_analytics.reporting.usage_filter import Breakdown, UsageFilter
from bedrock_analytics.storage.usage_table import Scope
from dashboard.filter_choices import MOST_CHOICES, filter_choices
from dashboard.filters import NO_FILTERS, Filters
from dashboard.page_state import asked
from dashboard.queries import Queries
from dashboard.settings import DashboardSettings
from dashboard.view_models import Question
from tests.unit.dashboard.answers import Rows, WrittenAnswers, calls, utc

NOW = utc("2026-11-24 14:12")
TEAM = "TAG:team"


def queries_of(answers: WrittenAnswers) -> Queries:
    return Queries(answers, DashboardSettings(account_names={"111122223333": "Production"}), now=lambda: NOW)


def question(queries: Queries, filters: Filters = NO_FILTERS) -> Question:
    return replace(queries.question(asked({}, ZoneInfo("UTC")), queries.pulse()), filters=filters)


def offered(queries: Queries, kind: str, search: str = "", filters: Filters = NO_FILTERS) -> list[str]:
    return [each.value for each in filter_choices(queries, question(queries, filters), kind, search).choices]


def test_models_are_offered_once_each_dearest_first_and_found_by_name_or_id() -> None:
    rows: Rows = {
        ("amazon.nova-pro-v1:0", "us"): calls(1, "1"),
        ("amazon.nova-lite-v1:0", "us"): calls(1, "3"),
        ("amazon.nova-pro-v1:0", "eu"): calls(1, "4"),
    }
    queries = queries_of(WrittenAnswers(rows={MODEL: rows}))
    assert offered(queries, "model") == ["amazon.nova-pro-v1:0", "amazon.nova-lite-v1:0"]
    assert offered(queries, "model", "NOVA L") == ["amazon.nova-lite-v1:0"]
    assert offered(queries, "model", "amazon.nova-p") == ["amazon.nova-pro-v1:0"]
    assert offered(queries, "model", "gpt") == []


def test_a_caller_is_offered_with_its_account_and_the_remainder_is_not() -> None:
    rows: Rows = {("111122223333", "user/ana"): calls(1, "1"), (OTHER, OTHER): calls(5, "9")}
    queries = queries_of(WrittenAnswers(rows={CALLER: rows}))
    (found,) = filter_choices(queries, question(queries), "caller").choices
    assert (found.value, found.name, found.detail) == ("111122223333/user/ana", "user/ana", "Production")


def test_values_of_metadata_and_routes_are_offered() -> None:
    rows: dict[str, Rows] = {
        TEAM: {("shop",): calls(1, "1"), (NONE,): calls(1, "2")},
        ROUTE: {("us",): calls(1, "1")},
    }
    queries = queries_of(WrittenAnswers(rows=rows))
    assert offered(queries, "meta.team") == [NONE, "shop"]
    assert offered(queries, "route") == ["us"]


def test_accounts_and_regions_are_those_ever_seen() -> None:
    scope = Scope(account_id="111122223333", region="eu-west-1", first_hour=NOW, last_hour=NOW)
    queries = queries_of(WrittenAnswers(scope_list=(scope,)))
    assert offered(queries, "account", "produc") == ["111122223333"]
    assert offered(queries, "region", "eu-west") == ["eu-west-1"]


def test_other_filters_hold_and_its_own_does_not() -> None:
    answers = WrittenAnswers(rows={MODEL: {("m", "us"): calls(1, "1")}})
    queries = queries_of(answers)
    offered(queries, "model", filters=Filters(models=frozenset("m"), callers=frozenset("c")))
    assert not answers.filters[-1].models
    assert answers.filters[-1].callers == {"c"}
    offered(queries, "meta.team", filters=Filters(metadata=frozenset({("team", "a"), ("app", "b")})))
    assert answers.filters[-1].metadata == {("app", "b")}


class PickyAnswers(WrittenAnswers):
    """Answers that hold nothing by metadata."""

    def breakdown(self, usage_filter: UsageFilter, dimension: str, *, histograms: bool = True) -> Breakdown:
        if usage_filter.metadata:
            raise UnsupportedCombination("not together with metadata")
        return WrittenAnswers.breakdown(self, usage_filter, dimension)


def test_filters_that_do_not_combine_are_left_out_but_accounts() -> None:
    answers = PickyAnswers(rows={MODEL: {("m", "us"): calls(1, "1")}})
    queries = queries_of(answers)
    filters = Filters(accounts=frozenset("1"), metadata=frozenset({("team", "a")}))
    assert offered(queries, "model", filters=filters) == ["m"]
    assert answers.filters[-1].accounts == {"1"}


def test_a_long_list_is_cut_and_says_how_long_it_is() -> None:
    rows: Rows = {("1", f"caller-{number}"): calls(1, "1") for number in range(MOST_CHOICES + 5)}
    queries = queries_of(WrittenAnswers(rows={CALLER: rows}))
    found = filter_choices(queries, question(queries), "caller")
    assert (len(found.choices), found.count) == (MOST_CHOICES, MOST_CHOICES + 5)
