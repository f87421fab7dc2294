"""Prices by the commands that people use, over simulated logs in a data directory."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bedrock_analytics.cli.main import main
from bedrock_analytics.domain.billable import billable_of_event
from bedrock_analytics.domain.receipt import receipt_of
from bedrock_analytics.domain.usage_event import COLUMN_NAMES, UsageEvent
from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock
from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
from bedrock_analytics.storage.bundled_prices import bundled_list
from tests.e2e.embedded_logs import hours, objects_of, write_objects

NOVA = "us.amazon.nova-pro-v1:0"
NOVA_ID = "amazon.nova-pro-v1:0"


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def ok(*arguments: str) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    return result.stdout


def rows(*arguments: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(ok(*arguments, "--format", "json"))
    return found


def compute(folder: Path, wanted: list[datetime]) -> Path:
    """A data directory with the usage of some hours."""
    write_objects(folder / "logs", objects_of(wanted))
    ok("local", str(folder / "logs"), "--data-dir", str(folder / "data"), "--no-serve", "--quiet")
    return folder / "data"


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two hours of last year's usage and two of today's; tests do not change it."""
    return compute(tmp_path_factory.mktemp("prices"), [*hours()[:2], *hours()[-2:]])


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """An hour of last year's usage, and one of today's, that a test may have computed again."""
    return compute(tmp_path, [hours()[0], hours()[-1]])


@pytest.fixture
def data(computed: Path, tmp_path: Path) -> Path:
    """A copy whose prices a test may change; its lake stays where it was made."""
    shutil.copytree(computed, tmp_path / "data")
    return tmp_path / "data"


def cost(data: Path, by: str = "model", *filters: str) -> dict[tuple[str, ...], Decimal]:
    """Cost by the key columns of a report."""
    document = json.loads(ok("report", "--data-dir", str(data), "--by", by, "--json", *filters))
    return {
        tuple(str(row[name]) for name in row if name in KEYS): Decimal(row["list_cost_usd"] or 0)
        for row in document["rows"]
    }


KEYS = ("model_id", "route", "account_id", "region", "operation", "caller", "day", "month", "hour")


def test_receipts_of_all_calls_add_up_to_every_rollup_to_the_last_decimal(computed: Path) -> None:
    with closing(EmbeddedDeployment(DataDirectory.open(computed))) as deployment:
        book = deployment.price_table().load_book()
        sql = f"select {', '.join(COLUMN_NAMES)} from calls"  # noqa: S608
        found = deployment.lake().query(sql, max_rows=1_000_000)
    named: list[dict[str, Any]] = [dict(zip(found.columns, row, strict=True)) for row in found.rows]
    events = [UsageEvent(**row) for row in named]
    assert len(events) > 400
    assert len({event.account_id for event in events}) > 2
    assert len({f"{event.ts:%Y-%m}" for event in events}) == 2

    keys: dict[str, Callable[[UsageEvent], tuple[str | None, ...]]] = {
        "model": lambda event: (event.model_id, event.route),
        "account": lambda event: (event.account_id,),
        "region": lambda event: (event.region,),
        "operation": lambda event: (event.operation,),
        "day": lambda event: (f"{event.ts:%Y-%m-%d}",),
        "month": lambda event: (f"{event.ts:%Y-%m}",),
        "hour": lambda event: (f"{event.ts:%Y-%m-%dT%H:00}+00:00",),
    }
    receipts = [(event, receipt_of(book, billable_of_event(event), event.ts).total_usd) for event in events]
    for by, key in keys.items():
        expected: dict[tuple[str, ...], Decimal] = {}
        for event, total in receipts:
            place = tuple(text or "(none)" for text in key(event))
            expected[place] = expected.get(place, Decimal(0)) + (total or 0)
        assert {
            place: amount for place, amount in cost(computed, by).items() if place in expected
        } == expected


