from __future__ import annotations

import pytest

from bedrock_analytics.domain.rejection import Rejection
from bedrock_analytics.domain.usage_stats import UsageStats
from dashboard.reliability_texts import error_facts, rejection_text
from tests.unit.dashboard.answers import calls


@pytest.mark.parametrize("reason", Rejection)
def test_every_reason_of_a_rejection_has_words(reason: Rejection) -> None:
    assert "_" not in rejection_text(reason.value)


def test_a_reason_of_another_release_stays_as_it_is() -> None:
    assert rejection_text("too_blue") == "too_blue"


def test_throttling_is_told_apart_from_other_failures() -> None:
    total = calls(200, errors={"ThrottlingException": 4, "ServiceQuotaExceededException": 1, "Denied": 15})
    rate, throttled, failed, lines = error_facts(total, UsageStats(rejections={"not_json": 2}))
    assert (rate.value, rate.tone) == ("10.0 %", "bad")
    assert (throttled.value, throttled.note, throttled.tone) == ("5", "2.5 % of calls", "bad")
    assert (failed.value, failed.note) == ("15", "15 × Denied")
    assert (lines.value, lines.note) == ("2", "2 × not JSON")


def test_a_range_without_failures_is_good() -> None:
    rate, throttled, failed, lines = error_facts(calls(5), UsageStats())
    assert (rate.value, throttled.note, failed.note, lines.note) == (
        "0 %",
        "no quota was hit",
        "none",
        "none",
    )
    assert {throttled.tone, failed.tone, lines.tone} == {"good"}
