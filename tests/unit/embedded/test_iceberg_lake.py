from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
import pytest
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.schema import Schema

from bedrock_analytics.domain.errors import (
    DataDirectoryError,
    DeliveryError,
    LakeError,
    LakeUnavailable,
    QueryRefused,
)
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.domain.usage_event import COLUMNS, UsageEvent
from bedrock_analytics.embedded import iceberg_catalog, iceberg_table
from bedrock_analytics.embedded.arrow_rows import ARROW_SCHEMA
from bedrock_analytics.embedded.duckdb_reader import DuckDBReader
from bedrock_analytics.embedded.iceberg_lake import IcebergLake
from bedrock_analytics.storage.lake import UsageQuery
from tests.unit.embedded.lake_rows import DAY, HOUR, TEN, Clock, call, data_files


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lake(tmp_path: Path, clock: Clock) -> Iterator[IcebergLake]:
    found = IcebergLake(tmp_path / "lake", clock=clock)
    yield found
    found.close()


def count(lake: IcebergLake) -> int:
    return sum(lake.arrivals(None).counts.values())


def test_a_put_stamps_every_row_with_the_time_of_the_put(lake: IcebergLake, clock: Clock) -> None:
    clock.now = TEN + 7 * HOUR
    assert lake.put(iter([call("a"), call("b")])) == 2
    assert lake.arrivals(None).newest_parsed_at == TEN + 7 * HOUR


def test_a_put_of_nothing_changes_nothing(lake: IcebergLake) -> None:
    assert lake.put([]) == 0
    assert lake.version() == ""
    assert not lake.table.folder.exists()


def test_every_column_comes_back_as_it_was_put(lake: IcebergLake) -> None:
    texts = {column.name: f"{column.name} é'\"" for column in COLUMNS if column.type == "string"}
    numbers = {column.name: column.field_id for column in COLUMNS if column.type == "long"}
    flags = {"latency_optimized": True, "cache_ttl_known": False}
    row = UsageEvent(**texts | numbers | flags | {"ts": TEN, "parsed_at": TEN})  # type: ignore[arg-type]
    lake.put([row])
    names = ", ".join(column.name for column in COLUMNS)
    (answer,) = lake.query(f"select {names} from usage_events", max_rows=1).rows  # noqa: S608
    assert answer == tuple(getattr(row, column.name) for column in COLUMNS)


def test_odd_folder_names_are_no_problem(tmp_path: Path) -> None:
    lake = IcebergLake(tmp_path / "my logs #1 100% é 'x'")
    lake.put([call("a")])
    assert count(lake) == 1
    lake.close()


@pytest.mark.parametrize("name", ["logs[1]", "what?", "*"])
def test_a_folder_that_duckdb_would_read_as_a_pattern_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(DataDirectoryError, match="choose another"):
        IcebergLake(tmp_path / name)


def test_a_moved_data_directory_is_refused_clearly(tmp_path: Path) -> None:
    lake = IcebergLake(tmp_path / "old")
    lake.put([call("a")])
    lake.close()
    (tmp_path / "old").rename(tmp_path / "new")
    with pytest.raises(DataDirectoryError, match="cannot be moved"):
        IcebergLake(tmp_path / "new").version()


def test_a_damaged_catalog_is_an_error_and_not_an_empty_lake(lake: IcebergLake) -> None:
    lake.put([call("a")])
    (lake.table.folder / iceberg_catalog.CATALOG_FILE).write_bytes(b"not a database" * 100)
    with pytest.raises(LakeError, match="damaged"):
        lake.version()


def test_a_missing_data_file_is_an_error_and_not_fewer_rows(lake: IcebergLake) -> None:
    lake.put([call("a")])
    for path in data_files(lake.table.folder):
        path.unlink()
    with pytest.raises(LakeUnavailable, match="cannot be read"):
        lake.days()


def test_a_put_that_cannot_be_written_raises_and_leaves_no_row(lake: IcebergLake) -> None:
    lake.put([call("a")])
    warehouse = lake.table.warehouse
    warehouse.rename(warehouse.with_name("gone"))
    warehouse.write_text("a file where the folder was")
    with pytest.raises(DeliveryError, match="cannot be written"):
        lake.put([call("b")])
    warehouse.unlink()
    warehouse.with_name("gone").rename(warehouse)
    assert count(lake) == 1


def test_another_reader_sees_each_commit(lake: IcebergLake) -> None:
    reader = IcebergLake(lake.table.folder)
    assert count(reader) == 0
    for number in range(1, 4):
        lake.put([call(str(number))])
        assert (count(reader), reader.version()) == (number, lake.version())
    reader.close()


def test_a_query_of_an_hour_opens_only_files_of_its_day(lake: IcebergLake) -> None:
    lake.put([call(f"d{number}", TEN + number * DAY) for number in range(5)])
    kept = {path for path in data_files(lake.table.folder) if "2026-11-04" in str(path)}
    for path in data_files(lake.table.folder) - kept:
        path.unlink()
    hour = Span.of_hour(TEN + 2 * DAY)
    assert [group.calls for group in lake.usage(UsageQuery(spans=(hour,)))] == [1]
    assert [fingerprint.calls for fingerprint in lake.fingerprints(hour).values()] == [1]
    assert lake.hours(hour) == [TEN + 2 * DAY]


def test_a_query_of_an_hour_skips_files_of_its_day_that_end_before_it(lake: IcebergLake) -> None:
    lake.put([call("early", TEN - 5 * HOUR)])
    before = data_files(lake.table.folder)
    lake.put([call("late", TEN)])
    for path in before:
        path.unlink()
    assert lake.hours(Span.of_hour(TEN)) == [TEN]


