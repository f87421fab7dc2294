"""Situations that have hurt other pipelines, one by one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest

from bedrock_analytics.domain.errors import LakeUnavailable, LeaseHeld
from bedrock_analytics.storage.dirty_period import PeriodKind
from bedrock_analytics.storage.usage_pages import Granularity, Page
from bedrock_analytics.storage.usage_table import Checkpoint, UsageTable
from tests.exactly_once.events import call
from tests.exactly_once.world import START, World


def page_of(world: World, granularity: Granularity, dimension: str, period: str) -> Page | None:
    """The page of all accounts in a period; None where there is none."""
    pages = world.table().pages("ALL", granularity, dimension, period, period, now=world.now)
    return next(pages, None)


def total_invocations(world: World, granularity: Granularity, period: str) -> int | None:
    """Invocations of all accounts in a period; None where there is no page."""
    page = page_of(world, granularity, "TOTAL", period)
    return page.total().invocations if page else None


def test_an_event_of_120_days_ago_reaches_its_day_and_month() -> None:
    world = World()
    world.deliver(call(1))
    world.settle()
    old = START - timedelta(days=120)
    world.now += timedelta(minutes=5)
    world.deliver(call(2, old, world.now))
    world.settle()
    assert total_invocations(world, Granularity.DAILY, f"{old:%Y-%m-%d}") == 1
    assert total_invocations(world, Granularity.MONTHLY, f"{old:%Y-%m}") == 1
    world.check()


def test_an_event_older_than_every_retention_is_kept_in_its_month() -> None:
    world = World()
    old = START - timedelta(days=900)
    world.deliver(call(1, old, START), call(2, old + timedelta(days=1), START))
    world.settle()
    assert total_invocations(world, Granularity.DAILY, f"{old:%Y-%m-%d}") is None
    assert total_invocations(world, Granularity.MONTHLY, f"{old:%Y-%m}") == 2
    world.check()


def test_an_hour_that_always_fails_is_parked_and_shown_while_the_others_stay_fresh() -> None:
    world = World()
    bad = START.replace(minute=0) - timedelta(hours=2)
    world.lake.broken_hours = {bad}
    world.deliver(call(1, bad), call(2, START))
    world.now += timedelta(minutes=3)
    for _ in range(3):
        report = world.run()
        world.now += timedelta(minutes=5)
    assert report.parked == ["2026-03-10T18"]
    assert total_invocations(world, Granularity.HOURLY, "2026-03-10T20") == 1
    world.deliver(call(3, START, world.now))
    assert world.run().failed == []
    assert total_invocations(world, Granularity.HOURLY, "2026-03-10T20") == 2
    row = next(row for row in world.table().state().dirty)
    assert (row.what.period, row.attempts, row.error) == ("2026-03-10T18", 3, "this hour cannot be read")


def test_a_parked_hour_is_computed_after_the_nightly_job_once_it_can_be_read() -> None:
    world = World()
    world.lake.broken_hours = {START}
    world.deliver(call(1))
    for _ in range(4):
        world.now += timedelta(minutes=5)
        world.run()
    world.lake.broken_hours = set()
    world.settle()
    assert total_invocations(world, Granularity.HOURLY, "2026-03-10T20") is None
    world.reconcile()
    world.settle()
    world.check()


def test_a_parked_hour_does_not_keep_its_day_from_being_closed() -> None:
    world = World()
    world.lake.broken_hours = {START}
    world.deliver(call(1), call(2, START + timedelta(hours=1)))
    world.now = datetime(2026, 3, 11, 0, 10, tzinfo=UTC)
    for _ in range(4):
        report = world.run()
        world.now += timedelta(minutes=5)
    assert report.closed_through == date(2026, 3, 10)
    assert total_invocations(world, Granularity.DAILY, "2026-03-10") == 1


def test_a_lake_that_does_not_answer_parks_nothing() -> None:
    world = World()
    world.deliver(call(1))

    def unreachable() -> None:
        raise LakeUnavailable("Athena is throttling")

    for _ in range(5):
        world.now += timedelta(minutes=5)
        job = world.job("one")
        world.lake.tick = unreachable
        with pytest.raises(LakeUnavailable):
            job.run(world.now + timedelta(minutes=1))
    world.settle()
    world.check()


def test_the_reason_why_the_lake_did_not_answer_is_on_the_checkpoint_until_it_does() -> None:
    world = World()
    world.deliver(call(1))
    calls = iter([False, True])

    def unreachable() -> None:
        if next(calls, False):
            raise LakeUnavailable("Athena is throttling")

    job = world.job("one")
    world.lake.tick = unreachable
    with pytest.raises(LakeUnavailable):
        job.run(world.now + timedelta(minutes=1))
    assert world.table().checkpoint().last_error == "Athena is throttling"
    world.settle()
    assert world.table().checkpoint().last_error is None


def test_more_dirty_hours_than_one_run_can_do_are_worked_off_newest_first() -> None:
    world = World(retention=World().retention)
    world.deliver(*(call(number, START - timedelta(hours=number), START) for number in range(300)))
    world.now += timedelta(minutes=5)
    report = world.job("one").run(world.now)
    assert report.remaining > 10
    assert total_invocations(world, Granularity.HOURLY, "2026-03-10T20") is None
    clock = iter(world.now + timedelta(seconds=30 * tick) for tick in range(100_000))
    job = replace(world.job("one"), now=lambda: next(clock))
    job.run(world.now + timedelta(minutes=2))
    assert total_invocations(world, Granularity.HOURLY, "2026-03-10T20") == 1
    world.settle()
    world.check()


def test_yesterday_is_closed_and_complete_at_ten_past_midnight_without_late_events() -> None:
    world = World()
    world.now = datetime(2026, 3, 10, 22, 12, tzinfo=UTC)
    world.deliver(call(1), call(2, datetime(2026, 3, 10, 22, 10, tzinfo=UTC)))
    world.settle()
    world.now = datetime(2026, 3, 11, 0, 10, tzinfo=UTC)
    report = world.run()
    assert not report.idle
    assert report.closed_through == date(2026, 3, 10)
    assert total_invocations(world, Granularity.DAILY, "2026-03-10") == 2
    world.check()


def test_a_day_without_any_event_is_closed_too() -> None:
    world = World()
    world.deliver(call(1))
    world.settle()
    world.now += timedelta(days=3)
    world.settle()
    assert world.table().checkpoint().closed_through == date(2026, 3, 12)


def test_an_outage_of_ten_days_is_made_up_for() -> None:
    world = World()
    world.deliver(call(1))
    world.settle()
    for number in range(2, 12):
        world.now += timedelta(days=1)
        world.deliver(call(number, world.now - timedelta(minutes=2), world.now))
    world.settle()
    assert world.table().checkpoint().closed_through == date(2026, 3, 19)
    world.check()


def test_a_raised_statistics_version_recomputes_history() -> None:
    world = World()
    tagged = msgspec.json.encode({"project": "atlas"}).decode()
    world.deliver(
        call(1, request_metadata=tagged),
        call(2, START - timedelta(days=30), START, request_metadata=tagged),
    )
    world.settle()
    world.settings = replace(world.settings, metadata_keys=("team", "project"))
    world.settle()
    page = next(
        world.table().pages(
            "ALL", Granularity.DAILY, "TAG:project", "2026-02-08", "2026-02-08", now=world.now
        )
    )
    assert page.rows[("atlas",), 0].invocations == 1
    world.check()


def test_a_clock_that_is_an_hour_ahead_in_one_parser_hides_no_later_row() -> None:
    world = World()
    world.now += timedelta(minutes=5)
    world.deliver(call(1, START, world.now + timedelta(hours=1)))
    world.run()
    for number in range(2, 20):
        world.now += timedelta(minutes=5)
        world.deliver(call(number, world.now - timedelta(minutes=2), world.now))
        world.run()
        assert total_invocations(world, Granularity.HOURLY, f"{world.now - timedelta(minutes=2):%Y-%m-%dT%H}")
    world.settle()
    world.check()


def test_a_redrive_that_keeps_its_old_stamp_is_found_by_the_nightly_job() -> None:
    world = World()
    world.deliver(call(1))
    world.settle()
    world.now += timedelta(hours=8)
    world.deliver(call(3, world.now - timedelta(minutes=2), world.now))
    world.settle()
    world.deliver(call(2, START, START + timedelta(minutes=2)))
    world.settle()
    assert total_invocations(world, Granularity.HOURLY, "2026-03-10T20") == 1
    world.reconcile()
    world.settle()
    assert total_invocations(world, Granularity.HOURLY, "2026-03-10T20") == 2
    world.check()


def test_a_second_account_that_joins_later_finds_the_history_of_all_accounts() -> None:
    world = World()
    world.deliver(call(1, START - timedelta(days=5), START))
    world.settle()
    world.now += timedelta(days=1)
    world.deliver(call(2, world.now - timedelta(minutes=2), world.now, account_id="444455556666"))
    world.settle()
    assert total_invocations(world, Granularity.DAILY, "2026-03-05") == 1
    assert [scope.name for scope in world.table().scopes()] == [
        "111122223333#us-east-1",
        "444455556666#us-east-1",
    ]
    world.check()


def test_two_runs_at_once_are_one_run_and_a_refusal() -> None:
    world = World()
    world.deliver(call(1))
    refusals = []

    def second() -> None:
        try:
            replace(world).run("two")
        except LeaseHeld:
            refusals.append(True)

    for at_call in range(3, 30):
        world.now += timedelta(minutes=1)
        world.deliver(call(at_call, START, world.now))
        world.run_interrupted(at_call, second, "one")
    assert len(refusals) > 10
    world.settle()
    world.check()


def test_a_replay_by_a_later_parser_takes_effect_and_counts_no_call_twice() -> None:
    world = World()
    world.deliver(call(1))
    world.settle()
    world.now += timedelta(days=2)
    world.deliver(call(1, START, world.now, schema_version=2, output_tokens=99))
    world.settle()
    page = next(
        world.table().pages("ALL", Granularity.DAILY, "TOTAL", "2026-03-10", "2026-03-10", now=world.now)
    )
    assert (page.total().invocations, page.total().output_tokens) == (1, 99)
    world.check()


def test_a_price_change_in_the_past_recomputes_the_hours_of_that_model_only() -> None:
    world = World()
    world.deliver(
        call(1, START - timedelta(days=20), START),
        call(2, START - timedelta(days=10), START, model_id="model-b"),
        call(3),
    )
    world.settle()
    world.prices.change("model-a", START - timedelta(days=21), Decimal("9.9"))
    world.now += timedelta(minutes=5)
    report = world.run()
    assert report.computed == {PeriodKind.HOUR: 1, PeriodKind.DAY: 1, PeriodKind.MONTH: 1}
    world.check()


def test_a_model_without_a_price_is_unpriced_until_it_gets_one() -> None:
    world = World()
    world.deliver(call(1, model_id="model-new"))
    world.settle()
    page = next(
        world.table().pages(
            "ALL", Granularity.HOURLY, "TOTAL", "2026-03-10T20", "2026-03-10T20", now=world.now
        )
    )
    assert page.total().unpriced_invocations == {"no_rate_card": 1}
    assert page.total().list_cost_usd == {}
    world.prices.change("model-new", START - timedelta(days=1), Decimal(5))
    world.settle()
    world.check()


def test_a_price_change_on_the_second_splits_the_hour_exactly() -> None:
    world = World()
    change = START + timedelta(minutes=17, seconds=3)
    world.prices.change("model-a", change, Decimal("6.6"))
    world.deliver(
        call(1, change - timedelta(seconds=1)),
        call(2, change),
        call(3, change + timedelta(seconds=1), input_tokens=1001),
    )
    world.settle()
    page = next(
        world.table().pages(
            "ALL", Granularity.HOURLY, "TOTAL", "2026-03-10T20", "2026-03-10T20", now=world.now
        )
    )
    before, after, long = 110 * Decimal("3.3"), 110 * Decimal("6.6"), 1011 * 2 * Decimal("6.6")
    assert page.total().total_list_cost_usd == (before + after + long) / 1_000_000
    world.check()


def test_an_idle_run_reads_each_table_once_asks_the_lake_for_its_version_and_writes_once() -> None:
    world = World()
    world.deliver(call(1))
    world.settle()
    counted: list[str] = []
    world.now += timedelta(minutes=5)
    queries = world.lake.queries
    report = world.job("one", lambda: counted.append("call")).run(world.now)
    assert report.idle
    assert world.lake.queries == queries
    assert len(counted) == 4  # META partition, lake version, price META, one write


def test_models_without_a_price_and_models_of_profiles_are_handed_to_the_price_table_once() -> None:
    world = World()
    arn = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc"
    world.deliver(
        call(1, model_id="model-new"),
        call(2, inference_profile_arn=arn, profile_model_id="model-a"),
    )
    world.settle()
    assert world.prices.wanted == {"model-new"}
    assert world.prices.learned == {arn: "model-a"}


def test_a_new_account_is_known_before_the_revision_that_shows_it(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[object] = []
    put_checkpoint = UsageTable.put_checkpoint

    def noted(table: UsageTable, checkpoint: Checkpoint) -> None:
        order.append(checkpoint.revision)
        put_checkpoint(table, checkpoint)

    monkeypatch.setattr(UsageTable, "put_scopes", lambda table, scopes: order.append("scopes"))
    monkeypatch.setattr(UsageTable, "put_checkpoint", noted)
    world = World()
    world.deliver(call(1))
    world.run()
    assert order.index("scopes") < order.index(1)
