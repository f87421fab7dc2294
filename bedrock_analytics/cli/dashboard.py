"""`dashboard`: the page of a deployment that something else keeps up to date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bedrock_analytics.cli.child_process import end_with_parent
from bedrock_analytics.cli.deployment import Deployment, deployment_of, open_deployment, resolved
from bedrock_analytics.cli.deployment_options import DeploymentChoice, EmbeddedChoice, deployment_options
from bedrock_analytics.cli.serving import (
    address_options,
    check_address,
    page_address,
    read_config,
    services_of,
)
from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from dash import Dash

    from dashboard.config import Login
    from dashboard.settings import DashboardSettings


@click.command("dashboard", short_help="Serve the dashboard of a deployment.")
@deployment_options
@address_options
@click.option(
    "--workers",
    type=click.IntRange(1, 32),
    default=1,
    show_default=True,
    help="Processes that serve a deployment on AWS, each with threads of its own.",
)
@click.option("--parent", type=int, hidden=True)
def dashboard(
    choice: DeploymentChoice, host: str, port: int, config: Path | None, parent: int | None, **flags: Any
) -> None:
    """Serve the dashboard of a data directory, or of a deployment on AWS with your own credentials."""
    check_address(host, port)
    if parent is not None:
        end_with_parent(parent)
    from dashboard.server import require_guarded, serve

    found = resolved(choice)
    plan = _plan(found, config, allow_open=flags["allow_open"])
    mode = plan.login.mode
    require_guarded(host, mode, allow_open=plan.to_network)
    _require_one_process(found, flags["workers"])
    serve(
        lambda: _app(found, plan),
        host,
        port,
        login=mode,
        allow_open=plan.to_network,
        workers=flags["workers"],
        on_ready=lambda: click.echo(
            f"Dashboard  {page_address(host, port, plan.settings.base_path)}  (Ctrl-C stops)", err=True
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What is known before there is any worker: the same for all of them."""

    settings: DashboardSettings
    login: Login
    secret: str
    to_network: bool


def _plan(choice: DeploymentChoice, config: Path | None, *, allow_open: bool) -> _Plan:
    """Read what is configured, and say here, once, what is wrong with the deployment or its login."""
    from bedrock_analytics.cli.login import check_login, session_secret
    from dashboard.config import LoginMode

    said = read_config(config)
    secret = session_secret(choice, said.login) if said.login.mode is LoginMode.USERS else ""
    with open_deployment(choice) as deployment:
        deployment.usage_table().checkpoint()
        check_login(deployment, said.login, secret)
        settings = said.applied_to(_settings(deployment))
    return _Plan(settings=settings, login=said.login, secret=secret, to_network=allow_open)


def _app(choice: DeploymentChoice, plan: _Plan) -> Dash:
    """The app, in the process that serves it; its deployment stays open as long as that lives."""
    from bedrock_analytics.cli.login import access_of
    from dashboard.app import create_app

    deployment = deployment_of(choice)
    access = access_of(deployment, plan.login, plan.secret, to_network=plan.to_network)
    return create_app(services_of(deployment, plan.settings), access)


def _require_one_process(choice: DeploymentChoice, workers: int) -> None:
    if workers > 1 and isinstance(choice, EmbeddedChoice):
        raise ConfigurationError(
            "a data directory is served by one process, which has threads enough; leave --workers away"
        )


def _settings(deployment: Deployment) -> DashboardSettings:
    """How the deployment's page looks where no configuration file says otherwise."""
    from bedrock_analytics.cli.aws_deployment import AwsDeployment
    from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
    from dashboard.settings import DashboardSettings

    if isinstance(deployment, AwsDeployment):
        usual = DashboardSettings()
        return DashboardSettings(
            compute_interval=deployment.compute_interval or usual.compute_interval,
            monthly_budget_usd=deployment.monthly_budget_usd,
        )
    if not isinstance(deployment, EmbeddedDeployment):
        return DashboardSettings()
    known = deployment.settings()
    return DashboardSettings(
        account_names=known.account_names,
        compute_interval=timedelta(minutes=1),
        next_step=f"Waiting for the first calls from {known.log_source or 'the logs'}. "
        "They appear here as soon as they are read and computed.",
    )
