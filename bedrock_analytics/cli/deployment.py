"""A deployment as the commands use it, wherever it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Protocol

from bedrock_analytics.cli.deployment_options import AwsChoice, AwsNames, DeploymentChoice, EmbeddedChoice

if TYPE_CHECKING:
    from bedrock_analytics.reporting.deployment_signals import DeploymentSignals
    from bedrock_analytics.storage.item_table import ItemTable
    from bedrock_analytics.storage.lake import EventLake
    from bedrock_analytics.storage.lake_desk import LakeDesk
    from bedrock_analytics.storage.price_table import PriceTable
    from bedrock_analytics.storage.usage_table import UsageTable


class Deployment(Protocol):
    """Where usage, prices and events are read from."""

    @property
    def title(self) -> str:
        """What to call it."""
        ...

    def usage_table(self) -> UsageTable: ...

    def price_table(self) -> PriceTable: ...

    def price_items(self) -> ItemTable:
        """The item table that the prices lie in, which the dashboard may write."""
        ...

    def lake(self) -> EventLake: ...

    def lake_desk(self) -> LakeDesk | None:
        """Where the dashboard asks the lake without waiting; None where nothing says where the lake is."""
        ...

    def signals(self) -> DeploymentSignals:
        """What it tells beside its tables and its lake."""
        ...

    def close(self) -> None: ...


@contextmanager
def open_deployment(choice: DeploymentChoice) -> Iterator[Deployment]:
    """The chosen deployment, closed in the end.

    ConfigurationError or DataDirectoryError where it cannot be found.
    """
    with closing(deployment_of(resolved(choice))) as deployment:
        yield deployment


def resolved(choice: DeploymentChoice) -> DeploymentChoice:
    """The choice with the names that its stack's outputs, or the settings of the Region's hub, tell.

    ConfigurationError where there are none.
    """
    if isinstance(choice, EmbeddedChoice):
        return choice
    return AwsChoice(stack=None, names=resolved_names(choice))


def resolved_names(choice: AwsChoice) -> AwsNames:
    """Names of an AWS deployment, found in the same way."""
    if choice.stack is not None:
        from bedrock_analytics.cli.stack_outputs import stack_outputs

        return choice.names.over(stack_outputs(choice.stack))
    if choice.names.is_bare:
        from bedrock_analytics.cli.hub_settings import hub_settings

        return choice.names.over(hub_settings(choice.names))
    return choice.names


def deployment_of(choice: DeploymentChoice) -> Deployment:
    """The deployment of a resolved choice; the caller closes it."""
    if isinstance(choice, EmbeddedChoice):
        from bedrock_analytics.embedded.data_directory import DataDirectory
        from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment

        return EmbeddedDeployment(DataDirectory.open(choice.data_dir))
    from bedrock_analytics.cli.aws_deployment import AwsDeployment

    return AwsDeployment(choice.names)
