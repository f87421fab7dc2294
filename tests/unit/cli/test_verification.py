"""A marked object goes through the project's own L1 and L2, and is followed from outside.

moto plays S3, SQS, EventBridge and the logs; Athena runs on DuckDB. Time moves only by waiting, and at each
wait the pipeline takes one step further, as far as the test lets it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast

import boto3
import pytest
from moto import mock_aws

from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.chain_diagnosis import ChainDiagnosis
from bedrock_analytics.cli.log_site import LogSite
from bedrock_analytics.cli.verification import HubView, Step, Verification, new_mark
from bedrock_analytics.jobs.compute_cost import ComputeCost
from bedrock_analytics.jobs.compute_settings import ComputeSettings
from bedrock_analytics.jobs.parse_object import ParseTools, parse_object
from bedrock_analytics.storage.athena_queries import AthenaQueries
from bedrock_analytics.storage.log_objects import S3LogStore
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable
from components.naming import FunctionName, HubNames
from tests.contract.lakes import Clock, athena_lake
from tests.fakes.athena import CATALOG, NAMESPACE, FakeAthena, FakeS3Tables
from tests.fakes.flat_prices import FlatBook, FlatPrices
from tests.fakes.memory_logs import MemorySink
from tests.fakes.memory_table import MemoryTable
from tests.fakes.moto_buckets import telling_event_bridge

ACCOUNT, REGION = "123456789012", "us-east-1"
NAMES = HubNames(account=ACCOUNT, region=REGION)
GROUP = NAMES.function_log_group(FunctionName.PARSE_LOG)
TOKEN = "0123456789abcdef"


class Logs:
    """CloudWatch Logs of one group, whose times are those of the test's clock."""

    def __init__(self) -> None:
        self.events: list[tuple[datetime, str]] = []

    def filter_log_events(
        self,
        *,
        logGroupName: str,  # noqa: N803
        startTime: int,  # noqa: N803
        filterPattern: str,  # noqa: N803
        limit: int,
    ) -> dict[str, Any]:
        assert (logGroupName, filterPattern) == (GROUP, f'"{TOKEN}"')
        found = [
            {"message": message}
            for at, message in self.events
            if TOKEN in message and at.timestamp() * 1000 >= startTime
        ]
        return {"events": found[:limit]}


class Session(AwsSession):
    """moto's clients, with the answers that moto lacks."""

    def __init__(self, logs: Logs) -> None:
        super().__init__(region=REGION)
        self._logs = logs
        self._made: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        if service == "logs":
            return self._logs
        if service not in self._made:
            self._made[service] = super().client(service)
            if service == "s3":
                telling_event_bridge(self._made[service], ACCOUNT)
        return self._made[service]


