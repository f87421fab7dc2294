"""`reprice`: compute the cost of past calls anew, and see how far that is."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from bedrock_analytics.cli.deployment import Deployment, open_deployment, resolved
from bedrock_analytics.cli.deployment_options import DeploymentChoice, EmbeddedChoice, deployment_options
from bedrock_analytics.cli.price_options import now_in_seconds, utc_moment
from bedrock_analytics.cli.row_output import print_rows
from bedrock_analytics.domain.errors import ConfigurationError, DataDirectoryBusy

if TYPE_CHECKING:
    from bedrock_analytics.domain.periods import Span
    from bedrock_analytics.domain.usage_stats import UsageStats
    from bedrock_analytics.storage.price_table import PriceTable
    from bedrock_analytics.storage.usage_table import UsageTable

_HOUR = timedelta(hours=1)
_DIFFERENCE = (
    "model",
    "calls",
    "cost_stored_usd",
    "cost_now_usd",
    "difference_usd",
    "discount_difference_usd",
    "unpriced_calls_stored",
    "unpriced_calls_now",
)
_WITH_SINCE = ("until", "model", "account")
_PROGRESS = ("model", "account", "from", "until", "why", "done", "total", "started", "finished")


@click.command(short_help="Compute the cost of past calls anew.")
@click.option("--since", help="First moment, in UTC: 2026-11-01, 2026-11-01T10:30, 7d ago. Whole hours.")
@click.option("--until", help="End, not included; open if not given.")
@click.option("--model", help="Only hours with calls that may be priced as this model.")
@click.option("--account", help="Only hours with calls of this account.")
@click.option("--dry-run", is_flag=True, help="Show the difference, and compute nothing anew.")
@click.option("--yes", is_flag=True, help="Do not ask before it is done.")
@click.option("--pending", is_flag=True, help="Compute what was asked for already, and nothing more.")
@click.option("--status", is_flag=True, help="Show how far it is.")
@click.option("--format", "form", type=click.Choice(["table", "json", "csv"]), default="table")
@deployment_options
def reprice(
    since: str | None, dry_run: bool, pending: bool, status: bool, choice: DeploymentChoice, **asked: Any
) -> None:
    """Show by model what past calls cost at the prices of now, and have their hours computed again.

    Changing a price does this by itself; it is needed only where numbers are in doubt. Logs are not read
    again. On AWS the next runs of L2 do it, in chunks; in a data directory the running `demo` or `local`,
    or else this command.
    """
    if sum((since is not None, pending, status)) != 1:
        raise ConfigurationError("give one of --since, --pending and --status")
    if since is None and (dry_run or any(asked[name] is not None for name in _WITH_SINCE)):
        narrowing = ", ".join(f"--{name}" for name in _WITH_SINCE)
        raise ConfigurationError(f"--dry-run, {narrowing} go with --since: what is pending is done as it is")
    choice = resolved(choice)
    if status:
        _show_status(choice, asked["form"])
        return
    if since is not None:
        span = _span(since, asked["until"])
        if not _ask_for(choice, span, asked, dry_run=dry_run):
            return
    _compute(choice)


def _span(since: str, until: str | None) -> Span:
    from bedrock_analytics.domain.periods import Span, hour_of

    start = hour_of(utc_moment(since, "--since"))
    end = now_in_seconds() if until is None else utc_moment(until, "--until")
    span = Span(start, hour_of(end - timedelta(seconds=1)) + _HOUR)
    if start >= end:
        raise ConfigurationError(f"--since {since} does not lie before --until {until or 'now'}")
    return span


def _ask_for(choice: DeploymentChoice, span: Span, asked: dict[str, Any], *, dry_run: bool) -> bool:
    """Show what changes, and leave the request; False where it is not wanted."""
    from bedrock_analytics.domain.rate_card import place_of

    model = None if asked["model"] is None else place_of(asked["model"])[0]
    with open_deployment(choice) as deployment:
        rows = difference_rows(deployment, span, model, asked["account"])
        print_rows(_DIFFERENCE, rows, asked["form"])
        if dry_run or not (asked["yes"] or _confirmed()):
            return False
        table = deployment.price_table()
        end = None if asked["until"] is None else span.end
        table.put_request(
            table.request(model, span.start, end, "asked for by hand", account_id=asked["account"])
        )
    return True


def _confirmed() -> bool:
    """Whether the person at the terminal wants it; a script has said so by not asking for a dry run."""
    return not sys.stdin.isatty() or click.confirm("Compute these hours again?", default=True, err=True)


def difference_rows(
    deployment: Deployment, span: Span, model_id: str | None, account_id: str | None
) -> list[tuple[object, ...]]:
    """By model: calls, cost as stored, cost at the prices of now, and the difference; then their sum."""
    from bedrock_analytics.domain.usage_stats import UsageStats
    from bedrock_analytics.jobs.recompute import recompute

    stored = _stored(deployment.usage_table(), span, account_id)
    book = deployment.price_table().load_book()
    fresh = recompute(deployment.lake(), book, span, model_id=model_id, account_id=account_id)
    names = fresh.concerned if model_id is not None else stored.keys() | fresh.models.keys()
    pairs = {
        name: (stored.get(name, UsageStats()), fresh.models.get(name, UsageStats())) for name in sorted(names)
    }
    rows = [_row(name, *pair) for name, pair in pairs.items()]
    rows.sort(key=lambda row: -abs(Decimal(str(row[4]))))
    total = UsageStats(), UsageStats()
    for before, after in pairs.values():
        total[0].merge(before)
        total[1].merge(after)
    return [*rows, _row("all", *total)]


def _row(name: str, before: UsageStats, after: UsageStats) -> tuple[object, ...]:
    old, new = before.total_list_cost_usd, after.total_list_cost_usd
    return (
        name,
        after.invocations or 0,
        old.normalize(),
        new.normalize(),
        (new - old).normalize(),
        (after.total_discount_usd - before.total_discount_usd).normalize(),
        before.unpriced_invocation_count,
        after.unpriced_invocation_count,
    )


def _stored(table: UsageTable, span: Span, account_id: str | None) -> dict[str, UsageStats]:
    """Usage of the pages by model."""
    from bedrock_analytics.domain.dimensions import MODEL
    from bedrock_analytics.domain.usage_stats import UsageStats
    from bedrock_analytics.reporting.usage_filter import UsageFilter
    from bedrock_analytics.reporting.usage_reader import UsageReader

    accounts = frozenset() if account_id is None else frozenset({account_id})
    asked = UsageFilter(start=span.start, end=span.end, zone=ZoneInfo("UTC"), accounts=accounts)
    found: dict[str, UsageStats] = {}
    rows = UsageReader(table, lambda: datetime.now(UTC)).breakdown(asked, MODEL).rows
    for (model, *_), stats in rows.items():
        found.setdefault(model, UsageStats()).merge(stats)
    return found


def _compute(choice: DeploymentChoice) -> None:
    """In a directory that nobody writes, compute what waits; else say who does."""
    if not isinstance(choice, EmbeddedChoice):
        click.echo("The next runs of L2 compute it: see `bedrock-analytics reprice --status`.", err=True)
        return
    from bedrock_analytics.embedded.computation import compute_pending
    from bedrock_analytics.embedded.data_directory import DataDirectory

    try:
        report = compute_pending(
            DataDirectory.open(choice.data_dir),
            lambda: datetime.now(UTC),
            lambda report: click.echo(f"{report.remaining:,} periods left", err=True),
        )
    except DataDirectoryBusy:
        click.echo(
            "The running `demo` or `local` computes it: see `bedrock-analytics reprice --status`.", err=True
        )
        return
    for period in report.parked:
        click.echo(f"{period} could not be computed: see `bedrock-analytics report`.", err=True)


def _show_status(choice: DeploymentChoice, form: str) -> None:
    with open_deployment(choice) as deployment:
        rows = progress_rows(deployment.price_table(), deployment.usage_table())
    print_rows(_PROGRESS, rows, form)


def progress_rows(prices: PriceTable, usage: UsageTable) -> Sequence[tuple[object, ...]]:
    """Requests that wait, then those taken up, the latest first."""
    waiting = [
        (*_asked(one.model_id, one.account_id, one.start, one.end), one.reason, 0, None, None, None)
        for one in prices.load_meta().reprices
    ]
    known = sorted(usage.state().reprices, key=lambda one: one.started_at, reverse=True)
    return [
        *waiting,
        *(
            (
                *_asked(one.model_id, one.account_id, one.start, one.end),
                one.reason,
                one.done,
                one.total,
                one.started_at.replace(microsecond=0),
                None if one.finished_at is None else one.finished_at.replace(microsecond=0),
            )
            for one in known
        ),
    ]


def _asked(
    model_id: str | None, account_id: str | None, start: datetime, end: datetime | None
) -> tuple[object, ...]:
    return model_id or "all", account_id or "all", start, end
