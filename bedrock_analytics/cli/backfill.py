"""`backfill`: log objects that are there already, once more through L1's queue."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import click

from bedrock_analytics.cli.site_options import SiteChoice, site_options
from bedrock_analytics.cli.time_options import parse_moment
from bedrock_analytics.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from bedrock_analytics.cli.log_site import LogSite
    from bedrock_analytics.jobs.backfill import Backfill, BackfillPlan, BackfillProgress

STATE_FOLDER: Final = Path(".data/backfill")
_SHOWN_EVERY: Final = 1_000


@click.command(short_help="Send existing log objects through the pipeline.")
@click.option("--since", required=True, help="First UTC day of the logs: 2026-10-01, or 30d ago.")
@click.option("--until", help="End, not included: a UTC day, or so long ago; now if not given.")
@click.option("--account", help="Only logs of this account, where the bucket has several.")
@click.option("--region", help="Only logs of this Region.")
@click.option(
    "--rate", type=click.FloatRange(0.1, 1_000), default=50.0, show_default=True, help="Objects a second."
)
@click.option("--plan", "planned", is_flag=True, help="Only count them.")
@click.option("--restart", is_flag=True, help="From the beginning, though an interrupted one could go on.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object.")
@site_options
def backfill(
    since: str,
    until: str | None,
    account: str | None,
    region: str | None,
    rate: float,
    planned: bool,
    restart: bool,
    as_json: bool,
    place: SiteChoice,
) -> None:
    """Send the log objects of some days through the queue of L1, as if they were new.

    What was counted already is not counted again. An interrupted backfill goes on where it stopped when
    the same command is run again.
    """
    from bedrock_analytics.jobs.backfill import BackfillPlan

    site = place.site()
    first, last = _days(since, until)
    plan = BackfillPlan(
        bucket=site.bucket,
        records_prefix=site.records_prefix,
        first=first,
        last=last,
        account=account,
        region=region,
    )
    state = StateFile.of(plan)
    if restart:
        state.forget()
    job = _job(site, plan, state, rate)
    if planned:
        count, size = _counted(job)
        click.echo(_told(count, size, "would be sent", as_json=as_json))
        return
    if job.progress.objects:
        click.echo(f"Going on after {job.progress.objects:,} objects.", err=True)
    done = job.run()
    state.forget()
    click.echo(_told(done.objects, done.size, "sent", as_json=as_json))


class StateFile:
    """Where a backfill notes how far it has come."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def of(cls, plan: BackfillPlan) -> StateFile:
        """The file of a plan; another plan has another."""
        digest = hashlib.sha256(repr(plan).encode()).hexdigest()[:12]
        return cls(STATE_FOLDER / f"{plan.first}-{plan.last}-{digest}.json")

    def load(self) -> BackfillProgress:
        """The noted progress, or none; ConfigurationError where the file is damaged."""
        from bedrock_analytics.jobs.backfill import BackfillProgress

        try:
            noted = json.loads(self._path.read_text("utf-8"))
            return BackfillProgress(**{one.name: noted[one.name] for one in fields(BackfillProgress)})
        except FileNotFoundError:
            return BackfillProgress()
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(f"{self._path} is damaged: delete it, or give --restart") from error

    def save(self, progress: BackfillProgress) -> None:
        """Note the progress; the file is whole at every moment."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        new = self._path.with_suffix(".new")
        new.write_text(json.dumps(asdict(progress)), "utf-8")
        new.replace(self._path)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)


def _days(since: str, until: str | None) -> tuple[date, date]:
    """The first and the last UTC day, both included."""
    now = datetime.now(UTC)
    first = parse_moment(since, ZoneInfo("UTC"), now, "--since").date()
    end = now if until is None else parse_moment(until, ZoneInfo("UTC"), now, "--until")
    last = (end - timedelta(microseconds=1)).date()
    if first > last:
        raise ConfigurationError(f"--since {since} does not lie before --until {until or 'now'}")
    return first, last


def _job(site: LogSite, plan: BackfillPlan, state: StateFile, rate: float) -> Backfill:
    from bedrock_analytics.jobs.backfill import Backfill
    from bedrock_analytics.storage.log_objects import S3LogStore
    from bedrock_analytics.storage.log_queue import LogQueue

    return Backfill(
        plan=plan,
        listing=S3LogStore(site.session.client("s3")),
        queue=LogQueue(
            site.session.client("sqs"),
            site.queue_url,
            account=site.names.account,
            region=site.names.region,
        ),
        rate=rate,
        sleep=time.sleep,
        clock=time.monotonic,
        saved=_noting(state),
        progress=state.load(),
    )


def _noting(state: StateFile) -> Callable[[BackfillProgress], None]:
    def note(progress: BackfillProgress) -> None:
        state.save(progress)
        if progress.objects % _SHOWN_EVERY == 0:
            click.echo(f"{progress.objects:,} objects sent, up to {progress.done_through}", err=True)

    return note


def _counted(job: Backfill) -> tuple[int, int]:
    count = size = 0
    for item in job.found():
        count, size = count + 1, size + item.size
    return count, size


def _told(count: int, size: int, what: str, *, as_json: bool) -> str:
    if as_json:
        return json.dumps({"objects": count, "bytes": size})
    return f"{count:,} log objects of {size / 1e6:,.1f} MB {what}."
