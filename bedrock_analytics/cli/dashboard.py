"""`dashboard`: the page of a deployment that something else keeps up to date."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.child_process import end_with_parent
from bedrock_analytics.cli.deployment import Deployment, deployment_of, open_deployment, resolved
from bedrock_analytics.cli.deployment_options import DeploymentChoice, deployment_options
from bedrock_analytics.cli.serving import (
    address_options,
    check_address,
    configured,
    page_address,
    queries_of,
)

if TYPE_CHECKING:
    from dash import Dash

    from dashboard.settings import DashboardSettings


@click.command("dashboard", short_help="Serve the dashboard of a deployment.")
@deployment_options
@address_options
@click.option("--parent", type=int, hidden=True)
def dashboard(
    choice: DeploymentChoice, host: str, port: int, config: Path | None, allow_open: bool, parent: int | None
) -> None:
    """Serve the dashboard of a data directory, or of a deployment on AWS with your own credentials."""
    check_address(host, port)
    if parent is not None:
        end_with_parent(parent)
    from dashboard.server import serve

    found = resolved(choice)
    with open_deployment(found) as deployment:
        deployment.usage_table().checkpoint()  # what is wrong is said here, once, and not in the page
        settings = configured(_settings(deployment), config)

    def make_app() -> Dash:
        """The app, in the process that serves it; its deployment stays open as long as that lives."""
        from dashboard.app import create_app

        return create_app(queries_of(deployment_of(found), settings), settings)

    serve(
        make_app,
        host,
        port,
        allow_open=allow_open,
        on_ready=lambda: click.echo(f"Dashboard  {page_address(host, port)}  (Ctrl-C stops)", err=True),
    )


def _settings(deployment: Deployment) -> DashboardSettings:
    """How the deployment's page looks where no configuration file says otherwise."""
    from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
    from dashboard.settings import DashboardSettings

    if not isinstance(deployment, EmbeddedDeployment):
        return DashboardSettings()
    known = deployment.settings()
    return DashboardSettings(
        account_names=known.account_names,
        compute_interval=timedelta(minutes=1),
        next_step=f"Waiting for the first calls from {known.log_source or 'the logs'}. "
        "They appear here as soon as they are read and computed.",
    )
