"""What people write on a command line about prices: moments, rates, models and who they are."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import click

from bedrock_analytics.cli.time_options import parse_moment, parse_zone
from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bedrock_analytics.domain.rate_key import RateKey
    from bedrock_analytics.jobs.change_prices import Author


def effective_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--from`: the moment that something takes effect, as `since`."""
    return click.option(
        "--from",
        "since",
        required=True,
        help="When it takes effect, in UTC: 2026-11-01, 2026-11-01T10:30, 7d ago or now.",
    )(command)


def author_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--note` and `--by`: why, and who."""
    decorated = click.option("--by", "who", help="Who changes it; your user name if not given.")(command)
    return click.option("--note", help="Why, such as the contract; kept in the history.")(decorated)


def author_of(who: str | None, note: str | None) -> Author:
    """Who changes a price."""
    from bedrock_analytics.jobs.change_prices import Author

    return Author(who=getpass.getuser() if who is None else who, note=note)


def now_in_seconds() -> datetime:
    """This moment in UTC, as prices are dated."""
    return datetime.now(UTC).replace(microsecond=0)


def utc_moment(text: str, option: str) -> datetime:
    """A moment as a person writes it, in UTC."""
    return parse_moment(text, parse_zone("UTC"), now_in_seconds(), option)


def parse_rates(texts: Iterable[str]) -> dict[RateKey, Decimal]:
    """Rates as KIND=USD for a million units; ConfigurationError where one is not."""
    from bedrock_analytics.domain.rate_key import RateKey

    rates: dict[RateKey, Decimal] = {}
    for text in texts:
        name, separator, number = text.rpartition("=")
        try:
            key, rate = RateKey.parse(name), Decimal(number)
        except (ValueError, InvalidOperation) as error:
            why = str(error) if separator and isinstance(error, ValueError) else "write KIND=USD"
            raise ConfigurationError(
                f"{text!r} is no rate: {why} (USD for a million units, such as input=3.3 or output@flex=8.25)"
            ) from error
        if key in rates:
            raise ConfigurationError(f"the rate of {key} is given twice")
        rates[key] = rate
    return rates
