"""Serving the dashboard of a deployment: its address, its settings and its queries."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from bedrock_analytics.cli.exit_codes import ExitCode, Failure
from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.address import DEFAULT_HOST, DEFAULT_PORT, require_free

if TYPE_CHECKING:
    from bedrock_analytics.cli.deployment import Deployment
    from bedrock_analytics.storage.usage_table import DirtyRow
    from dashboard.config import DashboardConfig
    from dashboard.queries import Queries, UsageSource
    from dashboard.services import Services
    from dashboard.settings import DashboardSettings

CONFIG_FILE: Final = Path("config.yaml")


def address_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of an address; HOST and PORT may set it, too."""
    for option in (
        click.option(
            "--allow-open",
            is_flag=True,
            help="Serve without a login to other machines, too: who reaches the address may do everything.",
        ),
        click.option(
            "--config",
            type=click.Path(path_type=Path, exists=True, dir_okay=False),
            help="Names, zone and login of the dashboard; config.yaml here if there is one.",
        ),
        click.option(
            "--port",
            type=click.IntRange(1, 65_535),
            default=DEFAULT_PORT,
            envvar="PORT",
            show_default=True,
            show_envvar=True,
            help="Port to serve the dashboard on.",
        ),
        click.option(
            "--host",
            default=DEFAULT_HOST,
            envvar="HOST",
            show_default=True,
            show_envvar=True,
            help="Address to serve it on; 0.0.0.0 is every address of this machine.",
        ),
    ):
        command = option(command)
    return command


def check_address(host: str, port: int) -> None:
    """Failure, before any work, where the address cannot be served on."""
    try:
        require_free(host, port)
    except ConfigurationError as error:
        raise Failure(str(error), ExitCode.BUSY) from error


def page_address(host: str, port: int, base_path: str = "/") -> str:
    """The address to open in a browser on this machine."""
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1"} else host  # noqa: S104 - compared only
    return f"http://{shown}:{port}{base_path.rstrip('/')}"


def services_of(deployment: Deployment, settings: DashboardSettings) -> Services:
    """What the pages of a deployment need."""
    from bedrock_analytics.cli.lake_services import lake_services
    from bedrock_analytics.reporting.price_reader import unpriced_models
    from bedrock_analytics.reporting.usage_reader import UsageReader
    from dashboard.lake_source import LakeBackedSource
    from dashboard.prices.desk import PriceDesk
    from dashboard.services import Services

    table, clock = deployment.usage_table(), partial(datetime.now, UTC)
    reader = UsageReader(table, clock)
    found = lake_services(deployment, reader, clock, settings.compute_interval)
    source = reader if found.lake is None else LakeBackedSource(reader, found.lake)
    prices = PriceDesk(
        deployment.price_table(), partial(unpriced_models, reader), lambda: table.state().reprices
    )
    return Services(
        settings=settings,
        queries=_queries_of(deployment, source, settings),
        lake=found.lake,
        first_tokens=found.first_tokens,
        billed=found.billed,
        explorer=found.explorer,
        health=found.health,
        prices=prices,
    )


def _queries_of(deployment: Deployment, source: UsageSource, settings: DashboardSettings) -> Queries:
    from bedrock_analytics.jobs.compute_settings import ComputeSettings
    from bedrock_analytics.reporting.price_reader import PriceReader
    from dashboard.queries import Queries

    table, prices = deployment.usage_table(), PriceReader(deployment.price_table())

    def parked() -> list[DirtyRow]:
        most = ComputeSettings().max_attempts
        return [row for row in table.state().dirty if row.attempts >= most]

    return Queries(source, settings, parked=parked, price_list=lambda: prices.list_state(datetime.now(UTC)))


def read_config(path: Path | None) -> DashboardConfig:
    """What the configuration file says: the one named, or config.yaml where there is one."""
    from dashboard.config import DashboardConfig, load_config

    found = path or (CONFIG_FILE if CONFIG_FILE.is_file() else None)
    return DashboardConfig() if found is None else load_config(found)
