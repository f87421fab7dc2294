"""`prices`: what models cost, and changing it by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from bedrock_analytics.cli.deployment import open_deployment
from bedrock_analytics.cli.deployment_options import DeploymentChoice, deployment_options
from bedrock_analytics.cli.discounts import discount
from bedrock_analytics.cli.price_options import (
    author_of,
    author_options,
    effective_option,
    now_in_seconds,
    parse_rates,
    utc_moment,
)
from bedrock_analytics.cli.price_steps import make_change, refresh_advice
from bedrock_analytics.cli.row_output import print_rows

if TYPE_CHECKING:
    from bedrock_analytics.domain.rate_card import RateCard
    from bedrock_analytics.storage.price_history import PriceChange

FORMATS = click.Choice(["table", "json", "csv"])
_CARD_COLUMNS = ("model", "scope", "from", "source", "rates", "by", "note")
_CHANGE_COLUMNS = (
    "seen",
    "change",
    "model",
    "scope",
    "account",
    "from",
    "source",
    "old",
    "new",
    "by",
    "note",
)
_HELD_COLUMNS = ("model", "scope", "seen", "old", "new")


@click.group(short_help="Show prices, and enter your own.")
def prices() -> None:
    """What models cost in a deployment, and prices and discounts entered by hand.

    MODEL is an id as in logs: with a geography (us.…, global.…) it means the price of that scope, without
    one the base price; an ARN means calls of that very resource. Calls made before are priced again.
    """


@prices.command("list", short_help="Show the prices in force.")
@click.option("--search", default="", help="Only models whose id, name or vendor contains this.")
@click.option("--upcoming", is_flag=True, help="Show prices that take effect later instead.")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@deployment_options
def list_prices(search: str, upcoming: bool, form: str, choice: DeploymentChoice) -> None:
    """Rate cards in force, in USD for a million units, by model and scope."""
    from bedrock_analytics.reporting.price_reader import PriceReader

    with open_deployment(choice) as deployment:
        models = PriceReader(deployment.price_table()).models(now_in_seconds())
    wanted = [model for model in models if search.lower() in model.search]
    cards = [card for model in wanted for card in (model.upcoming if upcoming else model.in_force)]
    print_rows(_CARD_COLUMNS, [_card_row(card) for card in cards], form)


@prices.command(short_help="Show what happened to the prices of a model.")
@click.argument("model", required=False)
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@deployment_options
def history(model: str | None, form: str, choice: DeploymentChoice) -> None:
    """Who or what changed a price, when, and from what to what; of MODEL, or the latest of all."""
    from bedrock_analytics.domain.rate_card import place_of
    from bedrock_analytics.reporting.price_reader import PriceReader

    with open_deployment(choice) as deployment:
        reader = PriceReader(deployment.price_table())
        found = reader.changes() if model is None else reader.history(place_of(model)[0]).changes
    print_rows(_CHANGE_COLUMNS, [_change_row(change) for change in found], form)


@prices.command("set", short_help="Enter or correct a price.")
@click.argument("model")
@click.argument("rates", nargs=-1, required=True, metavar="KIND=USD…")
@effective_option
@click.option("--scope", help="base, global, geo:us or region:eu-west-2; that of MODEL if not given.")
@click.option("--correct", is_flag=True, help="Replace the price entered for the same moment.")
@author_options
@deployment_options
def set_price(
    model: str,
    rates: tuple[str, ...],
    since: str,
    scope: str | None,
    correct: bool,
    who: str | None,
    note: str | None,
    choice: DeploymentChoice,
) -> None:
    """Enter rates of MODEL in USD for a million units, such as input=3.3 output=16.5 output@flex=8.25.

    Rates that are not given stay the listed ones. They hold until the next price entered for the model
    and scope, or until it is ended.
    """
    from bedrock_analytics.jobs.change_prices import AddPrice, CorrectPrice

    model_id, place = _place(model, scope)
    make = CorrectPrice if correct else AddPrice
    operation = make(
        model_id=model_id, scope=place, effective_from=utc_moment(since, "--from"), rates=parse_rates(rates)
    )
    make_change(choice, operation, author_of(who, note))


@prices.command(short_help="End a price entered by hand.")
@click.argument("model")
@effective_option
@click.option("--scope", help="As of `prices set`.")
@author_options
@deployment_options
def end(
    model: str, since: str, scope: str | None, who: str | None, note: str | None, choice: DeploymentChoice
) -> None:
    """From a moment on, let MODEL pay the listed price again; what was entered holds for the time before."""
    from bedrock_analytics.jobs.change_prices import EndPrice

    model_id, place = _place(model, scope)
    operation = EndPrice(model_id=model_id, scope=place, effective_from=utc_moment(since, "--from"))
    make_change(choice, operation, author_of(who, note))


@prices.command(short_help="Take back a price entered by hand.")
@click.argument("model")
@effective_option
@click.option("--scope", help="As of `prices set`.")
@author_options
@deployment_options
def delete(
    model: str, since: str, scope: str | None, who: str | None, note: str | None, choice: DeploymentChoice
) -> None:
    """Take back the price or the end that was entered for MODEL and a moment, as if it had never been.

    It stays in the history.
    """
    from bedrock_analytics.jobs.change_prices import DeletePrice

    model_id, place = _place(model, scope)
    operation = DeletePrice(model_id=model_id, scope=place, effective_from=utc_moment(since, "--from"))
    make_change(choice, operation, author_of(who, note))


@prices.command(short_help="Show listed prices that wait for approval.")
@click.option("--format", "form", type=FORMATS, default="table", show_default=True)
@deployment_options
def held(form: str, choice: DeploymentChoice) -> None:
    """Listed rates that moved more than tenfold, and are not used until somebody approves them."""
    from bedrock_analytics.storage.price_history import rate_values

    with open_deployment(choice) as deployment:
        waiting = deployment.price_table().held()
    rows = [
        (
            one.card.model_id,
            one.card.scope,
            one.seen_at,
            _values_text(one.old),
            _values_text(rate_values(one.card)),
        )
        for one in waiting
    ]
    print_rows(_HELD_COLUMNS, rows, form)


@prices.command(short_help="Approve a listed price that waits.")
@click.argument("model")
@click.option("--scope", help="As of `prices set`.")
@author_options
@deployment_options
def approve(
    model: str, scope: str | None, who: str | None, note: str | None, choice: DeploymentChoice
) -> None:
    """Put the listed price of MODEL that waits for approval in force from now on."""
    from bedrock_analytics.jobs.change_prices import ApproveHeld

    model_id, place = _place(model, scope)
    make_change(choice, ApproveHeld(model_id=model_id, scope=place), author_of(who, note))


@prices.command(short_help="Show the price list's age and the last sync.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
@deployment_options
def status(as_json: bool, choice: DeploymentChoice) -> None:
    """Which price list is in force, how old it is, and what the last sync did."""
    from bedrock_analytics.reporting.price_reader import PriceReader
    from bedrock_analytics.reporting.price_words import list_facts, list_sentence

    now = now_in_seconds()
    with open_deployment(choice) as deployment:
        state = PriceReader(deployment.price_table()).list_state(now)
    if as_json:
        print_rows(tuple(list_facts(state)), [tuple(list_facts(state).values())], "json")
        return
    click.echo(list_sentence(state, refresh=refresh_advice(choice)))
    for name, value in list_facts(state).items():
        if value not in (None, {}, ()):
            click.echo(f"{name.replace('_', ' ')}: {_fact(value)}")


prices.add_command(discount)


def _place(model: str, scope: str | None) -> tuple[str, str]:
    from bedrock_analytics.domain.rate_card import place_of

    model_id, own = place_of(model)
    return model_id, scope or own


def _card_row(card: RateCard) -> tuple[object, ...]:
    from bedrock_analytics.storage.price_history import rate_values

    return (
        card.model_id,
        card.scope,
        card.effective_from.isoformat(),
        card.source.value,
        _values_text(rate_values(card)) or "ends",
        card.changed_by,
        card.note,
    )


def _change_row(change: PriceChange) -> tuple[object, ...]:
    return (
        change.seen_at.isoformat(),
        change.kind.value,
        change.model_id,
        change.scope,
        change.account_id,
        change.effective_from.isoformat(),
        change.source,
        _values_text(change.old),
        _values_text(change.new),
        change.changed_by,
        change.note,
    )


def _values_text(values: Mapping[str, Decimal]) -> str:
    from bedrock_analytics.domain.receipt import plain

    return " ".join(f"{key}={plain(value)}" for key, value in sorted(values.items()))


def _fact(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {count}" for name, count in value.items())
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return value.isoformat() if isinstance(value, date) else str(value)
