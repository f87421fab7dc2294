"""The billed amount of a month, against stubbed answers of Cost Explorer."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from bedrock_analytics.domain.errors import CredentialsExpired, TableError
from bedrock_analytics.storage.cost_explorer import BilledMonth, BilledState, current_month
from tests.fakes.memory_table import MemoryTable

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


def _group(service: str, account: str, amount: str) -> dict[str, Any]:
    return {"Keys": [service, account], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}}


PAGES = (
    [
        _group("Amazon Bedrock", "111122223333", "10.1234567891"),
        _group("Amazon EC2", "111122223333", "99"),
    ],
    [
        _group("Claude Sonnet 4 (Amazon Bedrock Edition)", "111122223333", "0.0000000009"),
        _group("Amazon Bedrock", "444455556666", "5"),
    ],
)


class _Explorer:
    """Cost Explorer that answers once, in two pages, and checks what it is asked."""

    def __init__(self, start: str = "2026-11-01", end: str = "2026-11-24") -> None:
        self.client = boto3.client(
            "ce", region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        self.stub = Stubber(self.client)
        for number, groups in enumerate(PAGES):
            request: dict[str, Any] = {
                "TimePeriod": {"Start": start, "End": end},
                "Granularity": "MONTHLY",
                "Metrics": ["UnblendedCost"],
                "GroupBy": ANY,
            }
            answer: dict[str, Any] = {"ResultsByTime": [{"Groups": groups}]}
            if number:
                request["NextPageToken"] = "more"
            else:
                answer["NextPageToken"] = "more"
            self.stub.add_response("get_cost_and_usage", answer, request)
        self.stub.activate()

    def __call__(self) -> Any:
        return self.client


def _refusing(code: str) -> Any:
    class _Client:
        def get_cost_and_usage(self, **_: Any) -> Any:
            raise ClientError({"Error": {"Code": code, "Message": "no"}}, "GetCostAndUsage")

    return _Client


def test_every_service_of_bedrock_counts_and_nothing_else() -> None:
    found = BilledMonth(_Explorer(), MemoryTable(), lambda: NOW).read("2026-11")
    assert found.state is BilledState.READY
    assert found.amount_usd == Decimal("15.1234567900")
    assert found.by_account == {"111122223333": Decimal("10.1234567900"), "444455556666": Decimal(5)}
    assert found.through == date(2026, 11, 23)


def test_a_past_month_is_asked_for_as_a_whole() -> None:
    explorer = _Explorer("2026-10-01", "2026-11-01")
    assert BilledMonth(explorer, MemoryTable(), lambda: NOW).read("2026-10").through == date(2026, 10, 31)


def test_a_month_is_asked_for_once_a_day_by_all_processes() -> None:
    items, now = MemoryTable(), NOW
    first = BilledMonth(_Explorer(), items, lambda: now).read("2026-11")
    now += timedelta(hours=23)
    other = BilledMonth(_refusing("AccessDenied"), items, lambda: now)
    assert other.read("2026-11") == first
    now += timedelta(hours=1)
    assert other.read("2026-11").state is BilledState.NOT_ALLOWED


def test_credentials_that_may_not_write_keep_the_amount_to_themselves() -> None:
    class _ReadOnly(MemoryTable):
        def put_many(self, items: Any) -> None:
            denied = ClientError({"Error": {"Code": "AccessDeniedException"}}, "BatchWriteItem")
            raise TableError("refused") from denied

    explorer = _Explorer()
    months = BilledMonth(explorer, _ReadOnly(), lambda: NOW)
    assert months.read("2026-11") is months.read("2026-11")
    explorer.stub.assert_no_pending_responses()


def test_a_refusal_is_a_state_that_says_what_is_needed() -> None:
    found = BilledMonth(_refusing("AccessDeniedException"), MemoryTable(), lambda: NOW).read("2026-11")
    assert (found.state, found.amount_usd) == (BilledState.NOT_ALLOWED, None)
    assert "ce:GetCostAndUsage" in found.message


def test_a_fault_of_the_service_is_told_apart() -> None:
    found = BilledMonth(_refusing("LimitExceededException"), MemoryTable(), lambda: NOW).read("2026-11")
    assert found.state is BilledState.UNAVAILABLE
    assert "LimitExceededException" in found.message


def test_expired_credentials_say_what_to_run() -> None:
    months = BilledMonth(_refusing("ExpiredToken"), MemoryTable(), lambda: NOW, profile="work")
    with pytest.raises(CredentialsExpired, match="aws sso login --profile work"):
        months.read("2026-11")


def test_on_the_first_of_a_month_nothing_is_billed_yet() -> None:
    first = datetime(2026, 12, 1, 8, tzinfo=UTC)
    found = BilledMonth(_refusing("unused"), MemoryTable(), lambda: first).read(current_month(first))
    assert (found.state, found.month) == (BilledState.UNAVAILABLE, "2026-12")
    assert "whole days" in found.message