def test_arrivals_open_only_files_with_rows_parsed_since(lake: IcebergLake, clock: Clock) -> None:
    lake.put([call(f"d{number}", TEN - number * DAY) for number in range(5)])
    old = data_files(lake.table.folder)
    clock.now = TEN + HOUR
    lake.put([call("late", TEN - 120 * DAY)])
    for path in old:
        path.unlink()
    assert sum(lake.arrivals(TEN + timedelta(seconds=1)).counts.values()) == 1


@pytest.mark.long
def test_hundreds_of_commits_keep_few_snapshots(lake: IcebergLake) -> None:
    for number in range(70):
        lake.put([call(str(number))])
    assert count(lake) == 70
    metadata = Path(lake.version()).read_text()
    assert metadata.count('"manifest-list"') <= 31


def test_files_written_before_a_column_existed_read_it_as_null(tmp_path: Path) -> None:
    folder = tmp_path / "lake"
    older = Schema(*iceberg_table.SCHEMA.fields[:-2])
    warehouse = folder / iceberg_catalog.WAREHOUSE_FOLDER
    warehouse.mkdir(parents=True)
    catalog = SqlCatalog(
        "local", uri=f"sqlite:///{folder / iceberg_catalog.CATALOG_FILE}", warehouse=str(warehouse)
    )
    catalog.create_namespace(iceberg_catalog.NAMESPACE)
    table = catalog.create_table(
        (iceberg_catalog.NAMESPACE, iceberg_catalog.TABLE_NAME),
        older,
        partition_spec=iceberg_table.PARTITION_SPEC,
    )
    schema = pa.schema([ARROW_SCHEMA.field(field.name) for field in older.fields])
    row = {"account_id": "1", "region": "r", "request_id": "old", "ts": TEN, "parsed_at": TEN}
    table.append(pa.Table.from_pylist([row], schema))
    catalog.close()
    lake = IcebergLake(folder)
    assert count(lake) == 1
    lake.put([call("new", rejection="not_json", query_units=3)])
    sql = "select request_id, query_units, rejection from usage_events order by 1"
    assert lake.query(sql, max_rows=5).rows == (("new", 3, "not_json"), ("old", None, None))
    lake.close()


def test_malformed_metadata_reads_as_absent(lake: IcebergLake) -> None:
    lake.put([call("a", request_metadata="{"), call("b", request_metadata='{"team":{"x":1}}')])
    query = UsageQuery(spans=(Span.of_hour(TEN),), metadata_keys=("team",))
    tagged = [group for group in lake.usage(query) if group.metadata_key]
    assert [(group.metadata_value, group.calls) for group in tagged] == [(None, 2)]


def test_the_engine_itself_denies_people_other_files(lake: IcebergLake, tmp_path: Path) -> None:
    lake.put([call("a")])
    secret = tmp_path / "secret.csv"
    secret.write_text("password\nhunter2\n")
    paths = [str(path) for path in data_files(lake.table.folder)]
    reader = DuckDBReader()
    limits = {"max_rows": 5, "timeout": timedelta(seconds=30)}
    for sql in (
        f"from read_text('{secret}')",
        f"from '{secret}'",
        "set enable_external_access = true",
        "install httpfs",
        f"copy usage_events to '{tmp_path}/out.csv'",
        f"attach '{tmp_path}/x.db' as x",
        "select * from lake",
    ):
        with pytest.raises(LakeError, match="DuckDB"):
            reader.select(sql, paths, **limits)  # type: ignore[arg-type]
    assert reader.select("select count(*) from usage_events", paths, **limits).rows == ((1,),)  # type: ignore[arg-type]
    assert not (tmp_path / "out.csv").exists()


def test_a_person_s_query_that_runs_too_long_is_stopped(tmp_path: Path) -> None:
    lake = IcebergLake(tmp_path, people_timeout=timedelta(milliseconds=200))
    sql = """select count(*) from unnest(sequence(1, 100000)) a(x)
        cross join unnest(sequence(1, 100000)) b(y)
        cross join unnest(sequence(1, 1000)) c(z) where x * y = z"""
    with pytest.raises(LakeError, match=r"stopped after 0\.2 s"):
        lake.query(sql, max_rows=1)


def test_a_person_s_query_with_a_mistake_fails_with_the_engine_s_words(lake: IcebergLake) -> None:
    with pytest.raises(LakeError, match="no_such_column"):
        lake.query("select no_such_column from usage_events", max_rows=1)
    with pytest.raises(QueryRefused):
        lake.query("attach 'x'", max_rows=1)


WRITER = """
    import sys
    from pathlib import Path
    from bedrock_analytics.embedded.iceberg_lake import IcebergLake
    from tests.unit.embedded.lake_rows import DAY, TEN, call

    lake = IcebergLake(Path(sys.argv[1]))
    for number in range(10_000):
        lake.put([call(f"{number}-{part}", TEN + part * DAY) for part in range(20)])
        print(number, flush=True)
"""


def test_a_writer_that_is_killed_leaves_whole_commits(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    acknowledged = [int(process.stdout.readline()) for _ in range(5)][-1] + 1
    process.send_signal(signal.SIGKILL)
    acknowledged += len(process.stdout.readlines())
    process.stdout.close()
    process.wait()
    lake = IcebergLake(tmp_path)
    rows = count(lake)
    assert rows % 20 == 0
    assert acknowledged <= rows // 20 <= acknowledged + 1
    lake.put([call("after")])
    assert count(lake) == rows + 1
    lake.close()
