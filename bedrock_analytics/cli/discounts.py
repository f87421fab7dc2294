"""`prices discount`: negotiated percentages off the list cost."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import click

from bedrock_analytics.cli.deployment import open_deployment
from bedrock_analytics.cli.deployment_options import DeploymentChoice, deployment_options
from bedrock_analytics.cli.price_options import author_of, author_options, effective_option, utc_moment
from bedrock_analytics.cli.price_steps import make_change
from bedrock_analytics.cli.row_output import print_rows
from bedrock_analytics.domain.errors import ConfigurationError

_COLUMNS = ("account", "model", "from", "percent", "by", "note")
_ACCOUNT = click.option("--account", help="Only calls of this account; of every account if not given.")
_MODEL = click.option("--model", help="Only calls of this model, in whatever scope; of all if not given.")


@click.group(short_help="Show and enter negotiated discounts.")
def discount() -> None:
    """Percentages off the list cost: by account, by model, by both, or of everything.

    The most specific one applies alone. They are lines of their own: the list cost stays visible.
    """


@discount.command("list", short_help="Show the discounts.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@deployment_options
def list_discounts(form: str, choice: DeploymentChoice) -> None:
    """Every discount, past and future ones too; 0 ends the one before it."""
    with open_deployment(choice) as deployment:
        found = deployment.price_table().discounts()
    rows = [
        (
            one.account_id or "all",
            one.model_id or "all",
            one.effective_from.isoformat(),
            str(one.percent),
            one.changed_by,
            one.note,
        )
        for one in found
    ]
    print_rows(_COLUMNS, rows, form)


@discount.command("set", short_help="Enter or correct a discount.")
@click.argument("percent")
@effective_option
@_ACCOUNT
@_MODEL
@author_options
@deployment_options
def set_discount(
    percent: str,
    since: str,
    account: str | None,
    model: str | None,
    who: str | None,
    note: str | None,
    choice: DeploymentChoice,
) -> None:
    """Enter a discount of PERCENT from a moment on, in place of one of the same account, model and moment."""
    from bedrock_analytics.jobs.change_prices import PutDiscount

    operation = PutDiscount(
        percent=_percent(percent),
        effective_from=utc_moment(since, "--from"),
        account_id=account,
        model_id=_model_id(model),
    )
    make_change(choice, operation, author_of(who, note))


@discount.command("end", short_help="End a discount.")
@effective_option
@_ACCOUNT
@_MODEL
@author_options
@deployment_options
def end_discount(
    since: str,
    account: str | None,
    model: str | None,
    who: str | None,
    note: str | None,
    choice: DeploymentChoice,
) -> None:
    """From a moment on, no discount for the account and model, even where a broader one exists."""
    from bedrock_analytics.jobs.change_prices import EndDiscount

    operation = EndDiscount(
        effective_from=utc_moment(since, "--from"), account_id=account, model_id=_model_id(model)
    )
    make_change(choice, operation, author_of(who, note))


@discount.command("delete", short_help="Take back a discount.")
@effective_option
@_ACCOUNT
@_MODEL
@author_options
@deployment_options
def delete_discount(
    since: str,
    account: str | None,
    model: str | None,
    who: str | None,
    note: str | None,
    choice: DeploymentChoice,
) -> None:
    """Take back what was entered for a moment, as if it had never been; it stays in the history."""
    from bedrock_analytics.jobs.change_prices import DeleteDiscount

    operation = DeleteDiscount(
        effective_from=utc_moment(since, "--from"), account_id=account, model_id=_model_id(model)
    )
    make_change(choice, operation, author_of(who, note))


def _percent(text: str) -> Decimal:
    try:
        return Decimal(text.removesuffix("%").strip())
    except InvalidOperation as error:
        raise ConfigurationError(f"{text!r} is no percentage: write one like 12.5") from error


def _model_id(model: str | None) -> str | None:
    from bedrock_analytics.domain.rate_card import place_of

    return None if model is None else place_of(model)[0]
