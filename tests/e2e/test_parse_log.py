"""`parse_log` from SQS message to delivery stream, on moto."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import boto3
import pytest
from moto import mock_aws

from bedrock_analytics.domain.usage_event import COLUMNS
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.lake_schema import LakeColumns, SchemaTable, later_names
from lambdas import parse_log, parse_wiring
from tests.fakes.log_lines import KEY, line, record

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

REGION = "us-east-1"
BUCKET, SINK = "log-bucket", "sink-bucket"
ROLE = "arn:aws:iam::123456789012:role/firehose"


def _stream(session: boto3.Session) -> None:
    session.client("s3").create_bucket(Bucket=SINK)
    session.client("firehose").create_delivery_stream(
        DeliveryStreamName="events",
        ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{SINK}"},
    )


def _delivered(session: boto3.Session) -> list[dict[str, Any]]:
    """Every row that reached the stream's bucket."""
    client = session.client("s3")
    text = "".join(
        client.get_object(Bucket=SINK, Key=item["Key"])["Body"].read().decode()
        for item in client.list_objects_v2(Bucket=SINK).get("Contents", [])
    )
    rows, at, decoder = [], 0, json.JSONDecoder()
    while at < len(text):
        row, at = decoder.raw_decode(text, at)
        rows.append(row)
    return rows


@dataclass
class Hub:
    """The mocked account."""

    s3: S3Client
    session: boto3.Session
    log: io.StringIO
    """What the function logs."""

    def put(self, key: str, *lines: bytes) -> None:
        self.s3.put_object(Bucket=BUCKET, Key=key, Body=gzip.compress(b"\n".join(lines)))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with mock_aws():
        session = boto3.Session(region_name=REGION)
        _stream(session)
        session.client("s3").create_bucket(Bucket=BUCKET)
        monkeypatch.setenv("STREAM_NAME", "events")
        parse_wiring.parse_log.cache_clear()
        log = io.StringIO()
        monkeypatch.setattr(parse_log.logger.registered_handler, "stream", log)
        yield Hub(s3=session.client("s3"), session=session, log=log)
    parse_wiring.parse_log.cache_clear()


def message(key: str, name: str = "m-1") -> dict[str, Any]:
    body = {
        "detail-type": "Object Created",
        "source": "aws.s3",
        "time": "2026-11-20T10:05:31Z",
        "detail": {"bucket": {"name": BUCKET}, "object": {"key": key, "size": 1}},
    }
    return sqs_record(json.dumps(body), name)


def sqs_record(body: str, name: str) -> dict[str, Any]:
    return {
        "messageId": name,
        "receiptHandle": name,
        "body": body,
        "eventSource": "aws:sqs",
        "attributes": {},
    }


def handle(*messages: dict[str, Any]) -> list[str]:
    """Names of the messages that are to be delivered again."""
    answer = parse_log.handler({"Records": list(messages)}, cast("Any", None))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def metrics(printed: str) -> dict[str, float]:
    [emf] = [entry for entry in map(json.loads, printed.splitlines()) if "_aws" in entry]
    [directive] = emf["_aws"]["CloudWatchMetrics"]
    assert directive["Dimensions"] == [["service"]]
    return {metric["Name"]: sum(emf[metric["Name"]]) for metric in directive["Metrics"]}


def test_an_announced_object_reaches_the_stream(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    hub.put(KEY, line(record()), b"broken", line({"schemaType": "Other"}))
    before = datetime.now(UTC) - timedelta(seconds=1)
    assert handle(message(KEY)) == []
    event, rejection = _delivered(hub.session)
    assert (event["request_id"], event["ts"]) == ("r-1", "2026-11-20T10:04:30.000Z")
    assert event["source_s3_key"] == f"s3://{BUCKET}/{KEY}"
    assert before < datetime.fromisoformat(event["parsed_at"]) <= datetime.now(UTC)
    assert rejection["rejection"] == "not_json"
    assert metrics(capsys.readouterr().out) == {"ParsedCalls": 1, "RejectedLines": 1}
    kept = hub.s3.get_object(Bucket=BUCKET, Key=f"rejected/{KEY}.rejected.gz")["Body"].read()
    assert json.loads(gzip.decompress(kept))["line"] == "broken"


def test_a_message_that_fails_alone_is_delivered_again(hub: Hub) -> None:
    hub.put(KEY, line(record()))
    test_message = sqs_record(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}), "m-2")
    answer = handle(
        message(f"{KEY}.missing.json.gz", "m-1"),
        test_message,
        sqs_record("no json", "m-3"),
        message(KEY, "m-4"),
    )
    assert answer == ["m-1", "m-3"]
    failures = [json.loads(entry) for entry in hub.log.getvalue().splitlines() if "message failed" in entry]
    assert [failure["message_id"] for failure in failures] == ["m-1", "m-3"]
    assert [failure["error"].partition(":")[0] for failure in failures] == [
        "LogObjectError",
        "UnknownMessage",
    ]
    assert [row["request_id"] for row in _delivered(hub.session)] == ["r-1"]


