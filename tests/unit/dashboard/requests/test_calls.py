"""The list of calls, and everything known of one."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.reporting.lake_answers import CallsPage, LoggedCall, logged_call
from bedrock_analytics.storage.lake_lists import CallOrder, CallPosition, ListedCall
from dashboard.names import Names
from dashboard.pages.requests_callbacks import pager_values
from dashboard.requests.asking import CallName
from dashboard.requests.detail import call_detail
from dashboard.requests.tables import call_columns, call_rows
from dashboard.settings import DashboardSettings
from tests.unit.dashboard.component_texts import texts_of
from tests.unit.reporting.lake_world import BOOK

KOLKATA = ZoneInfo("Asia/Kolkata")
NAMES = Names(DashboardSettings(account_names={"111111111111": "Platform"}))
EVENT = UsageEvent(
    account_id="111111111111",
    region="us-east-1",
    request_id="id-1",
    ts=datetime(2026, 3, 7, 20, 0, 1, tzinfo=UTC),
    operation="ConverseStream",
    model_id="model-a",
    logged_model_id="global.model-a",
    route="global",
    caller="role/<b>job</b>",
    identity_arn="arn:aws:sts::111111111111:assumed-role/role/" + "x" * 80,
    input_tokens=1_000_000,
    output_tokens=11,
    cache_read_tokens=0,
    cache_write_5m_tokens=0,
    cache_write_1h_tokens=0,
    cache_write_total_tokens=0,
    latency_ms=1200,
    time_to_first_token_ms=200,
    token_source="envelope",
    request_metadata='{"team": "search", "turn": 2}',
    source_s3_key="s3://logs/AWSLogs/111111111111/x.json.gz",
    parsed_at=datetime(2026, 3, 7, 20, 1, tzinfo=UTC),
)


def logged(**changes: Any) -> LoggedCall:
    event = msgspec.structs.replace(EVENT, **changes)
    return logged_call(ListedCall(CallPosition(value=1, key=event.request_id), event), BOOK)


def test_a_row_tells_the_call_by_the_viewers_clock_with_its_exact_cost() -> None:
    (row,) = call_rows([logged()], NAMES, KOLKATA)
    assert row["time_text"] == "8 Mar 01:30:01"
    assert row["time"] == "2026-03-07T20:00:01+00:00"
    assert row["cost"] == Decimal("3.000165")
    assert (row["cost_text"], row["input_text"], row["latency_text"]) == ("$3.00", "1,000,000", "1.20 s")
    assert (row["account"], row["chip"], row["outcome"]) == ("Platform", "global", "Succeeded")
    assert CallName.parse(row["call"]) is not None
    assert row["filter"] == {"kind": "model", "value": "model-a"}


def test_every_column_has_its_value_in_a_row() -> None:
    (row,) = call_rows([logged()], NAMES, KOLKATA)
    assert {column["field"] for column in call_columns()} <= row.keys()


def test_a_call_without_a_price_costs_a_dash_and_says_why() -> None:
    (row,) = call_rows([logged(model_id="model-x", logged_model_id="model-x")], NAMES, KOLKATA)
    assert (row["cost"], row["cost_text"]) == (None, "—")
    assert row["outcome"] == "Succeeded · no price: model in no price list"


def test_a_failed_call_shows_its_code_and_what_a_guardrail_did() -> None:
    failed = logged(error_code="ThrottlingException", guardrail_action="INTERVENED")
    (row,) = call_rows([failed], NAMES, KOLKATA)
    assert row["outcome"].startswith("ThrottlingException · guardrail intervened")


def test_the_detail_shows_receipt_times_caller_metadata_and_log_object() -> None:
    told = texts_of(call_detail(logged(), NAMES, KOLKATA))
    for expected in (
        "8 Mar 01:30:01 · Asia/Kolkata (UTC+5:30) · ConverseStream",
        "1,000,000 tokens | 3 | $3.00",
        "11 tokens | 15 | $0.000165",
        "Estimated cost | $3.00",
        "Time per output token | 100 ms",
        "role/<b>job</b>",
        "team | search",
        "turn | 2",
        "Platform (111111111111)",
        "s3://logs/AWSLogs/111111111111/x.json.gz",
    ):
        assert expected in told
    assert told.count("effective 1970") == 1


def test_the_detail_of_a_call_without_a_price_says_why_and_shows_no_amount() -> None:
    told = texts_of(call_detail(logged(model_id="model-x", logged_model_id="model-x"), NAMES, KOLKATA))
    assert "Estimated cost | —" in told
    assert "Not priced: model in no price list." in told
    assert "$0" not in told


def test_unknown_lifetimes_of_the_cache_show_what_more_it_may_be() -> None:
    unknown = logged(
        cache_write_5m_tokens=1_000_000,
        cache_write_total_tokens=1_000_000,
        cache_ttl_known=False,
    )
    assert "Up to $2.25 more" in texts_of(call_detail(unknown, NAMES, KOLKATA))


@pytest.mark.parametrize(
    ("count", "following", "before", "expected"),
    [
        (50, CallPosition(value=7, key="k"), 0, (["7", "k"], True, False, "1 to 50")),
        (3, None, 2, (None, False, True, "101 to 103")),
    ],
)
def test_pages_are_turned_where_there_are_more(
    count: int, following: CallPosition | None, before: int, expected: tuple[Any, ...]
) -> None:
    page = CallsPage(calls=(logged(),) * count, next=following, order=CallOrder.NEWEST)
    assert pager_values(page, before) == expected
