"""What needs attention."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bedrock_analytics.reporting.metrics import freshness
from bedrock_analytics.reporting.price_reader import ListState
from bedrock_analytics.storage.dirty_period import DirtyPeriod
from bedrock_analytics.storage.usage_table import Checkpoint, DirtyRow
from dashboard.findings import findings, is_late
from dashboard.pages.registry import page_at
from dashboard.view_models import Finding, Severity, UnpricedModel
from tests.unit.dashboard.answers import calls, utc

WELL = Checkpoint()


def parked(hour: str) -> DirtyRow:
    return DirtyRow(
        what=DirtyPeriod.of_hour(utc(hour)), generation="g", reason="late", attempts=3, error="no such column"
    )


def test_nothing_is_found_when_all_is_well() -> None:
    assert findings(calls(100, "5"), (), (), WELL) == ()


def test_unpriced_usage_names_its_models_calls_tokens_and_reasons() -> None:
    unpriced = [
        UnpricedModel(name=name, invocations=calls, tokens=tokens)
        for name, calls, tokens in (("Nova Reel", 30, 2_000_000), ("Palmyra", 8, 10), ("Luma", 2, 0))
    ]
    total = calls(1000, unpriced_invocations={"no_rate_card": 8, "units_unknown": 32})
    (found,) = findings(total, unpriced, (), WELL)
    assert found.title == "4.0 % of calls unpriced"
    assert found.text == (
        "40 calls with 2M tokens of Nova Reel, Palmyra and 1 other model are not in the cost: "
        "32 × usage not in the log, 8 × model in no price list."
    )


def test_rejections_tell_their_reasons() -> None:
    (found,) = findings(calls(10, rejections={"no ts": 3, "bad json": 1, "c": 1, "d": 1}), (), (), WELL)
    assert found.title == "6 log lines rejected"
    assert found.text == "Not counted as calls: 3 × no ts, 1 × bad json, 1 × c, 1 other."


def test_throttling_is_told_from_one_per_cent_of_calls_on() -> None:
    assert findings(calls(1000, errors={"ThrottlingException": 9}), (), (), WELL) == ()
    (found,) = findings(calls(1000, errors={"ThrottlingException": 10}), (), (), WELL)
    assert found.title == "1.0 % of calls throttled"


def test_other_failures_are_told_from_five_per_cent_of_calls_on() -> None:
    errors = {"ValidationException": 5, "ThrottlingException": 0}
    (found,) = findings(calls(100, errors=errors), (), (), WELL)
    assert found.text == "Besides throttling: 5 × ValidationException."
    assert findings(calls(101, errors=errors), (), (), WELL) == ()


def test_periods_that_were_not_computed_and_a_failed_run_come_first() -> None:
    hours = [parked(f"2026-11-24 0{hour}:00") for hour in range(3)]
    checkpoint = Checkpoint(last_error="The lake did not answer.")
    found = findings(calls(10, rejections={"no ts": 1}), (), hours, checkpoint)
    assert [finding.severity for finding in found] == [Severity.DANGER, Severity.DANGER, Severity.WARNING]
    assert found[0].text.endswith("The lake did not answer.")
    assert found[1].title == "3 periods not computed"
    assert "2026-11-24T00, 2026-11-24T01 and 1 more" in found[1].text
    assert "no such column" in found[1].text


def price_list(age_days: int | None) -> ListState:
    """A list of that age; None where there is no list yet."""
    return ListState(
        date=None if age_days is None else date(2026, 10, 21),
        origin="bundled snapshot",
        checked_at=None,
        age_days=age_days,
        is_old=age_days is None or age_days > 30,
        last_sync_at=None,
        last_sync_status=None,
        last_sync_error=None,
        counts={},
        omitted={},
        wanted_models=(),
    )


def test_a_price_list_older_than_thirty_days_needs_attention() -> None:
    total = calls(100, "5")
    assert findings(total, (), (), WELL, price_list(30)) == ()
    (found,) = findings(total, (), (), WELL, price_list(31))
    assert (found.severity, found.title) == (Severity.WARNING, "Price list 31 days old")
    assert found.text == (
        "Price list of 2026-10-21 (bundled snapshot) is 31 days old, more than 30: "
        "see the pricing page for the last sync."
    )


def test_a_deployment_without_a_price_list_is_told_how_to_get_one() -> None:
    (found,) = findings(calls(100, "5"), (), (), WELL, price_list(None))
    assert found.title == "No price list"
    assert "seed-pricing" in found.text


def test_late_data_is_a_finding_that_says_up_to_when_it_was_computed() -> None:
    state = Checkpoint(data_up_to=utc("2026-11-24 13:40"), checked_at=utc("2026-11-24 13:40"))

    def late(minutes: int) -> tuple[Finding, ...]:
        now = utc("2026-11-24 13:40") + timedelta(minutes=minutes)
        return is_late(freshness(state, now, timedelta(minutes=5)), ZoneInfo("Europe/Vienna"))

    assert late(14) == ()
    (amber,), (red,) = late(16), late(31)
    assert (amber.severity, red.severity) == (Severity.WARNING, Severity.DANGER)
    assert "up to 24 Nov 14:40 only" in amber.text
    assert "6 runs missed" in red.text


def test_a_finding_leads_to_a_page_that_there_is() -> None:
    unpriced = (UnpricedModel(name="Nova Reel", invocations=1, tokens=1),)
    state = Checkpoint(data_up_to=utc("2026-11-24 13:40"), checked_at=utc("2026-11-24 13:40"))
    late = is_late(freshness(state, utc("2026-11-25 13:40"), timedelta(minutes=5)), ZoneInfo("UTC"))
    links = [found.link for found in (*late, *findings(calls(10, "5"), unpriced, (), WELL))]
    assert links
    for link in links:
        assert link is not None
        assert page_at(link[0]) is not None
