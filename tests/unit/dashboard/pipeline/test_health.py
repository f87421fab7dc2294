"""The pipeline's health in words, and what of it needs attention."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bedrock_analytics.reporting.metrics import freshness
from bedrock_analytics.reporting.pipeline_health import (
    EmptyPlace,
    JobOutcome,
    JobRun,
    PipelineHealth,
    RunnerHealth,
    ScopeHealth,
)
from bedrock_analytics.storage.dirty_period import DirtyPeriod
from bedrock_analytics.storage.lake_size import LakeSize
from bedrock_analytics.storage.pipeline_metrics import (
    FunctionReading,
    PlaceReading,
    QueueReading,
    StreamReading,
)
from bedrock_analytics.storage.price_meta import ListInfo, PriceMeta
from bedrock_analytics.storage.usage_table import Checkpoint, DirtyRow
from dashboard.names import Names
from dashboard.pages.pipeline_callbacks import health_view
from dashboard.pipeline.texts import Told, Tone, duration_text, job_lines, part_lines, tiles
from dashboard.settings import DashboardSettings
from tests.unit.dashboard.component_texts import texts_of

NOW = datetime(2026, 11, 24, 10, 30, tzinfo=UTC)
ZONE = ZoneInfo("Europe/Vienna")
NAMES = Names(DashboardSettings(account_names={"111111111111": "Platform"}))
MINUTE = timedelta(minutes=1)
CHECKPOINT = Checkpoint(
    revision=4, data_up_to=NOW - MINUTE, checked_at=NOW - MINUTE, newest_call=NOW - 2 * MINUTE
)
PRICES = PriceMeta(
    version="3",
    reprices=(),
    price_list=ListInfo(date="2026-11-20", origin="bundled snapshot", checked_at=NOW),
    sync_report=None,
    wanted_models=(),
    tried_models=(),
    unfinished=False,
)
WELL = PipelineHealth(
    checkpoint=CHECKPOINT,
    freshness=freshness(CHECKPOINT, NOW, 5 * MINUTE),
    jobs=(JobRun(job="compute", outcome=JobOutcome.OK, at=NOW),),
    scopes=(
        ScopeHealth(
            account_id="111111111111",
            region="eu-central-1",
            newest_hour=NOW.replace(minute=0),
            calls=1234,
            rejected_lines={},
        ),
    ),
    empty=(),
    waiting=(),
    parked=(),
    reprices=(),
    prices=PRICES,
    places=(),
    runner=None,
    lake=LakeSize(rows=1_200_000, files=3, size_bytes=81_000_000, snapshots=2, changed_at=NOW),
    notes=(),
)
FAILED_DAY = DirtyRow(
    what=DirtyPeriod.of_day(NOW.date()), generation="g", reason="reprice", attempts=5, error="it broke"
)


def tones(health: PipelineHealth) -> dict[str, Tone]:
    return {told.title: told.tone for told in tiles(health, NOW, ZONE)}


def told_of(health: PipelineHealth) -> str:
    return texts_of(health_view(health, NOW, NAMES, ZONE))


def test_a_healthy_pipeline_shows_no_mark_of_trouble() -> None:
    assert not {Tone.WARN, Tone.BAD} & set(tones(WELL).values())
    told = told_of(WELL)
    for expected in ("24 Nov 11:29:00", "1.2M rows", "81.0 MB in 3 files, 2 snapshots", "Platform", "1,234"):
        assert expected in told
    assert "Nothing waits to be computed" in told


def test_late_data_says_how_many_runs_were_missed() -> None:
    late = replace(WELL, freshness=freshness(CHECKPOINT, NOW + 40 * MINUTE, 5 * MINUTE))
    told = tiles(late, NOW, ZONE)[0]
    assert told.tone is Tone.BAD
    assert "8 runs missed" in told.detail


def test_periods_that_were_set_aside_stand_first_with_their_error() -> None:
    waiting = DirtyRow(what=DirtyPeriod.of_hour(NOW), generation="g", reason="arrivals")
    broken = replace(WELL, waiting=(waiting,), parked=(FAILED_DAY,))
    assert tones(broken)["Periods to compute"] is Tone.BAD
    told = told_of(broken)
    assert "5 attempts: it broke" in told
    assert told.index("Day 2026-11-24") < told.index("Hour 2026-11-24T10")


def test_many_waiting_periods_are_counted_not_listed() -> None:
    hours = [DirtyPeriod.of_hour(NOW - timedelta(hours=back)) for back in range(40)]
    rows = tuple(DirtyRow(what=hour, generation="g", reason="reprice") for hour in hours)
    assert "and 28 more periods" in told_of(replace(WELL, waiting=rows))


def test_rejected_lines_are_told_by_reason_most_frequent_first() -> None:
    scope = replace(WELL.scopes[0], rejected_lines={"missing_request_id": 1, "not_json": 7})
    told = tiles(replace(WELL, scopes=(scope,)), NOW, ZONE)[2]
    assert (told.value, told.detail, told.tone) == ("8", "7 not JSON, 1 no request id", Tone.WARN)


def test_a_price_list_older_than_thirty_days_needs_attention() -> None:
    listed = ListInfo(date="2026-10-20", origin="a mirror", checked_at=NOW)
    old = replace(WELL, prices=replace(PRICES, price_list=listed))
    assert tones(old)["Price list"] is Tone.WARN
    assert tones(replace(WELL, prices=replace(PRICES, price_list=None)))["Price list"] is Tone.BAD


def test_jobs_that_failed_stand_first() -> None:
    failed = JobRun(job="prices", outcome=JobOutcome.FAILED, at=NOW, detail="the list is no JSON")
    first, second = job_lines(replace(WELL, jobs=(*WELL.jobs, failed)), ZONE)
    assert (first.title, first.value, first.detail) == (
        "Price sync",
        "failed 24 Nov 11:30:00",
        "the list is no JSON",
    )
    assert second.tone is Tone.GOOD


def test_the_writer_of_a_data_directory_tells_what_it_read() -> None:
    runner = RunnerHealth(
        stage="live",
        is_alive=True,
        updated_at=NOW,
        objects=2,
        lines=10,
        events=8,
        rejections=1,
        skipped=1,
        retrying=0,
        failed=0,
        faults=(),
        last_error=None,
    )
    told = job_lines(replace(WELL, runner=runner), ZONE)[-1]
    assert told.tone is Tone.GOOD
    assert told.detail == "2 log objects with 10 lines: 8 calls, 1 rejected, 1 skipped"
    broken = replace(runner, failed=1, retrying=2, last_error="no access")
    first = job_lines(replace(WELL, runner=broken), ZONE)[0]
    assert first.tone is Tone.BAD
    assert "1 objects failed, 2 are tried again. Last error: no access" in first.detail
    away = job_lines(replace(WELL, runner=replace(runner, is_alive=False)), ZONE)
    assert away[0].value.startswith("not running")


PLACE = PlaceReading(
    account_id="111111111111",
    region="eu-central-1",
    queues=(
        QueueReading(title="Log objects", name="q", messages=3, oldest_seconds=7200),
        QueueReading(title="Dead letters", name="d", messages=1, oldest_seconds=60),
        QueueReading(title="Event dead letters", name="e", messages=None, oldest_seconds=None),
    ),
    functions=(
        FunctionReading(
            title="parse-log",
            name="f",
            runs=12,
            errors=1,
            last_run_at=NOW,
            last_error_at=None,
            average_seconds=1.5,
        ),
    ),
    stream=StreamReading(
        name="s", delivered_rows=10, failed_rows=2, throttled_records=1, oldest_waiting_seconds=1000
    ),
)


def test_queues_functions_and_stream_say_what_is_wrong() -> None:
    assert part_lines(PLACE) == [
        Told(title="Log objects", value="3 messages", detail="the oldest for 2 h", tone=Tone.WARN),
        Told(title="Dead letters", value="1 message", detail="the oldest for 1 min", tone=Tone.BAD),
        Told(title="Event dead letters", value="idle", tone=Tone.GOOD),
        Told(title="parse-log", value="12 runs in 24 hours", detail="1 failed", tone=Tone.WARN),
        Told(
            title="Firehose",
            value="10 rows in 24 hours",
            detail="2 rows failed, 1 record throttled, the oldest waits for 16 min",
            tone=Tone.BAD,
        ),
    ]


def test_a_place_that_cannot_be_read_says_why_and_an_empty_one_what_is_missing() -> None:
    unread = replace(PLACE, failure="access was denied")
    empty = EmptyPlace(account_id="222222222222", region="us-east-1", missing_step="Turn on logging.")
    told = told_of(replace(WELL, places=(unread,), empty=(empty,), notes=("access was denied",)))
    assert "Not read | access was denied" in told
    assert "222222222222" in told
    assert "Turn on logging." in told


def test_a_deployment_on_aws_tells_what_it_costs_itself() -> None:
    (told,) = [one for one in tiles(replace(WELL, places=(PLACE,)), NOW, ZONE) if "costs" in one.title]
    assert told.value == "$7.73 a month"
    assert "5.3K calls a month" in told.detail
    assert not any("costs" in one.title for one in tiles(WELL, NOW, ZONE))


def test_a_deployment_without_accounts_says_so() -> None:
    assert "No account has been seen yet." in told_of(replace(WELL, scopes=(), lake=None))


@pytest.mark.parametrize(
    ("seconds", "expected"), [(5, "5 s"), (119, "1 min"), (7200, "2 h"), (200_000, "2 days")]
)
def test_durations_stand_in_their_greatest_unit(seconds: int, expected: str) -> None:
    assert duration_text(seconds) == expected
