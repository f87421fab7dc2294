"""`backfill` on a hub in AWS, which moto plays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from bedrock_analytics.cli.backfill import StateFile
from bedrock_analytics.cli.main import main
from bedrock_analytics.domain.errors import DeliveryError
from bedrock_analytics.jobs.backfill import BackfillPlan, BackfillProgress
from bedrock_analytics.storage.log_queue import LogQueue
from lambdas.object_events import log_objects_of

ACCOUNT, REGION = "123456789012", "us-east-1"
QUEUE = f"bedrock-analytics-hub-{REGION}-log-objects"
DAYS = ("--since", "2026-10-01", "--until", "2026-10-03")
PLACE = ("--aws-region", REGION, "--rate", "1000")


class Hub:
    """What the pipeline's way in looks like."""

    def __init__(self) -> None:
        self.s3 = boto3.client("s3", region_name=REGION)
        self.sqs = boto3.client("sqs", region_name=REGION)
        self.s3.create_bucket(Bucket="our-logs")
        self.url = self.sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        settings = {"log_bucket": "our-logs", "log_prefix": "bedrock/"}
        boto3.client("ssm", region_name=REGION).put_parameter(
            Name=f"/bedrock-analytics/hub/{REGION}/settings", Type="String", Value=json.dumps(settings)
        )

    def put(self, number: int, day: str = "2026/10/01") -> str:
        folder = f"bedrock/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}/{day}/10"
        name = f"{folder}/20261001T1000{number:02}123Z_9b86bf49.json.gz"
        self.s3.put_object(Bucket="our-logs", Key=name, Body=b"x" * 1_000)
        return name

    def announced(self) -> list[str]:
        found: list[str] = []
        while messages := self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10).get("Messages"):
            found += [item.key for message in messages for item in log_objects_of(message["Body"])]
        return sorted(found)


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    monkeypatch.chdir(tmp_path)
    with mock_aws():
        yield Hub()


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, ["backfill", *PLACE, *arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_the_days_objects_reach_the_queue(hub: Hub) -> None:
    wanted = [hub.put(1), hub.put(2, "2026/10/02")]
    hub.put(3, "2026/10/03")

    assert run(*DAYS).stdout == "2 log objects of 0.0 MB sent.\n"
    assert hub.announced() == sorted(wanted)


def test_a_plan_counts_and_sends_nothing(hub: Hub) -> None:
    hub.put(1)

    assert json.loads(run(*DAYS, "--plan", "--json").stdout) == {"objects": 1, "bytes": 1_000}
    assert hub.announced() == []


def test_an_interruption_is_resumed_and_the_note_of_it_then_gone(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = [hub.put(number) for number in range(25)]
    real, calls = LogQueue.announce, 0

    def failing(self: LogQueue, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise DeliveryError("the queue is gone")
        real(self, *arguments)

    monkeypatch.setattr(LogQueue, "announce", failing)
    assert run(*DAYS).exit_code == 1
    assert len(list((tmp_path / ".data" / "backfill").iterdir())) == 1

    result = run(*DAYS)

    assert "Going on after 20 objects." in result.stderr
    assert result.stdout.startswith("25 log objects")
    assert hub.announced() == sorted(wanted)
    assert list((tmp_path / ".data" / "backfill").iterdir()) == []


def test_a_damaged_note_says_what_to_do_and_restart_does_it(hub: Hub, tmp_path: Path) -> None:
    hub.put(1)
    hub.sqs.delete_queue(QueueUrl=hub.url)
    folder = tmp_path / ".data" / "backfill"
    folder.mkdir(parents=True)
    plan = BackfillPlan(
        bucket="our-logs",
        records_prefix="bedrock/AWSLogs/",
        first=date(2026, 10, 1),
        last=date(2026, 10, 2),
    )
    StateFile.of(plan).save(BackfillProgress(objects=10, done_through="bedrock/AWSLogs/z"))
    assert "Going on after 10 objects" in run(*DAYS).stderr
    StateFile.of(plan).save(BackfillProgress(objects=10))
    (noted,) = folder.iterdir()
    noted.write_text("{}")

    assert "is damaged: delete it, or give --restart" in run(*DAYS).stderr
    assert "takes no messages" in run(*DAYS, "--restart").stderr


def test_a_stack_file_names_bucket_and_queue(hub: Hub, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.hub.yaml").write_text(
        "config:\n"
        "  bedrock-analytics:role: hub\n"
        f'  bedrock-analytics:accountId: "{ACCOUNT}"\n'
        f"  bedrock-analytics:region: {REGION}\n"
        "  bedrock-analytics:existingLogBucket: our-logs\n"
    )
    wanted = hub.put(1)

    assert run(*DAYS, "--stack", "hub").exit_code == 0
    assert hub.announced() == [wanted]


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        (("--since", "2026-10-03", "--until", "2026-10-03"), "does not lie before"),
        (("--since", "soon"), "is no time"),
    ],
)
def test_days_that_make_no_span_are_refused(hub: Hub, days: tuple[str, ...], reason: str) -> None:
    result = run(*days)

    assert result.exit_code == 2
    assert reason in result.stderr
