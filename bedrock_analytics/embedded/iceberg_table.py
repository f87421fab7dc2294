"""The embedded Iceberg table: a PyIceberg catalog in one SQLite file beside its warehouse folder.

Every change is one commit: data and metadata files first, then one row of the catalog. A process that
dies before leaves files that no snapshot names, nothing else. One process writes (the owner of the data
directory's lock); any number read, without the catalog's library.

PyIceberg copies a table's metadata many times in one commit, so only the newest snapshots are kept.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa  # type: ignore[import-untyped]
from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import CommitFailedException, ValidationException
from pyiceberg.io.pyarrow import _dataframe_to_data_files
from pyiceberg.manifest import DataFile
from pyiceberg.partitioning import PartitionField, PartitionSpec
from pyiceberg.schema import Schema
from pyiceberg.table import Table, Transaction
from pyiceberg.table.update.snapshot import ExpireSnapshots
from pyiceberg.transforms import DayTransform, IdentityTransform
from pyiceberg.types import BooleanType, LongType, NestedField, PrimitiveType, StringType, TimestamptzType
from sqlalchemy.exc import SQLAlchemyError

from bedrock_analytics.domain.errors import DataDirectoryError, LakeError, LakeUnavailable
from bedrock_analytics.domain.usage_event import COLUMNS, Column, ColumnType
from bedrock_analytics.embedded.iceberg_catalog import (
    CATALOG_FILE,
    NAMESPACE,
    TABLE_NAME,
    WAREHOUSE_FOLDER,
    metadata_location,
    own_location,
)

SNAPSHOTS_KEPT = 10
_SNAPSHOTS_AT_MOST = 30

_CATALOG = "local"
_TYPES: dict[ColumnType, PrimitiveType] = {
    ColumnType.STRING: StringType(),
    ColumnType.LONG: LongType(),
    ColumnType.BOOLEAN: BooleanType(),
    ColumnType.TIMESTAMPTZ: TimestamptzType(),
}
_PROPERTIES = {
    "write.parquet.compression-codec": "zstd",
    "write.parquet.row-group-limit": "100000",
    # Only these two columns prune files; statistics of all others would make manifests 20 times larger.
    "write.metadata.metrics.default": "none",
    "write.metadata.metrics.column.ts": "full",
    "write.metadata.metrics.column.parsed_at": "full",
    "write.metadata.previous-versions-max": str(SNAPSHOTS_KEPT),
}
_GLOB_CHARACTERS = "*?["
"""DuckDB reads these in a path as a pattern."""


def _field(column: Column) -> NestedField:
    return NestedField(
        column.field_id, column.name, _TYPES[column.type], required=column.required, doc=column.doc
    )


SCHEMA = Schema(*map(_field, COLUMNS))
PARTITION_SPEC = PartitionSpec(
    PartitionField(SCHEMA.find_field("account_id").field_id, 1000, IdentityTransform(), "account_id"),
    PartitionField(SCHEMA.find_field("ts").field_id, 1001, DayTransform(), "ts_day"),
)


class IcebergTable:
    """The table in one folder. Reading needs nothing to exist; the first change creates everything.

    Changes raise LakeError, or LakeUnavailable where another commit came first or the catalog is locked.
    """

    def __init__(self, folder: Path) -> None:
        """`folder` is the lake's own folder; DataDirectoryError where its path cannot be used."""
        self.folder = folder.resolve()
        if any(character in str(self.folder) for character in _GLOB_CHARACTERS):
            raise DataDirectoryError(
                f"the path {self.folder} contains one of {_GLOB_CHARACTERS}; choose another"
            )
        self._catalog_path = self.folder / CATALOG_FILE
        self._catalog: SqlCatalog | None = None
        self._lock = threading.Lock()

    @property
    def warehouse(self) -> Path:
        return self.folder / WAREHOUSE_FOLDER

    def location(self) -> str | None:
        """Path of the current metadata file, which every commit replaces; None where there is no table."""
        return metadata_location(self.folder)

    def _own(self, location: str) -> str:
        return own_location(self.folder, location)

    def append(self, rows: pa.Table) -> None:
        """Add rows in one commit."""
        with self._change() as transaction:
            transaction.append(rows)

    def rewrite(self, old: Sequence[DataFile], rows: pa.Table) -> None:
        """Replace files by the given rows in one commit."""
        with self._change() as transaction, transaction.update_snapshot().overwrite() as snapshot:
            for file in old:
                snapshot.delete_data_file(file)
            # PyIceberg has no public call that writes files for a snapshot that also removes some.
            for file in _dataframe_to_data_files(transaction.table_metadata, rows, transaction._table.io):  # noqa: SLF001
                snapshot.append_data_file(file)

    @contextmanager
    def _change(self) -> Iterator[Transaction]:
        """One transaction, which also forgets old snapshots."""
        with self._lock:
            try:
                with self._table().transaction() as transaction:
                    yield transaction
                    _expire(transaction)
            except CommitFailedException as error:
                raise LakeUnavailable(f"another process changed the lake: {error}") from error
            except (OSError, pa.ArrowException, SQLAlchemyError, ValidationException) as error:
                raise LakeError(f"the lake in {self.folder} cannot be written: {error}") from error

    def _table(self) -> Table:
        if self._catalog is None:
            self.warehouse.mkdir(parents=True, exist_ok=True)
            uri = f"sqlite:///{self._catalog_path}"
            self._catalog = SqlCatalog(_CATALOG, uri=uri, warehouse=str(self.warehouse))
        self._catalog.create_namespace_if_not_exists(NAMESPACE)
        table = self._catalog.create_table_if_not_exists(
            (NAMESPACE, TABLE_NAME), SCHEMA, partition_spec=PARTITION_SPEC, properties=_PROPERTIES
        )
        self._own(table.metadata_location)
        return _with_all_columns(table)

    def close(self) -> None:
        """Let go of the catalog; the next change opens it again."""
        with self._lock:
            if self._catalog is not None:
                self._catalog.close()
                self._catalog = None


def _with_all_columns(table: Table) -> Table:
    """The table with the columns that a newer version of this project has added."""
    known = {field.name for field in table.schema().fields}
    missing = [column for column in COLUMNS if column.name not in known]
    if missing:
        with table.update_schema() as update:
            for column in missing:
                update.add_column(column.name, _TYPES[column.type], doc=column.doc)
    ids = {field.name: field.field_id for field in table.schema().fields}
    wrong = [column.name for column in COLUMNS if ids.get(column.name) != column.field_id]
    if wrong:
        raise LakeError(f"the lake's table was made by an incompatible version: {', '.join(wrong)}")
    return table


def _expire(transaction: Transaction) -> None:
    """Forget all but the newest snapshots once there are many; their files are swept up later."""
    snapshots = sorted(
        transaction.table_metadata.snapshots, key=lambda snapshot: snapshot.sequence_number or 0
    )
    if len(snapshots) > _SNAPSHOTS_AT_MOST:
        old = [snapshot.snapshot_id for snapshot in snapshots[:-SNAPSHOTS_KEPT]]
        ExpireSnapshots(transaction).by_ids(old).commit()
