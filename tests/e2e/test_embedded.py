"""Log objects in a folder through the whole pipeline, by the commands that people use."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bedrock_analytics.cli.main import main
from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock
from bedrock_analytics.embedded.ingest_ledger import MAX_ATTEMPTS
from bedrock_analytics.embedded.pipeline_status import Stage, read_status
from bedrock_analytics.embedded.simulator import SimulatedCall, SimulatedObject
from bedrock_analytics.embedded.simulator.models import LLAMA_33, NOVA_MICRO, NOVA_PRO
from tests.e2e.embedded_logs import calls_of, hours, lines_of, objects_of, sums_by, write_objects

COUNTERS = (
    "invocations",
    "errors",
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
)
PRICE_LIST = Path(__file__).parents[2] / "bedrock_analytics" / "data" / "litellm-bedrock-prices.json"

KEYS: dict[str, tuple[tuple[str, ...], Callable[[SimulatedCall], tuple[str, ...]]]] = {
    "account": (("account_id",), lambda call: (call.account_id,)),
    "region": (("region",), lambda call: (call.region,)),
    "operation": (("operation",), lambda call: (call.operation.value,)),
    "day": (("day",), lambda call: (f"{call.ts:%Y-%m-%d}",)),
    "hour": (("hour",), lambda call: (f"{call.ts:%Y-%m-%dT%H:00}+00:00",)),
    "month": (("month",), lambda call: (f"{call.ts:%Y-%m}",)),
    "tag:team": (("TAG:team",), lambda call: ((call.request_metadata or {}).get("team", "(none)"),)),
}


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def ingest(folder: Path, *more: str) -> dict[str, Any]:
    """Run `local --no-serve` over the folder's logs, and return the final status."""
    result = run(
        "local", str(folder / "logs"), "--data-dir", str(folder / "data"), "--no-serve", "--json", *more
    )
    assert result.exit_code == 0, result.stderr
    status: dict[str, Any] = json.loads(result.stdout)
    return status


def report(folder: Path, by: str, *filters: str) -> dict[str, Any]:
    result = run("report", "--data-dir", str(folder / "data"), "--by", by, "--format", "json", *filters)
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def counters(row: Mapping[str, Any]) -> dict[str, int]:
    return {name: row[name] for name in COUNTERS}


def everything(folder: Path) -> dict[str, Any]:
    """All that a person can read of the folder, except when it was computed."""
    reports = {by: report(folder, by) for by in ("model", "caller", *KEYS)}
    return {by: (document["rows"], document["total"]) for by, document in reports.items()}


@pytest.fixture(scope="module")
def objects() -> list[SimulatedObject]:
    return objects_of(hours())


@pytest.fixture(scope="module")
def calls() -> list[SimulatedCall]:
    return calls_of(hours())


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, objects: list[SimulatedObject]) -> Path:
    """A folder whose logs were read in one undisturbed run; tests do not change it."""
    folder = tmp_path_factory.mktemp("clean")
    write_objects(folder / "logs", objects)
    ingest(folder, "--tag", "team")
    return folder


@pytest.mark.parametrize("by", KEYS)
def test_a_report_shows_what_the_calls_add_up_to(clean: Path, calls: list[SimulatedCall], by: str) -> None:
    columns, key = KEYS[by]

    document = report(clean, by)

    # An hour may hold nothing but a rejected line.
    rows = [row for row in document["rows"] if row["invocations"] or not row["rejections"]]
    found = {tuple(row[column] for column in columns): counters(row) for row in rows}
    assert found == sums_by(calls, key)
    assert counters(document["total"]) == sums_by(calls, lambda _: ())[()]


def test_filters_select_the_calls_they_name(clean: Path, calls: list[SimulatedCall]) -> None:
    account, region = calls[0].account_id, calls[0].region
    mine = [call for call in calls if (call.account_id, call.region) == (account, region)]
    since = "2025-03-03T09:00"

    by_filters = report(clean, "operation", "--account", account, "--region", region)
    by_time = report(clean, "account", "--since", since, "--until", "2025-03-03T10:30")

    assert counters(by_filters["total"]) == sums_by(mine, lambda _: ())[()]
    between = [call for call in calls if since <= f"{call.ts:%Y-%m-%dT%H:%M}" < "2025-03-03T10:30"]
    assert counters(by_time["total"]) == sums_by(between, lambda _: ())[()]


