from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import LakeError
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.embedded import lake_maintenance
from bedrock_analytics.embedded.iceberg_lake import IcebergLake
from bedrock_analytics.embedded.lake_maintenance import LakeMaintenance, MaintenanceReport
from bedrock_analytics.storage.lake import UsageGroup, UsageQuery
from tests.unit.embedded.lake_rows import DAY, HOUR, TEN, Clock, call, data_files

IDLE = MaintenanceReport(0, 0, 0)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lake(tmp_path: Path, clock: Clock) -> Iterator[IcebergLake]:
    found = IcebergLake(tmp_path / "lake", clock=clock)
    yield found
    found.close()


def maintenance_of(lake: IcebergLake) -> LakeMaintenance:
    return LakeMaintenance(lake.table, lake.index)


def everything(lake: IcebergLake) -> tuple[object, ...]:
    """All that the pipeline can read of the days around TEN."""
    span = Span(TEN - 10 * DAY, TEN + 10 * DAY)
    groups = sorted(lake.usage(UsageQuery(spans=(span,), metadata_keys=("team",))), key=_place)
    return groups, lake.arrivals(None), lake.fingerprints(span), lake.hours(span), lake.days()


def _place(group: UsageGroup) -> tuple[str, datetime, str, str]:
    return group.account_id, group.half_hour, str(group.metadata_key), str(group.metadata_value)


def live_files(lake: IcebergLake) -> int:
    return len(lake.index.files(lake.version()))


def test_a_closed_day_becomes_one_file_for_each_account_and_no_number_changes(lake: IcebergLake) -> None:
    for number in range(4):
        accounts = ("111111111111", "222222222222")
        lake.put([call(f"r{number}", account_id=account, latency_ms=number) for account in accounts])
        lake.put([call("again", request_metadata='{"team":"red"}'), call("yesterday", TEN - DAY)])
    before = everything(lake)
    report = maintenance_of(lake).run(TEN + 2 * HOUR, TEN.date())
    assert (report.merged_files, report.written_rows, live_files(lake)) == (16, 16, 3)
    assert everything(lake) == before


def test_a_closed_day_waits_until_nothing_arrived_for_an_hour(lake: IcebergLake, clock: Clock) -> None:
    lake.put([call("a")])
    clock.now = TEN + HOUR
    lake.put([call("b")])
    maintenance = maintenance_of(lake)
    assert maintenance.run(TEN + 2 * HOUR - HOUR / 60, TEN.date()).merged_files == 0
    assert maintenance.run(TEN + 2 * HOUR, TEN.date()).merged_files == 2


def test_many_files_of_a_closed_day_are_merged_at_once(lake: IcebergLake, clock: Clock) -> None:
    for number in range(lake_maintenance.CLOSED_DAY_FILES):
        lake.put([call(str(number))])
    report = maintenance_of(lake).run(clock.now, TEN.date())
    assert report.merged_files == lake_maintenance.CLOSED_DAY_FILES


def test_an_open_day_is_merged_only_once_it_has_many_small_files(lake: IcebergLake, clock: Clock) -> None:
    for number in range(lake_maintenance.OPEN_DAY_FILES - 1):
        lake.put([call(str(number))])
    assert maintenance_of(lake).run(clock.now).merged_files == 0
    lake.put([call("last")])
    before = everything(lake)
    assert lake.maintain().merged_files == lake_maintenance.OPEN_DAY_FILES
    assert live_files(lake) == 1
    assert everything(lake) == before


def test_large_files_of_an_open_day_are_left_alone(
    lake: IcebergLake, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake_maintenance, "OPEN_DAY_SMALL", 1)
    for number in range(lake_maintenance.OPEN_DAY_FILES):
        lake.put([call(str(number))])
    assert maintenance_of(lake).run(clock.now).merged_files == 0


def test_days_up_to_the_day_before_yesterday_count_as_closed_by_default(lake: IcebergLake) -> None:
    lake.put([call("a")])
    lake.put([call("b")])
    assert maintenance_of(lake).run(TEN + DAY).merged_files == 0
    assert maintenance_of(lake).run(TEN + 2 * DAY).merged_files == 2


