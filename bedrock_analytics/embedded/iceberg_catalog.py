"""Where the embedded table's metadata lies, read without the catalog's library, which is slow to import."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from bedrock_analytics.domain.errors import DataDirectoryError, LakeError, LakeUnavailable

CATALOG_FILE = "catalog.sqlite"
WAREHOUSE_FOLDER = "warehouse"
NAMESPACE = "bedrock_analytics"
TABLE_NAME = "usage_events"


def metadata_location(folder: Path) -> str | None:
    """Path of the metadata file of the lake in a folder, which every commit replaces; None without a table.

    LakeUnavailable where the catalog cannot be read for the moment, LakeError where it is damaged.
    """
    folder = folder.resolve()
    catalog = folder / CATALOG_FILE
    if not catalog.exists():
        return None
    address = f"file:{quote(str(catalog))}?mode=ro"
    try:
        with closing(sqlite3.connect(address, uri=True, timeout=10)) as connection:
            row = connection.execute(
                "select metadata_location from iceberg_tables where table_namespace = ? and table_name = ?",
                (NAMESPACE, TABLE_NAME),
            ).fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error):
            return None  # a first writer is just creating the catalog
        raise LakeUnavailable(f"the lake's catalog {catalog} cannot be read: {error}") from error
    except sqlite3.DatabaseError as error:
        raise LakeError(f"the lake's catalog {catalog} is damaged: {error}") from error
    return None if row is None else own_location(folder, row[0])


def own_location(folder: Path, location: str) -> str:
    """The location, which must lie in the lake's own folder; DataDirectoryError where it does not."""
    if not Path(location).is_relative_to(folder / WAREHOUSE_FOLDER):
        raise DataDirectoryError(
            f"the lake in {folder} was made elsewhere ({location}); a data directory cannot be moved"
        )
    return location
