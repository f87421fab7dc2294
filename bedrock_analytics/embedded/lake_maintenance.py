"""What keeps weeks of small appends fast: merging small files, and deleting files that nothing names.

Rows are kept as they are, superseded ones too, so no number changes. Whoever calls holds the data
directory's writer lock.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from bedrock_analytics.domain.errors import LakeError
from bedrock_analytics.domain.periods import DAY
from bedrock_analytics.embedded.arrow_rows import ARROW_SCHEMA
from bedrock_analytics.embedded.iceberg_files import FileIndex, LakeFile
from bedrock_analytics.embedded.iceberg_table import IcebergTable

MEGABYTE: Final = 1_000_000
OPEN_DAY_FILES: Final = 16
"""An open day's small files of one account are merged once there are this many."""
OPEN_DAY_SMALL: Final = 4 * MEGABYTE
CLOSED_DAY_FILES: Final = 8
CLOSED_DAY_SMALL: Final = 64 * MEGABYTE
CLOSED_DAY_QUIET: Final = timedelta(hours=1)
"""A closed day's files are merged once this long nothing arrived, or earlier where they are many."""
ROWS_PER_COMMIT: Final = 250_000
GRACE: Final = timedelta(hours=1)
"""How long a file that nothing names is kept, for readers that began before."""
LEDGER_FILE: Final = "unreferenced.json"


@dataclass(frozen=True, slots=True)
class MaintenanceReport:
    """What one run did."""

    merged_files: int
    written_rows: int
    deleted_files: int


class LakeMaintenance:
    """Maintenance of one embedded lake."""

    def __init__(self, table: IcebergTable, index: FileIndex) -> None:
        self._table = table
        self._index = index
        self._ledger = table.folder / LEDGER_FILE

    def run(self, now: datetime, closed_through: date | None = None) -> MaintenanceReport:
        """Merge what is due and delete what nothing has named for an hour.

        Days up to `closed_through` (without it: up to the day before yesterday) count as closed. An idle
        run lists the warehouse and changes nothing. LakeError or LakeUnavailable where a commit fails;
        the next run does the rest.
        """
        closed = (now - 2 * DAY).date() if closed_through is None else closed_through
        merged = rows = 0
        for batch in _commits(self._due(now, closed)):
            rows += self._merge(batch)
            merged += len(batch)
        return MaintenanceReport(merged, rows, self._sweep(now))

    def _due(self, now: datetime, closed: date) -> Iterator[list[LakeFile]]:
        """The files to merge, each list those of one account and day."""
        files = self._index.files(self._table.location())
        for (_, day), partition in itertools.groupby(sorted(files, key=_partition), key=_partition):
            limit = CLOSED_DAY_SMALL if day <= closed else OPEN_DAY_SMALL
            small = [file for file in partition if file.size < limit]
            if _is_due(small, now, is_closed=day <= closed):
                yield small

    def _merge(self, files: Sequence[LakeFile]) -> int:
        self._table.rewrite([file.data_file for file in files], _read(files))
        return sum(file.rows for file in files)

    def _sweep(self, now: datetime) -> int:
        """Delete files that no metadata has named for the grace period; remember since when."""
        location = self._table.location()
        if location is None:
            return 0
        present = {str(path) for path in self._table.warehouse.rglob("*") if path.is_file()}
        unnamed = present - self._index.referenced_paths(location)
        known = self._read_ledger()
        since = {path: known.get(path, now) for path in unnamed}
        expired = [path for path, first_seen in since.items() if first_seen <= now - GRACE]
        for path in expired:
            Path(path).unlink(missing_ok=True)
            del since[path]
        if since != known:
            self._write_ledger(since)
        return len(expired)

    def _read_ledger(self) -> dict[str, datetime]:
        """When each unnamed file was first seen; nothing where the ledger is missing or torn."""
        with suppress(FileNotFoundError, msgspec.DecodeError):
            return msgspec.json.decode(self._ledger.read_bytes(), type=dict[str, datetime])
        return {}

    def _write_ledger(self, since: dict[str, datetime]) -> None:
        draft = self._ledger.with_suffix(".new")
        draft.write_bytes(msgspec.json.encode(since))
        draft.replace(self._ledger)


def _partition(file: LakeFile) -> tuple[str, date]:
    return file.account_id, file.day


def _is_due(small: Sequence[LakeFile], now: datetime, *, is_closed: bool) -> bool:
    if not is_closed:
        return len(small) >= OPEN_DAY_FILES
    quiet = all(file.last_parsed_at <= now - CLOSED_DAY_QUIET for file in small)
    return len(small) >= CLOSED_DAY_FILES or (len(small) > 1 and quiet)


def _commits(due: Iterable[list[LakeFile]]) -> Iterator[list[LakeFile]]:
    """Files of whole partitions together, as many as one commit takes."""
    batch: list[LakeFile] = []
    rows = 0
    for files in due:
        size = sum(file.rows for file in files)
        if batch and rows + size > ROWS_PER_COMMIT:
            yield batch
            batch, rows = [], 0
        batch.extend(files)
        rows += size
    if batch:
        yield batch


def _read(files: Sequence[LakeFile]) -> pa.Table:
    """All rows of the files, sorted by time so that a query reads few row groups."""
    try:
        tables = [_with_all_columns(pq.ParquetFile(file.path).read()) for file in files]
    except (OSError, pa.ArrowException) as error:
        raise LakeError(f"a file of the lake cannot be read: {error}") from error
    rows = pa.concat_tables(tables).sort_by([("account_id", "ascending"), ("ts", "ascending")])
    if rows.num_rows != sum(file.rows for file in files):
        raise LakeError("the lake's files hold another number of rows than its metadata says")
    return rows


def _with_all_columns(rows: pa.Table) -> pa.Table:
    """The rows with columns, by name, that are newer than their file; columns are never renamed."""
    columns = [
        rows.column(field.name).cast(field.type)
        if field.name in rows.column_names
        else pa.nulls(rows.num_rows, field.type)
        for field in ARROW_SCHEMA
    ]
    return pa.Table.from_arrays(columns, schema=ARROW_SCHEMA)