def test_costs_are_tokens_times_listed_rates_to_the_last_digit(
    clean: Path, calls: list[SimulatedCall]
) -> None:
    """Of models whose price has no rule but a rate for each kind of token."""
    prices = json.loads(PRICE_LIST.read_text("utf-8"), parse_float=Decimal)
    rows = {(row["model_id"], row["route"]): row for row in report(clean, "model")["rows"]}
    for model in (NOVA_PRO, NOVA_MICRO, LLAMA_33):
        rates = prices[f"us.{model.id}"]
        mine = [call for call in calls if (call.model_id, call.route) == (model.id, "us")]
        expected = sum(
            call.tokens.input * rates["input_cost_per_token"]
            + call.tokens.output * rates["output_cost_per_token"]
            for call in mine
        )
        row = rows[model.id, "us"]
        assert mine
        assert Decimal(row["list_cost_usd"]) == expected
        assert row["cost_completeness"] == "complete"


def test_the_three_formats_agree(clean: Path) -> None:
    document = report(clean, "account")
    as_csv = run("report", "--data-dir", str(clean / "data"), "--by", "account", "--format", "csv")
    as_table = run("report", "--data-dir", str(clean / "data"), "--by", "account")

    header, *rows = [line.split(",") for line in as_csv.stdout.splitlines()]
    assert [row[header.index("list_cost_usd")] for row in rows] == [
        row["list_cost_usd"] for row in document["rows"]
    ]
    for row in document["rows"]:
        assert row["account_id"] in as_table.stdout


def test_every_line_is_an_event_a_rejection_or_skipped(clean: Path, objects: list[SimulatedObject]) -> None:
    status, counts = read_status(clean / "data" / "status.json"), lines_of(objects)

    assert status is not None
    totals = status.totals
    assert totals.lines == totals.events + totals.rejections + totals.skipped == counts.lines
    assert (totals.rejections, totals.skipped) == (counts.rejected, counts.skipped)
    assert counts.rejected > 0
    assert counts.skipped > 0
    assert status.stage is Stage.FINISHED
    assert status.periods_parked == ()
    rejected = "select count(*) n from usage_events where rejection is not null"
    assert query(clean, rejected) == [{"n": counts.rejected}]


def query(folder: Path, sql: str, *more: str) -> list[dict[str, Any]]:
    result = run("query", sql, "--data-dir", str(folder / "data"), "--json", *more)
    assert result.exit_code == 0, result.stderr
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def test_a_query_counts_the_calls_of_the_lake(clean: Path, calls: list[SimulatedCall]) -> None:
    sql = (
        "select account_id, count(distinct request_id) n from usage_events where rejection is null group by 1"
    )

    found = {(row["account_id"],): row["n"] for row in query(clean, sql)}

    assert found == {
        name: sums["invocations"] for name, sums in sums_by(calls, lambda c: (c.account_id,)).items()
    }


def test_a_query_prints_no_more_rows_than_allowed_and_says_so(clean: Path) -> None:
    result = run(
        *("query", "select request_id from usage_events", "--data-dir", str(clean / "data")),
        *("--max-rows", "3", "--format", "csv"),
    )

    assert len(result.stdout.splitlines()) == 4
    assert "Only the first 3 rows" in result.stderr


@pytest.mark.parametrize(
    "sql",
    [
        "delete from usage_events",
        "select 1; select 2",
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "copy usage_events to '/tmp/x'",
        "attach '/tmp/x' as x",
        "select * from information_schema.tables",
        "select getenv('HOME') from usage_events",
        "pragma version",
        "",
    ],
)
def test_a_query_that_is_no_plain_select_is_refused(clean: Path, sql: str) -> None:
    result = run("query", sql, "--data-dir", str(clean / "data"))

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("Error: ")
    assert len(result.stderr.splitlines()) == 1


def test_a_receipt_of_a_logged_call_prices_each_kind_of_token(
    clean: Path, calls: list[SimulatedCall]
) -> None:
    call = next(call for call in calls if call.model_id == NOVA_PRO.id and call.outcome)

    result = run("receipt", call.request_id, "--data-dir", str(clean / "data"), "--json")

    receipt = json.loads(result.stdout)
    quantities = {line["kind"]: line["quantity"] for line in receipt["lines"]}
    assert quantities["input"] == call.tokens.input
    assert quantities["output"] == call.tokens.output
    assert (receipt["model_id"], receipt["status"]) == (NOVA_PRO.id, "priced")
    unknown = run("receipt", "no-such-call", "--data-dir", str(clean / "data"))
    assert (unknown.exit_code, unknown.stderr) == (
        1,
        "Error: the lake holds no call with the request id no-such-call\n",
    )


def test_a_second_run_reads_only_what_is_new_and_late_objects_count_in_their_own_hour(
    tmp_path: Path, clean: Path, objects: list[SimulatedObject]
) -> None:
    late = [item for item in objects if item.late or item.copy]
    early = [item for item in objects if item not in late]
    write_objects(tmp_path / "logs", early)
    first = ingest(tmp_path, "--tag", "team")
    write_objects(tmp_path / "logs", late)

    second = ingest(tmp_path)

    assert late
    assert second["rows_read"] == sum(item.counts.lines - item.counts.skipped for item in late)
    assert (
        first["rows_read"] + second["rows_read"]
        == second["totals"]["events"] + second["totals"]["rejections"]
    )
    assert ingest(tmp_path)["rows_read"] == 0
    assert everything(tmp_path) == everything(clean)


