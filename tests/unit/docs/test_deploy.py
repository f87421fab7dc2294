"""docs/deploy.md and docs/privacy.md say what the code does; the costs are computed anew."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import click
import pytest
import yaml

from bedrock_analytics.cli.main import main
from bedrock_analytics.domain.caller import CallerDetail, resolve_caller, with_detail
from bedrock_analytics.reporting import aws_list_prices as list_prices
from bedrock_analytics.reporting.running_cost import (
    ALARMS,
    Measured,
    monthly,
    own_cost,
    own_lines,
    reference_line,
    shared_lines,
)
from components.alarms import hub_alarms
from components.naming import HubNames
from components.settings import SETTINGS
from scripts import permissions_doc, running_cost
from scripts.running_cost import cents, measured

ROOT = Path(__file__).parents[3]
DEPLOY = (ROOT / "docs" / "deploy.md").read_text("utf-8")
PRIVACY = (ROOT / "docs" / "privacy.md").read_text("utf-8")
FOUND = Measured(
    parsed_a_second=Decimal(20_000),
    units_a_day=((100_000, Decimal(13_000)), (10_000_000, Decimal(15_000))),
    reference_units=Decimal(18),
    many=("many", Decimal(1_000_000)),
)
COMMANDS = set(main.list_commands(click.Context(main)))
KEYS = {setting.key for setting in SETTINGS}


def usd(item: str, calls: int) -> Decimal:
    """One item of the bill, to the cent."""
    lines = [*shared_lines(FOUND), *own_lines(FOUND), reference_line(FOUND)]
    (line,) = [line for line in lines if line.item == item]
    return cents(line.usd(calls))


def test_the_table_of_costs_is_what_prices_and_benchmarks_give() -> None:
    benchmarks = running_cost.BENCHMARKS.read_text("utf-8")

    assert running_cost.with_costs(DEPLOY, benchmarks) == DEPLOY, "run `python -m scripts.running_cost`"


def test_the_permissions_are_those_that_preflight_asks_for() -> None:
    assert permissions_doc.with_permissions(DEPLOY) == DEPLOY, "run `python -m scripts.permissions_doc`"


@pytest.mark.parametrize(
    ("item", "calls", "expected"),
    [
        # 100 million rows of 5 KB are 476.84 GB
        ("Firehose", 100_000_000, "13.83"),
        # 8,640 runs x 2 queries x 10 MB are 0.1728 TB
        ("Athena: L2", 1_000_000, "0.86"),
        # 8,640 runs x 3.33 million rows x (7 + 46) bytes are 1.53 TB
        ("Athena: L2", 100_000_000, "7.63"),
        # 30 nights x 1,333 million rows x 40 bytes are 1.6 TB
        ("Athena: every night", 100_000_000, "8.00"),
        # 5,000 s x 1.769 GB, and 100,000 objects x (0.3 GB-s + a request)
        ("Lambda: L1", 100_000_000, "0.54"),
        # 450,000 units, and 216,000 read units
        ("DynamoDB: pages", 100_000_000, "0.31"),
        ("DynamoDB: pages", 1_000_000, "0.27"),
        ("DynamoDB: a transaction for each call", 1_000_000, "11.25"),
        # 648,000 polls, 43,200 objects x (3 requests + 1 GET)
        ("S3 and SQS: new objects", 1_000_000, "0.33"),
        # 8,640 runs x 14.152 GB-s, and two requests each
        ("Lambda and schedule: L2", 1_000_000, "1.64"),
        ("CloudWatch logs", 1_000_000, "0.03"),
        ("CloudWatch metrics and alarms", 1_000_000, "4.40"),
    ],
)
def test_an_item_is_what_its_formula_gives_by_hand(item: str, calls: int, expected: str) -> None:
    assert usd(item, calls) == Decimal(expected)


def test_it_costs_less_than_the_reference_at_every_volume() -> None:
    found = measured(running_cost.BENCHMARKS.read_text("utf-8"))
    shared = shared_lines(found)
    for calls in running_cost.VOLUMES:
        ours = monthly([*shared, *own_lines(found)], calls)
        assert ours < monthly([*shared, reference_line(found)], calls)


def test_as_many_alarms_are_priced_as_are_declared() -> None:
    declared = len(hub_alarms(HubNames(account="111122223333", region="us-east-1"), 300))
    budget = 3

    assert declared + budget <= ALARMS


def test_every_price_names_its_source() -> None:
    for price in list_prices.PRICES:
        assert price.source.startswith("https://")
        assert f"- {price.usd} for a {price.unit} ({price.source})" in DEPLOY


def test_benchmarks_without_the_figures_are_refused() -> None:
    with pytest.raises(ValueError, match="run `make bench`"):
        measured("# Benchmarks\n")


@pytest.mark.parametrize(
    "with_text", [lambda text: running_cost.with_costs(text, ""), permissions_doc.with_permissions]
)
def test_a_document_without_the_marks_is_refused(with_text: object) -> None:
    assert callable(with_text)
    with pytest.raises(ValueError, match="lacks the marks"):
        with_text("# Deploying\n")


@pytest.mark.parametrize("text", [DEPLOY, PRIVACY], ids=["deploy", "privacy"])
def test_every_command_and_target_that_is_named_exists(text: str) -> None:
    named = set(re.findall(r"bedrock-analytics ([a-z][a-z-]*[a-z])\b", text)) - {"spoke"}
    targets = set(re.findall(r"\bmake ((?:up|deploy|preview|destroy|setup|preflight)[a-z-]*)", text))
    makefile = (ROOT / "Makefile").read_text()

    assert named <= COMMANDS
    assert targets <= set(re.findall(r"^([a-z][a-z-]*):", makefile, re.MULTILINE))


def test_every_key_of_a_stack_that_is_shown_exists() -> None:
    shown = set(re.findall(r"bedrock-analytics:([A-Za-z0-9]+):", DEPLOY))
    told = set(re.findall(r"`([a-z][a-zA-Z0-9]+)(?:: [a-z]+)?`", PRIVACY.replace("session_hours", "")))

    assert shown
    assert shown <= KEYS
    assert {word for word in told if re.search(r"[A-Z]", word)} <= KEYS | {"requestMetadata"}


def test_the_stack_files_that_are_shown_are_yaml() -> None:
    for block in re.findall(r"```yaml\n(.*?)```", DEPLOY, re.DOTALL):
        assert yaml.safe_load(block)


@pytest.mark.parametrize(
    ("detail", "name"),
    [
        (CallerDetail.FULL, r"sso/Admins/ana@example\.com"),
        (CallerDetail.ROLE, r"sso/Admins/\*"),
        (CallerDetail.PSEUDONYM, r"sso/Admins/~[0-9a-f]{12}"),
    ],
)
def test_the_names_of_callers_are_as_the_document_says(detail: CallerDetail, name: str) -> None:
    arn = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Admins_0123456789abcdef/ana@example.com"

    found = with_detail(resolve_caller(arn), detail, b"a key of sixteen")

    assert re.fullmatch(name, found.name)
    assert f"| `{detail.value}` | `sso/Admins" in PRIVACY


def test_the_dashboard_estimates_as_the_document_does() -> None:
    found = measured(running_cost.BENCHMARKS.read_text("utf-8"))
    for calls in running_cost.VOLUMES:
        told = monthly([*shared_lines(found), *own_lines(found)], calls)
        assert abs(own_cost(calls) - told) < told / 10


def test_beyond_what_was_measured_writes_grow_with_the_calls() -> None:
    assert FOUND.units(Decimal(20_000_000)) == Decimal(30_000)
    assert FOUND.units(Decimal(100_001)) == Decimal(15_000)