class Hub:
    """A hub whose parts do their work when time passes, as far as `reach` says."""

    def __init__(self) -> None:
        self.clock = Clock(datetime(2026, 11, 2, 12, 0, 7, tzinfo=UTC))
        self.logs = Logs()
        self.session = Session(self.logs)
        self.s3 = self.session.client("s3")
        self.s3.create_bucket(Bucket="our-logs")
        self.s3.put_bucket_notification_configuration(
            Bucket="our-logs", NotificationConfiguration={"EventBridgeConfiguration": {}}
        )
        self._declare()
        self.athena = FakeAthena(self.clock, ("people", "pipeline"))
        self.athena.polls_until_finished = 0
        self.items = MemoryTable()
        self.reach = 3
        self.parse: Callable[[], None] = self._parse
        self._generations = count()

    def _declare(self) -> None:
        sqs = boto3.client("sqs", region_name=REGION)
        for name in (NAMES.log_queue, NAMES.log_dead_letters, NAMES.event_dead_letters):
            sqs.create_queue(QueueName=name)
        boto3.client("events", region_name=REGION).put_rule(
            Name=NAMES.log_rule, EventPattern=json.dumps({"source": ["aws.s3"]})
        )

    def log(self, **entry: Any) -> None:
        self.logs.events.append((self.clock.now, json.dumps(entry)))
        self.logs.events.append((self.clock.now, f"END {TOKEN}"))

    @property
    def table(self) -> UsageTable:
        return UsageTable(self.items, Retention())

    def work(self) -> None:
        """L1, the stream and L2, each at most once, in this order."""
        if self.reach >= 1 and self.objects():
            self.parse()
        if self.reach >= 3:
            self.compute()

    def objects(self) -> list[str]:
        return [item["Key"] for item in self.s3.list_objects_v2(Bucket="our-logs").get("Contents", [])]

    def _parse(self) -> None:
        sink = MemorySink()
        store = S3LogStore(self.s3)
        (item,) = store.objects("our-logs")
        summary = parse_object(item, sink, ParseTools(store=store, now=self.clock))
        self.log(message="object parsed", object=item.source, summary=summary.as_json())
        if self.reach >= 2:
            self.athena.events = sink.events

    def compute(self) -> None:
        lake = athena_lake(self.athena, FakeS3Tables(self.athena), Clock(self.clock.now))
        ComputeCost(
            lake=lake,
            table=self.table,
            prices=FlatPrices(FlatBook("1", {}, threshold=1000)),
            settings=ComputeSettings(),
            now=self.clock,
            owner="l2",
            new_generation=lambda: str(next(self._generations)),
        ).run(self.clock.now + timedelta(minutes=5))

    def verification(self) -> Verification:
        site = LogSite(names=NAMES, hub=NAMES, bucket="our-logs", log_prefix="bedrock/", session=self.session)
        queries = AthenaQueries(
            cast(Any, self.athena),
            workgroup="people",
            catalog=CATALOG,
            database=NAMESPACE,
            sleep=self.clock.sleep,
            clock=self.clock,
        )

        def sleep(seconds: float) -> None:
            self.clock.sleep(seconds)
            self.work()

        return Verification(
            site=site,
            hub=HubView(queries=queries, usage=self.table),
            diagnosis=ChainDiagnosis(
                site=site, hub=NAMES, hub_session=self.session, errors_bucket="our-logs"
            ),
            mark=new_mark(site, TOKEN, self.clock.now),
            timeout=timedelta(minutes=10),
            now=self.clock,
            sleep=sleep,
        )

    def run(self) -> list[Step]:
        return list(self.verification().steps())


@pytest.fixture
def hub() -> Iterator[Hub]:
    with mock_aws():
        yield Hub()


def test_a_healthy_chain_is_passed_to_its_end(hub: Hub) -> None:
    steps = hub.run()

    assert [(step.name, step.passed) for step in steps] == [
        ("object", True),
        ("parsed", True),
        ("lake row", True),
        ("excluded", True),
    ]
    assert "L2 has read past it" in steps[-1].told


def test_no_page_holds_anything_of_the_mark(hub: Hub) -> None:
    hub.run()

    pages = [key for key, item in hub.items.items.items() if key[0] not in {"META", "STATE"}]
    assert all("verification" not in str(hub.items.items[key]) for key in pages)
    assert not [key for key in pages if ACCOUNT in key[0]]
    assert hub.table.scopes() == ()


def test_the_object_is_taken_away_whatever_happens(hub: Hub) -> None:
    hub.run()
    assert hub.objects() == []

    hub.reach = 0
    hub.run()
    assert hub.objects() == []


def test_of_a_versioned_bucket_no_version_stays(hub: Hub) -> None:
    hub.s3.put_bucket_versioning(Bucket="our-logs", VersioningConfiguration={"Status": "Enabled"})
    hub.run()

    left = hub.s3.list_object_versions(Bucket="our-logs")
    assert (left.get("Versions", []), left.get("DeleteMarkers", [])) == ([], [])


