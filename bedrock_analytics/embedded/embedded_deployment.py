"""The parts of a deployment in a data directory: its tables and its lake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.directory_settings import DirectorySettings, load_settings
from bedrock_analytics.embedded.duckdb_desk import DuckDBDesk
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable

if TYPE_CHECKING:
    from bedrock_analytics.embedded.iceberg_lake import IcebergLake
    from bedrock_analytics.reporting.deployment_signals import DeploymentSignals

USAGE_TABLE: Final = "usage-stats"
PRICE_TABLE: Final = "model-pricing"

RETENTION: Final = Retention(hourly_days=4, hours_days=None, daily_days=None)
"""Logs of any age are shown; pages of single hours, with their histograms, take the most room."""


class EmbeddedDeployment:
    """Reads (and, for the writer, writes) one data directory. Parts are opened when first asked for."""

    def __init__(self, directory: DataDirectory, *, is_writer: bool = False) -> None:
        self.directory = directory
        self._is_writer = is_writer
        self._usage_items: SQLiteTable | None = None
        self._price_items: SQLiteTable | None = None
        self._lake: IcebergLake | None = None
        self._desk: DuckDBDesk | None = None

    @property
    def title(self) -> str:
        """What to call it."""
        return str(self.directory.path)

    def settings(self) -> DirectorySettings:
        return load_settings(self.directory)

    def usage_items(self) -> SQLiteTable:
        """The item table of the usage pages; TableError where a reader finds none."""
        if self._usage_items is None:
            self._usage_items = self._table(USAGE_TABLE, read_only=not self._is_writer)
        return self._usage_items

    def usage_table(self) -> UsageTable:
        return UsageTable(self.usage_items(), RETENTION)

    def price_items(self) -> SQLiteTable:
        """The item table of the prices, which the dashboard may write beside the runner."""
        if self._price_items is None:
            self._price_items = self._table(PRICE_TABLE, read_only=False)
        return self._price_items

    def price_table(self) -> PriceTable:
        """The prices. Whoever enters one by hand writes here, beside the runner."""
        return PriceTable(self.price_items())

    def lake(self) -> IcebergLake:
        """The lake; its engines take longest to import, and few commands need them."""
        if self._lake is None:
            from bedrock_analytics.embedded.iceberg_lake import IcebergLake

            self._lake = IcebergLake(self.directory.lake)
        return self._lake

    def lake_desk(self) -> DuckDBDesk:
        """Where the dashboard asks the lake without waiting: one for each deployment."""
        if self._desk is None:
            self._desk = DuckDBDesk(self.lake)
        return self._desk

    def signals(self) -> DeploymentSignals:
        """What it tells of its health; it has no CloudWatch and no bill."""
        from bedrock_analytics.embedded.embedded_probes import EmbeddedProbes
        from bedrock_analytics.reporting.deployment_signals import DeploymentSignals

        return DeploymentSignals(probes=EmbeddedProbes(self.directory))

    def _table(self, name: str, *, read_only: bool) -> SQLiteTable:
        return SQLiteTable(self.directory.tables_file, name, read_only=read_only)

    def close(self) -> None:
        """Close what was opened."""
        for part in (self._desk, self._usage_items, self._price_items, self._lake):
            if part is not None:
                part.close()