def test_many_rows_are_merged_in_several_commits(lake: IcebergLake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lake_maintenance, "ROWS_PER_COMMIT", 3)
    for batch in range(2):
        lake.put([call(f"r{batch}", TEN - number * DAY) for number in range(4)])
    before = everything(lake)
    report = maintenance_of(lake).run(TEN + 2 * HOUR, TEN.date())
    assert (report.merged_files, live_files(lake)) == (8, 4)
    assert everything(lake) == before


def test_replaced_files_are_deleted_an_hour_after_nothing_names_them(lake: IcebergLake) -> None:
    lake.put([call("a")])
    lake.put([call("b")])
    old = data_files(lake.table.folder)
    maintenance = maintenance_of(lake)
    maintenance.run(TEN + 2 * HOUR, TEN.date())
    _age_snapshots(lake)
    at = TEN + 3 * HOUR
    maintenance.run(at, TEN.date())
    maintenance.run(at + HOUR - HOUR / 60, TEN.date())
    assert old <= data_files(lake.table.folder)
    assert maintenance.run(at + HOUR, TEN.date()).deleted_files >= len(old)
    assert not old & data_files(lake.table.folder)
    before = everything(lake)
    assert maintenance.run(at + 2 * HOUR, TEN.date()).merged_files == 0
    assert everything(lake) == before


def _age_snapshots(lake: IcebergLake) -> None:
    """Commit until the snapshots from before are forgotten, each time another day."""
    for number in range(32):
        lake.put([call(f"later{number}", TEN + (5 + number) * DAY)])


def test_files_of_an_interrupted_write_are_deleted_an_hour_after_they_are_seen(lake: IcebergLake) -> None:
    lake.put([call("a")])
    orphan = lake.table.warehouse / "bedrock_analytics" / "usage_events" / "data" / "orphan.parquet"
    orphan.write_bytes(b"half")
    maintenance = maintenance_of(lake)
    assert maintenance.run(TEN) == IDLE
    assert maintenance.run(TEN + HOUR).deleted_files == 1
    assert not orphan.exists()
    assert lake.days() == [TEN.date()]


def test_a_file_that_is_committed_after_it_was_seen_stays(lake: IcebergLake) -> None:
    lake.put([call("a")])
    maintenance = maintenance_of(lake)
    (file,) = data_files(lake.table.folder)
    ledger = lake.table.folder / lake_maintenance.LEDGER_FILE
    ledger.write_text(f'{{"{file}":"{_early().isoformat()}"}}')
    assert maintenance.run(TEN) == IDLE
    assert file.exists()
    assert ledger.read_text() == "{}"


def _early() -> datetime:
    return TEN - DAY


def test_a_torn_ledger_only_delays_the_deletion(lake: IcebergLake) -> None:
    lake.put([call("a")])
    (lake.table.warehouse / "orphan.avro").write_bytes(b"half")
    (lake.table.folder / lake_maintenance.LEDGER_FILE).write_text('{"/x')
    maintenance = maintenance_of(lake)
    assert maintenance.run(TEN) == IDLE
    assert maintenance.run(TEN + HOUR).deleted_files == 1


def test_a_lake_without_rows_needs_nothing(lake: IcebergLake) -> None:
    assert maintenance_of(lake).run(TEN) == IDLE


def test_a_file_that_cannot_be_read_stops_the_merge_and_keeps_everything(lake: IcebergLake) -> None:
    lake.put([call("a")])
    lake.put([call("b")])
    version = lake.version()
    broken = min(data_files(lake.table.folder))
    broken.write_bytes(broken.read_bytes()[:-4])
    with pytest.raises(LakeError, match="cannot be read"):
        maintenance_of(lake).run(TEN + 2 * HOUR, TEN.date())
    assert lake.version() == version


def test_a_reader_that_began_before_a_merge_still_finds_its_files(lake: IcebergLake) -> None:
    lake.put([call("a")])
    lake.put([call("b")])
    reader = IcebergLake(lake.table.folder)
    groups = reader.usage(UsageQuery(spans=(Span.of_hour(TEN),)))
    maintenance_of(lake).run(TEN + 2 * HOUR, TEN.date())
    assert sum(group.calls for group in groups) == 2
    assert reader.days() == [TEN.date()]
    reader.close()
