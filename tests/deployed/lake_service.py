"""Firehose: from the declared stream to the declared table, by the declared keys, as the declared role."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

import msgspec

from bedrock_analytics.domain.usage_event import UsageEvent
from tests.deployed.cloud import Cloud
from tests.deployed.programs import Program
from tests.pulumi.engine import Resource

STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"
TABLE = "aws:cloudcontrol/resource:Resource"


@dataclass
class LakeService:
    """Delivers what is put on the stream of a program to its table, which Athena then reads."""

    cloud: Cloud
    program: Program
    seen: int = 0
    """How many calls were looked at."""

    def deliver(self) -> int:
        """Write what was put on the stream since; returns how many rows. AssertionError for one that the
        table's declared columns do not take."""
        [stream] = self.program.deployed.of(STREAM)
        [destination] = stream.inputs["icebergConfiguration"]["destinationTableConfigurations"]
        lake, unique = self.cloud.wire.athena, destination["uniqueKeys"]
        stored = {tuple(getattr(event, name) for name in unique): event for event in lake.events}
        rows = list(self._put_on(stream))
        for row in rows:
            self._check(row)
            stored[tuple(row[name] for name in unique)] = msgspec.convert(row, UsageEvent, strict=False)
        lake.events = list(stored.values())
        self._commit(stream.inputs["icebergConfiguration"]["roleArn"])
        return len(rows)

    def _put_on(self, stream: Resource) -> Iterator[dict[str, Any]]:
        calls = self.cloud.wire.calls[self.seen :]
        self.seen += len(calls)
        for call in calls:
            if call.operation == "PutRecordBatch":
                name = call.parameters["DeliveryStreamName"]
                assert call.arn("firehose", f"deliverystream/{name}") == stream.outputs["arn"]
                yield from (json.loads(record["Data"]) for record in call.parameters["Records"])

    def _check(self, row: dict[str, Any]) -> None:
        schema = self._table["IcebergMetadata"]["IcebergSchema"]["SchemaFieldList"]
        required = {column["Name"]: column["Required"] for column in schema}
        assert row.keys() <= required.keys(), f"the table lacks {row.keys() - required.keys()}"
        missing = {name for name, needed in required.items() if needed} - row.keys()
        assert not missing, f"the row lacks {missing}"

    def _commit(self, role: str) -> None:
        """Point the table at new metadata."""
        session = self.cloud.service_session(role, "firehose.amazonaws.com", self.program.region)
        s3tables, table = session.client("s3tables"), self._table
        place = (table["TableBucketARN"], table["Namespace"], table["TableName"])
        bucket, namespace, name = place
        found = s3tables.get_table_metadata_location(tableBucketARN=bucket, namespace=namespace, name=name)
        s3tables.update_table_metadata_location(
            tableBucketARN=bucket,
            namespace=namespace,
            name=name,
            versionToken=found["versionToken"],
            metadataLocation=f"{found['warehouseLocation']}/metadata/{self.seen:05}.metadata.json",
        )

    @property
    def _table(self) -> dict[str, Any]:
        [table] = self.program.deployed.of(TABLE)
        return cast("dict[str, Any]", json.loads(table.inputs["desiredState"]))
