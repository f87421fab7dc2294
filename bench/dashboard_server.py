"""The dashboard of a large organisation in a process of its own.

`python -m bench.dashboard_server KIND FILE PORT`.
KIND is `sqlite` or `dynamodb`. FILE is an SQLite table of `bench.organisation`; for `dynamodb` its items are
read once and served at DynamoDB's pace. It is served as the product serves it; the worker's process id is
printed on the first line when its app is there. A POST to `/arrive` replaces the running hour, as when calls
arrive.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from dash import Dash

from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.item_table import Item, ItemTable
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from bench.charged_dynamodb import ChargedDynamoDB
from bench.organisation import replace_running_hour, write_organisation
from bench.reading import NOW
from dashboard.app import create_app
from dashboard.queries import Queries
from dashboard.server import serve
from dashboard.services import Services
from dashboard.settings import DashboardSettings


class Collected:
    """Takes the items that a writer puts."""

    def __init__(self) -> None:
        self.items: list[Item] = []

    def put_many(self, items: Iterable[Item]) -> None:
        self.items.extend(items)


def table_of(kind: str, file: Path) -> ItemTable:
    """The table of that kind."""
    if kind == "sqlite":
        return SQLiteTable(file, "usage-stats")
    collected = Collected()
    write_organisation(cast("ItemTable", collected))
    return ChargedDynamoDB(collected.items).table()


def main(kind: str, file: str, port: str) -> None:
    """Serve until the process is ended."""
    serve(lambda: _app(kind, Path(file)), port=int(port))


def _app(kind: str, file: Path) -> Dash:
    items = table_of(kind, file)
    settings = DashboardSettings()
    reader = UsageReader(UsageTable(items, Retention()), lambda: NOW)
    app = create_app(Services(settings=settings, queries=Queries(reader, settings, now=lambda: NOW)))

    def arrive() -> str:
        replace_running_hour(items)
        return "arrived"

    app.server.add_url_rule("/arrive", "arrive", arrive, methods=["POST"])
    print(os.getpid(), flush=True)
    return app


if __name__ == "__main__":
    main(*sys.argv[1:])
