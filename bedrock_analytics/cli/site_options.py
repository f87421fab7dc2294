"""The options that say whose log bucket and queue a command is about."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from bedrock_analytics.cli.deployment_options import AwsNames

if TYPE_CHECKING:
    from bedrock_analytics.cli.log_site import LogSite


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteChoice:
    """A stack's file, or the hub in a profile's Region."""

    stack: str | None
    names: AwsNames

    def site(self) -> LogSite:
        """The chosen site; ConfigurationError where there is none."""
        from bedrock_analytics.cli.log_site import site_of_hub, site_of_stack
        from bedrock_analytics.cli.stack_files import StackFiles

        if self.stack is not None:
            return site_of_stack(StackFiles(), self.stack, self.names.profile)
        return site_of_hub(self.names)


def site_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a site, and hand it a `place: SiteChoice`."""

    @functools.wraps(command)
    def choosing(**options: Any) -> Any:
        names = AwsNames(
            profile=options.pop("profile"), region=options.pop("aws_region"), prefix=options.pop("prefix")
        )
        return command(place=SiteChoice(stack=options.pop("stack"), names=names), **options)

    decorated: Callable[..., Any] = choosing
    for option in (
        click.option("--prefix", help="What the hub's names begin with, where no --stack is given."),
        click.option("--aws-region", help="Region of the hub, where no --stack is given."),
        click.option("--profile", help="AWS profile of the account with the logs."),
        click.option("--stack", help="Stack file that names bucket and queue; a spoke's logs need it."),
    ):
        decorated = option(decorated)
    return decorated
