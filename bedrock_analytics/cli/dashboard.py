"""`dashboard`: the page of a deployment that something else keeps up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.deployment import Deployment, open_deployment
from bedrock_analytics.cli.deployment_options import DeploymentChoice, deployment_options
from bedrock_analytics.cli.serving import address_options, check_address, page_address, serve_deployment

if TYPE_CHECKING:
    from dashboard.settings import DashboardSettings


@click.command("dashboard", short_help="Serve the dashboard of a deployment.")
@deployment_options
@address_options
def dashboard(choice: DeploymentChoice, host: str, port: int, config: Path | None) -> None:
    """Serve the dashboard of a data directory, or of a deployment on AWS with your own credentials."""
    check_address(host, port)
    with open_deployment(choice) as deployment:
        settings = _settings(deployment)
        click.echo(f"Dashboard of {deployment.title}: {page_address(host, port)}  (Ctrl-C stops)", err=True)
        serve_deployment(deployment, settings, host, port, config)


def _settings(deployment: Deployment) -> DashboardSettings:
    from bedrock_analytics.cli.embedded_run import presentation
    from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
    from dashboard.settings import DashboardSettings

    if isinstance(deployment, EmbeddedDeployment):
        return presentation(deployment.settings())
    return DashboardSettings()