def test_a_price_entered_by_hand_is_shown_first_and_then_computed(own: Path) -> None:
    data, where = own, ("--data-dir", str(own))
    before = cost(data)

    said = ok(*("prices", "set", NOVA, "input=1", "output=4", "--from", "2025-01-01", "--by", "ana"), *where)
    assert said.startswith("The price of amazon.nova-pro-v1:0 geo:us from 2025-01-01 00:00:00 UTC is entered")
    assert said.endswith(": input 1, output 4.\n")
    differences = rows("reprice", "--since", "2025-01-01", "--model", NOVA, "--dry-run", *where)
    assert cost(data) == before

    ok("reprice", "--pending", *where)

    after = cost(data)
    changed = {key: after[key] - before[key] for key in after if after[key] != before[key]}
    assert list(changed) == [(NOVA_ID, "us")]
    assert [row["model"] for row in differences] == [NOVA_ID, "all"]
    assert {Decimal(row["difference_usd"]) for row in differences} == set(changed.values())
    again = rows("reprice", "--since", "2025-01-01", "--dry-run", *where)
    assert {Decimal(row["difference_usd"]) for row in again} == {Decimal(0)}
    assert len(again) > 5
    progress = rows("reprice", "--status", *where)
    assert [
        (row["model"], row["done"] == row["total"], row["finished"] is not None) for row in progress[:1]
    ] == [(NOVA_ID, True, True)]


def test_while_a_runner_writes_it_is_left_to_that(own: Path) -> None:
    where = ("--data-dir", str(own))
    with WriterLock(DataDirectory.open(own)):
        result = run("reprice", "--since", "2025-01-01", "--account", "111122223333", "--yes", *where)
        assert (result.exit_code, "computes it" in result.stderr) == (0, True)
        (waiting, *_) = rows("reprice", "--status", *where)
    assert (waiting["account"], waiting["why"], waiting["started"]) == (
        "111122223333",
        "asked for by hand",
        None,
    )
    ok("reprice", "--pending", *where)
    (done, *_) = rows("reprice", "--status", *where)
    assert (done["account"], done["done"]) == ("111122223333", done["total"])


def test_every_operation_has_a_command_and_leaves_its_trace(data: Path) -> None:
    where = ("--data-dir", str(data))
    base = ("prices", "set", NOVA_ID, "--scope", "region:eu-west-1")
    ok(*base, "input=1", "--from", "2026-01-01", "--note", "contract", "--by", "ana", *where)
    ok(*base, "input=2", "--correct", "--from", "2026-01-01", *where)
    ok("prices", "end", NOVA_ID, "--scope", "region:eu-west-1", "--from", "2026-02-01T10:30", *where)
    ok("prices", "delete", NOVA_ID, "--scope", "region:eu-west-1", "--from", "2026-02-01T10:30", *where)
    ok(*("prices", "discount", "set", "12.5%", "--account", "111122223333", "--from", "2026-01-01"), *where)
    ok(*("prices", "discount", "end", "--account", "111122223333", "--from", "2026-03-01"), *where)
    ok(*("prices", "discount", "delete", "--account", "111122223333", "--from", "2026-01-01"), *where)
    ok(*("prices", "discount", "set", "1", "--model", NOVA, "--from", "2026-01-01"), *where)

    history = rows("prices", "history", NOVA, *where)
    assert sorted((row["change"], row["old"], row["new"]) for row in history) == [
        ("corrected", "input=1", "input=2"),
        ("deleted", "", ""),
        ("ended", "input=2", ""),
        ("entered", "", "input=1"),
        ("entered", "", "percent=1"),
    ]
    assert {(row["by"], row["note"]) for row in history if row["new"] == "input=1"} == {("ana", "contract")}
    assert len(rows("prices", "history", *where)) >= 8
    found = rows("prices", "list", "--search", "nova pro", *where)
    assert [(row["scope"], row["rates"]) for row in found if row["source"] == "manual"] == [
        ("region:eu-west-1", "input=2")
    ]
    assert rows("prices", "list", "--search", "nova pro", "--upcoming", *where) == []
    assert [
        (row["account"], row["model"], row["percent"]) for row in rows("prices", "discount", "list", *where)
    ] == [
        ("all", NOVA_ID, "1"),
        ("111122223333", "all", "0"),
    ]
    assert rows("prices", "held", *where) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("set", NOVA, "input=x", "--from", "now"), "'input=x' is no rate"),
        (("set", NOVA, "inputs=1", "--from", "now"), "unknown kind of rate 'inputs'"),
        (("set", NOVA, "input", "--from", "now"), "write KIND=USD"),
        (("set", NOVA, "input=1", "input=2", "--from", "now"), "given twice"),
        (("set", NOVA, "input=1", "--from", "soon"), "--from 'soon' is no time"),
        (("set", NOVA, "input=1", "--from", "now", "--by", " "), "Say who"),
        (("set", NOVA, "input=1", "--scope", "us", "--from", "now"), "'us' is no scope"),
        (("end", NOVA, "--from", "2026-01-01"), "no price entered by hand that could end"),
        (("approve", NOVA), "waits for approval"),
        (("discount", "set", "ten", "--from", "now"), "'ten' is no percentage"),
    ],
)
def test_what_cannot_be_is_one_line_that_says_why(
    computed: Path, arguments: tuple[str, ...], message: str
) -> None:
    result = run("prices", *arguments, "--data-dir", str(computed))
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "one of --since, --pending and --status"),
        (("--since", "1d", "--status"), "one of --since"),
        (("--since", "1d", "--until", "2d"), "does not lie before --until 2d"),
    ],
)
def test_a_reprice_says_what_it_needs(computed: Path, arguments: tuple[str, ...], message: str) -> None:
    result = run("reprice", *arguments, "--data-dir", str(computed))
    assert (result.exit_code, message in result.stderr) == (2, True)


