import json
from datetime import UTC, datetime, timedelta

from bedrock_analytics.domain.event_json import (
    STAMP_BYTES,
    encode_event,
    encode_unstamped,
    iso_milliseconds,
    stamp,
)
from bedrock_analytics.domain.usage_event import COLUMN_NAMES, UsageEvent

EVENT = UsageEvent(
    account_id="111122223333",
    region="us-east-1",
    request_id="r-1",
    ts=datetime(2026, 11, 20, 10, 4, 30, tzinfo=UTC),
    caller="user/Jürgen",
    input_tokens=0,
    latency_optimized=False,
    parsed_at=datetime(2026, 11, 20, 10, 6, 0, 123987, tzinfo=UTC),
)


def test_a_row_has_the_lakes_names_iso_times_and_no_nulls() -> None:
    row = json.loads(encode_event(EVENT))
    assert row == {
        "account_id": "111122223333",
        "region": "us-east-1",
        "request_id": "r-1",
        "ts": "2026-11-20T10:04:30.000Z",
        "caller": "user/Jürgen",
        "input_tokens": 0,
        "latency_optimized": False,
        "parsed_at": "2026-11-20T10:06:00.123Z",
        "schema_version": 1,
    }
    assert set(row) <= set(COLUMN_NAMES)


def test_a_row_is_stamped_again_without_being_encoded_again_or_changing_its_length() -> None:
    row = encode_unstamped(EVENT)
    later = stamp(row, EVENT.parsed_at + timedelta(days=1))
    assert json.loads(later)["parsed_at"] == "2026-11-21T10:06:00.123Z"
    assert len(later) == len(row) + STAMP_BYTES == len(encode_event(EVENT))


def test_a_time_is_written_with_milliseconds_and_z() -> None:
    assert iso_milliseconds(datetime(2026, 1, 2, 3, 4, 5, 6999, tzinfo=UTC)) == "2026-01-02T03:04:05.006Z"