def test_the_record_looks_like_one_of_bedrocks(hub: Hub) -> None:
    mark = hub.verification().mark

    assert mark.key == (
        f"bedrock/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}/2026/11/02/12/"
        f"20261102T120007000Z_{TOKEN}.json.gz"
    )


def no_announcements(hub: Hub) -> None:
    hub.s3.put_bucket_notification_configuration(Bucket="our-logs", NotificationConfiguration={})


def no_rule(hub: Hub) -> None:
    boto3.client("events", region_name=REGION).delete_rule(Name=NAMES.log_rule)


def rule_off(hub: Hub) -> None:
    boto3.client("events", region_name=REGION).disable_rule(Name=NAMES.log_rule)


def message_in(queue: str) -> Callable[[Hub], None]:
    def send(hub: Hub) -> None:
        client = boto3.client("sqs", region_name=REGION)
        client.send_message(QueueUrl=client.get_queue_url(QueueName=queue)["QueueUrl"], MessageBody="x")

    return send


@pytest.mark.parametrize(
    ("break_it", "told"),
    [
        (no_announcements, "does not tell EventBridge of new objects"),
        (no_rule, "there is no rule"),
        (rule_off, "is switched off"),
        (message_in(NAMES.event_dead_letters), "EventBridge could not put events in the queue: 1"),
        (message_in(NAMES.log_dead_letters), "L1 failed five times with messages: 1"),
        (lambda hub: None, f"{NAMES.function(FunctionName.PARSE_LOG)} does not read its queue"),
    ],
)
def test_what_keeps_an_object_from_the_parser_is_named(
    hub: Hub, break_it: Callable[[Hub], None], told: str
) -> None:
    hub.reach = 0
    break_it(hub)

    last = hub.run()[-1]

    assert (last.name, last.passed) == ("parsed", False)
    assert last.told.startswith("not within 10 minutes: ")
    assert told in last.told


def test_why_the_parser_failed_is_told_at_once(hub: Hub) -> None:
    hub.parse = lambda: hub.log(message="message failed", error=f"DeliveryError: denied {TOKEN}")

    last = hub.run()[-1]

    assert (last.name, last.passed) == ("parsed", False)
    assert "denied" in last.told
    assert hub.clock.now < datetime(2026, 11, 2, 12, 1, tzinfo=UTC)


def test_a_parser_that_failed_first_and_then_read_it_has_read_it(hub: Hub) -> None:
    hub.log(message="message failed", error=f"throttled {TOKEN}")
    hub.work()

    found = hub.verification()
    hub.log(message="object parsed", object=TOKEN)
    steps = list(found.steps())

    assert steps[1].passed


def test_rows_that_could_not_be_delivered_are_named(hub: Hub) -> None:
    hub.reach = 1
    found = hub.verification().steps()
    next(found)
    hub.s3.put_object(Bucket="our-logs", Key="firehose-errors/iceberg-failed/1", Body=b"x")

    def parse() -> None:
        hub.log(message="object parsed", object=TOKEN)

    hub.parse = parse
    last = list(found)[-1]

    assert (last.name, last.passed) == ("lake row", False)
    assert "see s3://our-logs/firehose-errors/iceberg-failed/1" in last.told


def test_a_stream_that_is_not_there_is_named(hub: Hub) -> None:
    hub.reach = 1

    last = hub.run()[-1]

    assert (last.name, last.passed) == ("lake row", False)
    assert f"there is no stream {NAMES.stream}" in last.told


def test_an_l2_that_does_not_run_is_named(hub: Hub) -> None:
    hub.reach = 2

    last = hub.run()[-1]

    assert (last.name, last.passed) == ("excluded", False)
    assert "L2 last looked at the lake at never" in last.told


def test_a_count_of_the_mark_is_a_fault(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bedrock_analytics.storage.lake_sql._COUNTED", "true")

    last = hub.run()[-1]

    assert (last.name, last.passed) == ("excluded", False)
    assert "L2 counted it" in last.told
