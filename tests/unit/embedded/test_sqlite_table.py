"""What is SQLite's own: processes, threads, locks, kill -9, read-only files."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import TableError, TableUnavailable
from bedrock_analytics.embedded.item_document import decode_item, encode_item
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.storage.item_table import Absent, Equals, Item, Key, Put

ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tables.sqlite"


@pytest.fixture
def table(path: Path) -> Iterator[SQLiteTable]:
    with SQLiteTable(path, "usage-stats") as opened:
        yield opened


def item(sk: str, n: int = 0) -> Item:
    return {"PK": "P", "SK": sk, "n": n}


def test_items_are_there_when_the_file_is_opened_again(path: Path) -> None:
    with SQLiteTable(path, "t") as first:
        first.put_many([item("a", 1)])
    with SQLiteTable(path, "t") as second:
        assert second.get(Key("P", "a")) == item("a", 1)


def test_tables_of_one_file_are_apart_by_name(path: Path) -> None:
    with SQLiteTable(path, "usage-stats") as stats, SQLiteTable(path, 'odd "name"') as odd:
        stats.put_many([item("a", 1)])
        odd.put_many([item("a", 2)])
        assert stats.get(Key("P", "a")) == item("a", 1)
        assert odd.get(Key("P", "a")) == item("a", 2)


def test_a_read_only_table_sees_what_another_writes_and_writes_nothing(
    path: Path, table: SQLiteTable
) -> None:
    with SQLiteTable(path, "usage-stats", read_only=True) as reader:
        assert list(reader.query("P")) == []
        table.put_many([item("a", 1)])
        assert list(reader.query("P")) == [item("a", 1)]
        with pytest.raises(TableError, match="readonly"):
            reader.put_many([item("b")])
        with pytest.raises(TableError, match="readonly"):
            reader.put_if(item("b"), Absent())
    assert list(table.query("P")) == [item("a", 1)]


def test_a_read_only_table_makes_no_file_and_no_table(path: Path) -> None:
    with pytest.raises(TableError, match=r"tables\.sqlite"):
        SQLiteTable(path, "t", read_only=True)
    assert not path.exists()
    with SQLiteTable(path, "t"), pytest.raises(TableError, match="has no table other yet"):
        SQLiteTable(path, "other", read_only=True)


def test_a_file_that_is_no_database_is_a_table_error(path: Path) -> None:
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(TableError, match="not a database") as raised:
        SQLiteTable(path, "t")
    assert not isinstance(raised.value, TableUnavailable)


def test_a_write_lock_that_another_holds_makes_the_table_unavailable_for_writes_only(path: Path) -> None:
    with SQLiteTable(path, "t", busy_timeout=timedelta(milliseconds=20)) as table:
        table.put_many([item("a", 1)])
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pytest.raises(TableUnavailable, match="locked"):
                table.put_many([item("b")])
            assert list(table.query("P")) == [item("a", 1)]
        finally:
            other.close()
        table.put_many([item("b")])
        assert len(list(table.query("P"))) == 2


def test_a_closed_table_refuses_to_work(path: Path) -> None:
    table = SQLiteTable(path, "t")
    table.close()
    with pytest.raises(TableError, match="was closed"):
        table.get(Key("P", "a"))


def test_an_item_of_a_batch_that_is_refused_leaves_its_transaction_undone(table: SQLiteTable) -> None:
    too_large: Item = {"PK": "P", "SK": "z", "x": bytes(500_000)}
    with pytest.raises(TableError, match="more than"):
        table.put_many([*(item(f"{number:02}") for number in range(10)), too_large])
    assert list(table.query("P")) == []


def test_threads_share_a_table_and_conditional_writes_lose_no_update(table: SQLiteTable) -> None:
    table.put_many([item("counter")])
    failures: list[BaseException] = []

    def count_up() -> None:
        done = 0
        while done < 25:
            found = table.get(Key("P", "counter"))
            assert found is not None
            n = found["n"]
            assert isinstance(n, int)
            try:
                table.put_if(item("counter", n + 1), Equals("n", n))
            except TableError as lost:
                failures.append(lost)
                continue
            done += 1

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert table.get(Key("P", "counter")) == item("counter", 100)
    assert not [failure for failure in failures if isinstance(failure, TableUnavailable)]


WRITER = """
import sys
from pathlib import Path
from bedrock_analytics.embedded.sqlite_table import SQLiteTable
from bedrock_analytics.storage.item_table import Put

table = SQLiteTable(Path(sys.argv[1]), "t")
for n in range(100_000):
    table.write_together([Put({"PK": "P", "SK": sk, "n": n, "x": bytes(2000)}) for sk in "abcd"])
    print(n, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_it_reported_and_leaves_no_half_group(path: Path) -> None:
    for _ in range(3):
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert writer.stdout is not None
        with writer, writer.stdout as reported:
            for _ in range(30):
                last = int(reported.readline())
            os.kill(writer.pid, signal.SIGKILL)
            last = int((reported.read().split("\n")[:-1] or [str(last)])[-1])
        with SQLiteTable(path, "t") as table:
            numbers = {one["n"] for one in table.query("P")}
            assert len(numbers) == 1
            (number,) = numbers
            assert isinstance(number, int)
            assert number >= last


OPENER = """
import sys
from pathlib import Path
from bedrock_analytics.embedded.sqlite_table import SQLiteTable

with SQLiteTable(Path(sys.argv[1]), sys.argv[2]) as table:
    table.put_many([{"PK": "P", "SK": sys.argv[2]}])
"""


def test_processes_that_open_a_new_file_together_all_get_their_tables(path: Path) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", OPENER, str(path), f"t{number % 2}"], cwd=ROOT)
        for number in range(4)
    ]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0, 0]
    for name in ("t0", "t1"):
        with SQLiteTable(path, name) as table:
            assert [one["SK"] for one in table.query("P")] == [name]


def test_documents_are_compact_and_hold_no_key() -> None:
    document = encode_item({"PK": "P" * 100, "SK": "S" * 100, "invocations": 7, "page": b"\0" * 50})
    assert len(document) < len("invocations") + len("page") + 50 + 8
    assert decode_item("p", "s", document) == {"PK": "p", "SK": "s", "invocations": 7, "page": b"\0" * 50}


def test_a_group_of_no_writes_is_nothing(table: SQLiteTable) -> None:
    table.write_together([])
    table.write_together([Put(item("a"))])
    assert len(list(table.query("P"))) == 1