def test_usage_pages_that_are_lost_are_made_again_from_the_lake(
    tmp_path: Path, objects: list[SimulatedObject]
) -> None:
    write_objects(tmp_path / "logs", objects[:200])
    ingest(tmp_path, "--tag", "team")
    before = everything(tmp_path)
    for path in (tmp_path / "data").glob("tables.sqlite*"):
        path.unlink()

    again = ingest(tmp_path)

    assert again["rows_read"] == 0
    assert everything(tmp_path) == before


def test_a_metadata_key_asked_for_later_is_computed_for_the_past(
    tmp_path: Path, objects: list[SimulatedObject]
) -> None:
    write_objects(tmp_path / "logs", objects[:200])
    ingest(tmp_path)
    refused = run("report", "--data-dir", str(tmp_path / "data"), "--by", "tag:team")
    assert refused.exit_code != 0

    ingest(tmp_path, "--tag", "team")

    by_team = report(tmp_path, "tag:team")
    assert counters(by_team["total"]) == counters(report(tmp_path, "account")["total"])
    assert len(by_team["rows"]) > 1


def test_a_broken_object_is_shown_tried_again_and_read_once_it_is_whole(
    tmp_path: Path, objects: list[SimulatedObject]
) -> None:
    write_objects(tmp_path / "logs", objects[:40])
    good = ingest(tmp_path)["totals"]
    broken = tmp_path / "logs" / "cut.json.gz"
    whole = gzip.compress(b'{"schemaType": "SomethingElse", "schemaVersion": "1.0"}\n' * 9)
    broken.write_bytes(whole[:-8])

    statuses = [ingest(tmp_path) for _ in range(MAX_ATTEMPTS + 1)]

    assert [status["totals"]["retrying"] for status in statuses] == [1] * (MAX_ATTEMPTS - 1) + [0, 0]
    assert [status["totals"]["failed"] for status in statuses] == [0] * (MAX_ATTEMPTS - 1) + [1, 1]
    assert statuses[0]["faults"][0][0] == str(broken)
    broken.write_bytes(whole)
    mended = ingest(tmp_path)["totals"]
    assert mended == good | {
        "objects": good["objects"] + 1,
        "lines": good["lines"] + 9,
        "skipped": good["skipped"] + 9,
    }


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    with WriterLock(DataDirectory.create(tmp_path / "data")):
        result = run("local", str(tmp_path / "logs"), "--data-dir", str(tmp_path / "data"), "--no-serve")

    assert result.exit_code == 3
    assert result.stderr.startswith(f"Error: process {os.getpid()} is writing {tmp_path / 'data'}")


def test_invented_usage_never_comes_together_with_real_usage(
    tmp_path: Path, objects: list[SimulatedObject]
) -> None:
    write_objects(tmp_path / "logs", objects[:5])
    ingest(tmp_path)

    result = run("demo", "--data-dir", str(tmp_path / "data"), "--no-serve", "--days", "1")

    assert result.exit_code == 2
    assert f"holds usage from {tmp_path / 'logs'}; use another --data-dir" in result.stderr


def killed_in(stage: Stage, folder: Path) -> None:
    """Run `local --no-serve` in a process of its own, and kill it as soon as it is in a stage."""
    command: Sequence[str] = [
        *(sys.executable, "-m", "bedrock_analytics.cli.main", "local", str(folder / "logs")),
        *("--data-dir", str(folder / "data"), "--no-serve", "--tag", "team"),
    ]
    process = subprocess.Popen(command)
    path = folder / "data" / "status.json"
    while process.poll() is None:
        status = read_status(path)
        if status is not None and status.pid == process.pid and status.stage is stage:
            process.send_signal(signal.SIGKILL)
            break
        time.sleep(0.001)
    assert process.wait() == -signal.SIGKILL


@pytest.mark.parametrize("stages", [[Stage.READING], [Stage.COMPUTING, Stage.COMPUTING], [Stage.TIDYING]])
def test_a_killed_run_goes_on_without_losing_or_doubling_a_call(
    tmp_path: Path, clean: Path, objects: list[SimulatedObject], stages: list[Stage]
) -> None:
    write_objects(tmp_path / "logs", objects)
    for stage in stages:
        killed_in(stage, tmp_path)

    status = ingest(tmp_path)

    counts = lines_of(objects)
    assert status["totals"]["lines"] == counts.lines
    assert everything(tmp_path) == everything(clean)