ENTRY = b'{"amazon.a": {"litellm_provider": "bedrock", "mode": "chat", "input_cost_per_token": %s}}'
HOSTILE = {
    "html": b"<!doctype html><title>Sign in</title>",
    "truncated": bundled_list().document[: len(bundled_list().document) // 2],
    "empty": b"{}",
    "negative": ENTRY % b"-1e-6",
    "not a number": ENTRY % b"NaN",
    "infinite": ENTRY % b"1e400",
    "a million entries": b'{%s "z": {}}' % b"".join(b'"e%d": {},' % number for number in range(1_000_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_broken_or_hostile_list_changes_no_price_and_says_so(data: Path, tmp_path: Path, name: str) -> None:
    where = ("--data-dir", str(data))
    mirror = tmp_path / "list.json"
    mirror.write_bytes(HOSTILE[name])
    before = rows("prices", "list", *where)

    result = run("seed-pricing", "--url", mirror.as_uri(), *where)

    assert result.exit_code == 1
    assert "no price was changed" in result.stderr
    assert rows("prices", "list", *where) == before
    (status,) = json.loads(ok("prices", "status", "--json", *where))
    assert (status["last_sync_status"], status["date"]) == ("failed", bundled_list().date)
    assert status["last_sync_error"] in result.stderr


def test_a_mirror_brings_new_rates_and_old_lists_and_contradictions_are_told(
    data: Path, tmp_path: Path
) -> None:
    where = ("--data-dir", str(data))
    document = json.loads(bundled_list().document)
    document[NOVA]["input_cost_per_token"] = 7e-7
    mirror = tmp_path / "list.json"
    mirror.write_text(json.dumps(document))

    assert "1 changed" in ok("seed-pricing", "--url", str(mirror), *where)
    assert "older than the one in force" in ok("seed-pricing", *where)
    (change,) = [row for row in rows("prices", "history", NOVA, *where) if row["change"] == "changed"]
    assert (change["old"], change["new"]) == ("input=0.8", "input=0.7")
    (status,) = json.loads(ok("prices", "status", "--json", *where))
    assert (status["origin"], status["needs_attention"]) == (str(mirror), False)
    assert run("seed-pricing", "--fetch", "--url", "x", *where).exit_code == 2
    assert run("seed-pricing", "--url", "http://mirror.example/list.json", *where).exit_code == 2


def test_every_command_that_shows_costs_tells_the_date_and_age_of_the_list(computed: Path) -> None:
    where, told = ("--data-dir", str(computed)), f"Price list of {bundled_list().date} (bundled snapshot"
    asked = ("price", NOVA, "--region", "us-east-1", "--input-tokens", "5")

    assert "more than 30: fetch the current one with" in ok("prices", "status", *where)
    assert told in ok("report", *where)
    assert any(told in note for note in json.loads(ok("report", "--json", *where))["notes"])
    assert told in run("report", "--format", "csv", *where).stderr
    for question in (asked, (*asked, "--json", *where)):
        assert told in run(*question).stderr
    assert json.loads(ok(*asked, "--json"))["total_usd"] == "0.000004"
