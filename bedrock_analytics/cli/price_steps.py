"""Making one change of prices and saying what follows from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.deployment import open_deployment
from bedrock_analytics.cli.deployment_options import DeploymentChoice, EmbeddedChoice
from bedrock_analytics.cli.price_options import now_in_seconds

if TYPE_CHECKING:
    from bedrock_analytics.jobs.change_prices import Author, Operation
    from bedrock_analytics.storage.price_history import PriceChange


def make_change(choice: DeploymentChoice, operation: Operation, author: Author) -> None:
    """Do an operation in a deployment; PriceRefused where it is not possible."""
    from bedrock_analytics.jobs.change_prices import PriceChanges

    with open_deployment(choice) as deployment:
        change = PriceChanges(deployment.price_table(), now_in_seconds()).make(operation, author)
    click.echo(_sentence(change))
    click.echo(_next_step(choice), err=True)


def _sentence(change: PriceChange) -> str:
    from bedrock_analytics.domain.receipt import plain

    what = " ".join(
        filter(None, (change.model_id or "every model", change.scope or change.account_id or "every account"))
    )
    noun = "discount" if change.scope is None else "price"
    values = ", ".join(f"{key} {plain(value)}" for key, value in sorted(change.new.items()))
    tail = f": {values}" if values else ""
    since = f"{change.effective_from:%Y-%m-%d %H:%M:%S} UTC"
    return f"The {noun} of {what} from {since} is {change.kind.value}{tail}."


def _next_step(choice: DeploymentChoice) -> str:
    if isinstance(choice, EmbeddedChoice):
        return (
            "Calls it concerns are priced again by the running `demo` or `local`; "
            "if none runs, by `bedrock-analytics reprice --pending`."
        )
    return (
        "Calls it concerns are priced again by the next runs of L2: see `bedrock-analytics reprice --status`."
    )


def refresh_advice(choice: DeploymentChoice | None) -> str:
    """What to do about an old price list."""
    if choice is None or isinstance(choice, EmbeddedChoice):
        return "fetch the current one with `bedrock-analytics seed-pricing --fetch`"
    return "the weekly sync should have replaced it, see `bedrock-analytics prices status`"
