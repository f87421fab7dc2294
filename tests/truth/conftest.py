"""One data directory, read and computed as people do it, and everything that its pages ask."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner

from bedrock_analytics.cli.deployment import Deployment
from bedrock_analytics.cli.main import main
from bedrock_analytics.cli.serving import services_of
from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
from bedrock_analytics.reporting.usage_reader import UsageReader
from dashboard.settings import DashboardSettings
from tests.fakes.asked_app import AskedApp
from tests.truth.raw_calls import RawCall, RawRejection, read_objects, write_objects
from tests.truth.raw_sums import (
    DISCOUNT,
    DISCOUNT_FROM,
    DISCOUNTED,
    OWN_PRICE,
    OWN_PRICE_FROM,
    OWN_PRICE_OF,
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Office:
    """The data directory's page, its reader, and the raw lines that it was read from."""

    data: Path
    now: datetime
    calls: list[RawCall]
    rejections: list[RawRejection]
    app: AskedApp
    reader: UsageReader

    def __repr__(self) -> str:
        return "the office"


def command(*arguments: str) -> str:
    """What a command prints."""
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    folder, now = tmp_path_factory.mktemp("truth"), datetime.now(UTC)
    logs, data = folder / "logs", folder / "data"
    write_objects(logs, now)
    ingest = ("local", str(logs), "--data-dir", str(data), "--no-serve", "--quiet", "--tag", "team")
    command(*ingest)
    # entered after the calls were computed, so that all of them are priced again
    rates = [f"{kind}={rate * 1_000_000}" for kind, rate in OWN_PRICE.items()]
    price = ("prices", "set", OWN_PRICE_OF, *rates, "--from", f"{OWN_PRICE_FROM:%Y-%m-%dT%H:%M}")
    command(*price, "--data-dir", str(data))
    discount = ("prices", "discount", "set", f"{DISCOUNT * 100}", "--account", DISCOUNTED)
    command(*discount, "--from", f"{DISCOUNT_FROM:%Y-%m-%dT%H:%M}", "--data-dir", str(data))
    command(*ingest)
    calls, rejections = read_objects(logs)
    deployment: Deployment = EmbeddedDeployment(DataDirectory.open(data))
    yield Office(
        data=data,
        now=now,
        calls=calls,
        rejections=rejections,
        app=AskedApp(services_of(deployment, DashboardSettings(zone=ZoneInfo("UTC")))),
        reader=UsageReader(deployment.usage_table(), lambda: now),
    )
    deployment.close()
