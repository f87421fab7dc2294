"""One marked log object through the whole chain, and where it stopped.

Its record has a request id that begins with `VERIFICATION_ID`: L1 makes a row of it that is no call and no
rejection either, so that no metric, page or cost includes it (`domain/rejection.py`, `storage/lake_sql.py`).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from bedrock_analytics.cli.aws_session import aws_faults
from bedrock_analytics.cli.chain_diagnosis import ChainDiagnosis
from bedrock_analytics.cli.log_site import LogSite
from bedrock_analytics.domain import periods
from bedrock_analytics.domain.dimensions import ALL, TOTAL
from bedrock_analytics.domain.rejection import VERIFICATION_ID, SkipRule
from bedrock_analytics.storage.athena_queries import AthenaQueries, QueryState
from bedrock_analytics.storage.lake_sql import TABLE
from bedrock_analytics.storage.usage_pages import Granularity
from bedrock_analytics.storage.usage_table import UsageTable

PAUSE_SECONDS: Final = 10.0
LAKE_PAUSE_SECONDS: Final = 20.0
"""Each look at the lake is a query that costs what ten megabytes cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the chain, whether the object passed it, and what was seen."""

    name: str
    passed: bool
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HubView:
    """What is looked at in the hub."""

    queries: AthenaQueries
    usage: UsageTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The marked object."""

    token: str
    """16 hexadecimal digits that no other has."""
    key: str
    sent_at: datetime

    @property
    def request_id(self) -> str:
        return f"{VERIFICATION_ID}{self.token}"

    def content(self, account: str, region: str) -> bytes:
        """The object: one record, as Bedrock writes them."""
        record = {
            "schemaType": "ModelInvocationLog",
            "schemaVersion": "1.0",
            "timestamp": f"{self.sent_at:%Y-%m-%dT%H:%M:%SZ}",
            "accountId": account,
            "region": region,
            "requestId": self.request_id,
            "operation": "Verification",
            "modelId": "bedrock-analytics.verification",
        }
        return gzip.compress(json.dumps(record).encode(), mtime=0)


def new_mark(site: LogSite, token: str, now: datetime) -> Mark:
    """A mark whose key the site's rule announces and whose name people recognise."""
    folder = f"{site.records_prefix}{site.names.account}/BedrockModelInvocationLogs/{site.names.region}"
    key = f"{folder}/{now:%Y/%m/%d/%H}/{now:%Y%m%dT%H%M%S}000Z_{token}.json.gz"
    return Mark(token=token, key=key, sent_at=now.replace(microsecond=0))


@dataclass(slots=True, kw_only=True)
class Verification:
    """Sends a mark and follows it. `timeout` is for each step."""

    site: LogSite
    hub: HubView
    diagnosis: ChainDiagnosis
    mark: Mark
    timeout: timedelta
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    _row_seen_at: datetime | None = None

    def steps(self) -> Iterator[Step]:
        """The steps as they are passed, up to the first that is not; the object is taken away in the end."""
        version = self._put()
        try:
            yield Step(name="object", passed=True, told=f"s3://{self.site.bucket}/{self.mark.key}")
            yield from self._follow()
        finally:
            self._delete(version)

    def _follow(self) -> Iterator[Step]:
        parsed = self._wait(self._parsed, PAUSE_SECONDS)
        yield parsed or self._stopped("parsed", self.diagnosis.before_parser())
        if parsed is None or not parsed.passed:
            return
        row = self._wait(self._in_lake, LAKE_PAUSE_SECONDS)
        yield row or self._stopped("lake row", self.diagnosis.before_lake(self.mark.sent_at))
        if row is None:
            return
        read = self._wait(self._read_by_l2, PAUSE_SECONDS)
        yield read or self._stopped("excluded", self.diagnosis.before_numbers(self.hub.usage.checkpoint()))

    def _wait(self, look: Callable[[], Step | None], pause: float) -> Step | None:
        """What a look gives, or None once the time is up."""
        deadline = self.now() + self.timeout
        while (found := look()) is None:
            if self.now() >= deadline:
                return None
            self.sleep(pause)
        return found

    def _stopped(self, name: str, reason: str) -> Step:
        minutes = self.timeout.total_seconds() / 60
        return Step(name=name, passed=False, told=f"not within {minutes:.0f} minutes: {reason}")

    def _parsed(self) -> Step | None:
        """L1 logs what became of each object, and why a message failed."""
        entries = self.diagnosis.parser_entries(self.mark.token, self.mark.sent_at)
        failed = next((entry for entry in entries if entry.get("message") == "message failed"), None)
        if any(entry.get("message") == "object parsed" for entry in entries):
            return Step(name="parsed", passed=True, told="L1 read the object and put its row on the stream")
        if failed is not None:
            return Step(
                name="parsed", passed=False, told=f"L1 failed: {failed.get('error', 'no reason given')}"
            )
        return None

    def _in_lake(self) -> Step | None:
        sql = (
            f"select request_id from {TABLE} where request_id = ? "  # noqa: S608  (a name of this project)
            "and ts >= from_iso8601_timestamp(?)"
        )
        earliest = self.mark.sent_at - timedelta(minutes=1)
        query_id = self.hub.queries.start(sql, (self.mark.request_id, earliest))
        status = self.hub.queries.wait(query_id)
        if status.state is not QueryState.SUCCEEDED:
            return Step(name="lake row", passed=False, told=f"Athena: {status.reason or status.state}")
        if not list(self.hub.queries.rows(query_id)):
            return None
        self._row_seen_at = self.now()
        return Step(name="lake row", passed=True, told="the stream delivered it, and Athena reads it")

    def _read_by_l2(self) -> Step | None:
        """Passed once L2 has read the lake after the row was there, and counted it nowhere."""
        data_up_to = self.hub.usage.checkpoint().data_up_to
        if data_up_to is None or self._row_seen_at is None or data_up_to < self._row_seen_at:
            return None
        counted = self._counted()
        told = "L2 counted it, which it must not" if counted else "L2 has read past it and counted nothing"
        return Step(name="excluded", passed=not counted, told=told)

    def _counted(self) -> bool:
        hour = periods.hour_key(periods.hour_of(self.mark.sent_at))
        pages = self.hub.usage.pages(ALL, Granularity.HOURLY, TOTAL, hour, hour, now=self.now())
        return any(SkipRule.VERIFICATION.value in page.total().rejections for page in pages)

    def _put(self) -> str | None:
        with aws_faults():
            answer: dict[str, Any] = self.site.session.client("s3").put_object(
                Bucket=self.site.bucket,
                Key=self.mark.key,
                Body=self.mark.content(self.site.names.account, self.site.names.region),
                ContentType="application/json",
                ContentEncoding="gzip",
            )
        return answer.get("VersionId")

    def _delete(self, version: str | None) -> None:
        chosen = {"VersionId": version} if version else {}
        with aws_faults():
            self.site.session.client("s3").delete_object(Bucket=self.site.bucket, Key=self.mark.key, **chosen)