def test_a_batch_that_fails_as_a_whole_is_delivered_again_as_a_whole(hub: Hub) -> None:
    assert handle(message("AWSLogs/none-1.json.gz", "m-1"), message("AWSLogs/none-2.json.gz", "m-2")) == [
        "m-1",
        "m-2",
    ]


def test_objects_outside_the_log_prefix_and_without_records_are_passed_over(
    hub: Hub, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = KEY.rpartition("/")[0]
    keys = [
        f"rejected/{KEY}.rejected.gz",
        f"other/{KEY}",
        f"{folder}/data/r-1_output.json.gz",
        f"{folder}/amazon-bedrock-logs-permission-check",
    ]
    assert handle(*(message(key, f"m-{number}") for number, key in enumerate(keys))) == []
    assert _delivered(hub.session) == []
    assert metrics(capsys.readouterr().out)["ParsedCalls"] == 0


def test_no_prompt_or_completion_is_logged(hub: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    body = {"messages": [{"content": [{"text": "a secret"}]}]}
    logged = record(input={"inputTokenCount": 1, "inputBodyJson": body})
    hub.put(KEY, line(logged), line(logged)[:-9], b'{"text": "a secret"')
    assert handle(message(KEY)) == []
    printed = capsys.readouterr()
    entry = json.loads(hub.log.getvalue())
    assert entry["message"] == "object parsed"
    assert entry["summary"]["rejections"] == {"not_json": 2}
    assert "secret" not in printed.out + printed.err + hub.log.getvalue()
    assert "secret" not in json.dumps(_delivered(hub.session))


def test_an_unset_variable_fails_the_whole_run(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STREAM_NAME")
    with pytest.raises(Exception, match="STREAM_NAME is not set"):
        handle(message(KEY))


def test_a_spoke_puts_its_rows_on_the_hubs_stream(
    hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hub_account = "222233334444"
    role = f"arn:aws:iam::{hub_account}:role/SpokeWriteRole"
    credentials = hub.session.client("sts").assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    elsewhere = boto3.Session(
        credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"], "eu-west-1"
    )
    elsewhere.client("firehose").create_delivery_stream(
        DeliveryStreamName="hub-events",
        ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": f"arn:aws:s3:::{SINK}"},
    )
    monkeypatch.setenv("STREAM_NAME", "hub-events")
    monkeypatch.setenv("WRITE_ROLE_ARN", role)
    monkeypatch.setenv("WRITE_EXTERNAL_ID", "deployment-1")
    monkeypatch.setenv("HUB_REGION", "eu-west-1")
    hub.put(KEY, line(record()))
    assert handle(message(KEY)) == []
    assert metrics(capsys.readouterr().out) == {"ParsedCalls": 1, "RejectedLines": 0}


def test_a_later_column_is_sent_once_the_hubs_table_confirms_it(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = tuple(
        replace(column, since=2) if column.name == "output_tokens" else column for column in COLUMNS
    )
    monkeypatch.setattr(parse_wiring, "LakeColumns", partial(LakeColumns, columns=later))
    monkeypatch.setattr(parse_wiring, "later_names", partial(later_names, later))
    monkeypatch.setenv("USAGE_TABLE", "usage-stats")
    hub.session.client("dynamodb").create_table(
        TableName="usage-stats",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("PK", "SK")],
        KeySchema=[
            {"AttributeName": "PK", "KeyType": "HASH"},
            {"AttributeName": "SK", "KeyType": "RANGE"},
        ],
    )
    hub.put(KEY, line(record()))
    handle(message(KEY))
    assert [row.get("output_tokens") for row in _delivered(hub.session)] == [None]
    table = SchemaTable(DynamoDBTable(hub.session.client("dynamodb"), "usage-stats"))
    table.confirm([column.name for column in later], datetime.now(UTC))
    parse_wiring.parse_log.cache_clear()
    handle(message(KEY))

    assert {row.get("output_tokens") for row in _delivered(hub.session)} == {None, 5}
