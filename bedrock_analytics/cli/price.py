"""`price` and `receipt`: what a call costs and why, of an imagined call and of a logged one."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from bedrock_analytics.cli.deployment import open_deployment
from bedrock_analytics.cli.deployment_options import DeploymentChoice, deployment_options
from bedrock_analytics.cli.exit_codes import ExitCode, Failure
from bedrock_analytics.cli.price_steps import refresh_advice
from bedrock_analytics.cli.terminal import table_console
from bedrock_analytics.cli.time_options import parse_moment, parse_zone

if TYPE_CHECKING:
    from bedrock_analytics.domain.price_book import EffectivePriceBook
    from bedrock_analytics.domain.receipt import Receipt
    from bedrock_analytics.domain.usage_event import UsageEvent
    from bedrock_analytics.storage.lake import EventLake

_COUNT = click.IntRange(min=0)
_QUANTITIES = {
    "input_tokens": "input",
    "output_tokens": "output",
    "cache_read_tokens": "cache_read",
    "cache_write_5m_tokens": "cache_write_5m",
    "cache_write_1h_tokens": "cache_write_1h",
    "input_images": "input_image",
    "images": "output_image",
    "video_ms": "output_video",
    "queries": "query",
}
"""Kind of usage of each option that counts some."""
_NEWEST_FIRST = "order by schema_version desc, parsed_at desc, source_s3_key desc"
_SAME_ID_LIMIT = 100


def _quantity_options(command: Any) -> Any:
    for name in reversed(_QUANTITIES):
        words = name.replace("_", " ").replace(" ms", ", milliseconds")
        command = click.option(
            f"--{name.replace('_', '-')}", type=_COUNT, default=0, help=f"Number of {words}."
        )(command)
    return command


@click.command(short_help="Say what a call would cost, and why.")
@click.argument("model")
@click.option("--region", required=True, help="Region that is called.")
@click.option(
    "--at", "moment", default="now", show_default=True, help="When: 2026-11-24T10:30 (UTC), 7d ago, …"
)
@click.option("--tier", help="Service tier: standard, flex, priority, batch, …")
@click.option("--account", default="", help="Account that calls, for its discounts.")
@_quantity_options
@click.option("--image-size", help="Size of generated images, WIDTHxHEIGHT.")
@click.option("--image-quality", help="Quality of generated images.")
@click.option("--image-steps", type=_COUNT, help="Diffusion steps of generated images.")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
@deployment_options(region_means_aws=False, optional=True)
def price(
    model: str, region: str, moment: str, as_json: bool, choice: DeploymentChoice | None, **asked: Any
) -> None:
    """What a call of MODEL would cost, line by line: MODEL as in logs, an id with or without us., global., …

    Prices are those of the deployment, or without one the list prices that come with this version.
    """
    from bedrock_analytics.domain.billable import billable_of_question
    from bedrock_analytics.domain.receipt import receipt_of

    now = datetime.now(UTC).replace(microsecond=0)
    at = parse_moment(moment, parse_zone("UTC"), now, "--at")
    usage = billable_of_question(
        model,
        {kind: asked[name] for name, kind in _QUANTITIES.items()},
        region=region,
        account_id=asked["account"],
        tier=asked["tier"],
        **{name: asked[name] for name in ("image_size", "image_quality", "image_steps")},
    )
    book, note = _book(choice, now)
    print_receipt(receipt_of(book, usage, at), as_json=as_json)
    click.echo(note, err=True)


@click.command(short_help="Say what a logged call costs, and why.")
@click.argument("request_id")
@click.option("--json", "as_json", is_flag=True, help="Print the receipt as JSON.")
@deployment_options
def receipt(request_id: str, as_json: bool, choice: DeploymentChoice) -> None:
    """What the logged call with REQUEST_ID costs, line by line, at the prices of its own moment."""
    from bedrock_analytics.domain.billable import billable_of_event
    from bedrock_analytics.domain.receipt import receipt_of

    with open_deployment(choice) as deployment:
        event = logged_call(deployment.lake(), request_id)
        found = receipt_of(deployment.price_table().load_book(), billable_of_event(event), event.ts)
    print_receipt(found, as_json=as_json)


def _book(choice: DeploymentChoice | None, now: datetime) -> tuple[EffectivePriceBook, str]:
    """The prices of a deployment or those that come with this version, and how old their list is."""
    from bedrock_analytics.reporting.price_reader import PriceReader, bundled_state
    from bedrock_analytics.reporting.price_words import list_sentence

    if choice is not None:
        with open_deployment(choice) as deployment:
            table = deployment.price_table()
            state = PriceReader(table).list_state(now)
            return table.load_book(), list_sentence(state, refresh=refresh_advice(choice))
    from bedrock_analytics.domain.price_book import EffectivePriceBook
    from bedrock_analytics.storage.bundled_prices import bundled_list, supplement
    from bedrock_analytics.storage.price_list import read_price_list

    listed = read_price_list(bundled_list().document).cards
    book = EffectivePriceBook((*listed, *supplement(listed)), version="bundled")
    return book, list_sentence(bundled_state(now), refresh="name a deployment whose list is newer")


def logged_call(lake: EventLake, request_id: str) -> UsageEvent:
    """The call with a request id, as the latest parse has it; Failure where the lake has none."""
    from bedrock_analytics.domain.usage_event import COLUMN_NAMES, UsageEvent

    quoted = request_id.replace("'", "''")
    columns = ", ".join(COLUMN_NAMES)
    found = lake.query(
        f"select {columns} from usage_events where request_id = '{quoted}' and rejection is null "  # noqa: S608
        f"{_NEWEST_FIRST}",
        max_rows=_SAME_ID_LIMIT,
    )
    if not found.rows:
        raise Failure(f"the lake holds no call with the request id {request_id}", ExitCode.FAILED)
    row: dict[str, Any] = dict(zip(found.columns, found.rows[0], strict=True))
    return UsageEvent(**row)


def print_receipt(found: Receipt, *, as_json: bool) -> None:
    """A receipt as JSON, or as a table for people; what could not be priced is said below it."""
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2, ensure_ascii=False))
        return
    from rich.table import Table
    from rich.text import Text

    from bedrock_analytics.domain.receipt import plain

    table = Table(title=Text(f"{found.model_id} ({found.route or 'no route'})"), show_footer=True)
    total = "unknown" if found.total_usd is None else f"${plain(found.total_usd)}"
    table.add_column("Kind", footer="Total")
    table.add_column("Quantity", justify="right")
    table.add_column("USD per million", justify="right")
    table.add_column("USD", justify="right", footer=total)
    table.add_column("Card", overflow="fold")
    for line in found.lines:
        table.add_row(
            Text(line.kind),
            f"{line.quantity:,}",
            plain(line.rate_usd_per_million),
            plain(line.cost_usd),
            Text(line.card),
        )
    console = table_console()
    console.print(table)
    if found.reason is not None:
        console.print(Text(f"{found.status.value}: {found.reason}"))
    for kind, quantity in found.unpriced.items():
        console.print(Text(f"no rate for {quantity:,} {kind}"))
    if found.upper_extra_usd:
        console.print(
            Text(f"up to ${plain(found.upper_extra_usd)} more: the log does not tell how long cache is kept")
        )
