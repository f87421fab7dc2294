"""What a call needs to be allowed: IAM actions and resources, as the Service Authorization Reference says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.deployed.iam import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that was made: by whom (a role's ARN), where, with which parameters."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str
    principal: str

    def arn(self, service: str, resource: str) -> str:
        """An ARN of the account and Region in which the call was made."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def asks(self, action: str, resource: str, **context: Sequence[str]) -> Request:
        keys = {name.replace("__", ":"): values for name, values in context.items()}
        return Request(action=action, resource=resource, context=keys, principal=self.principal)


WorkgroupOf = Callable[[str], str]
"""The workgroup of a query id: Athena knows it, the parameters do not say it."""


def requests_of(call: Call, workgroup_of: WorkgroupOf) -> list[Request]:
    """What a call asks for; AssertionError for a service that the harness does not know."""
    assert call.service in _NEEDS, f"the harness does not know what {call.service}:{call.operation} needs"
    return _NEEDS[call.service](call, workgroup_of)


def _plain(prefix: str, resource: Callable[[Call], str]) -> Callable[[Call, WorkgroupOf], list[Request]]:
    """A service whose actions are called as its operations, on one resource."""

    def needs(call: Call, _: WorkgroupOf) -> list[Request]:
        return [call.asks(f"{prefix}:{call.operation}", resource(call))]

    return needs


def _dynamodb(call: Call, _: WorkgroupOf) -> list[Request]:
    if call.operation == "TransactWriteItems":
        return [_transact_item(call, item) for item in call.parameters["TransactItems"]]
    action = f"dynamodb:{call.operation}"
    if call.operation == "BatchWriteItem":
        tables = call.parameters["RequestItems"]
        return [
            call.asks(action, _table(call, table), dynamodb__LeadingKeys=_leading_keys(writes))
            for table, writes in tables.items()
        ]
    keys = _leading_keys([call.parameters])
    return [call.asks(action, _table(call, call.parameters["TableName"]), dynamodb__LeadingKeys=keys)]


def _transact_item(call: Call, item: Mapping[str, Any]) -> Request:
    [(kind, write)] = item.items()
    action = {"Put": "PutItem", "Delete": "DeleteItem"}[kind]
    return call.asks(
        f"dynamodb:{action}", _table(call, write["TableName"]), dynamodb__LeadingKeys=_leading_keys([write])
    )


def _leading_keys(places: Sequence[Mapping[str, Any]]) -> list[str]:
    """Partition keys that a request names, wherever it does."""
    found: set[str] = set()
    for place in places:
        for holder in (place, *(value for value in place.values() if isinstance(value, dict))):
            for key in ("Key", "Item"):
                if key in holder:
                    found.add(holder[key]["PK"]["S"])
        if ":pk" in place.get("ExpressionAttributeValues", {}):
            found.add(place["ExpressionAttributeValues"][":pk"]["S"])
    return sorted(found)


def _table(call: Call, name: str) -> str:
    return call.arn("dynamodb", f"table/{name}")


def _athena(call: Call, workgroup_of: WorkgroupOf) -> list[Request]:
    name = call.parameters.get("WorkGroup") or workgroup_of(call.parameters["QueryExecutionId"])
    asked = [call.asks(f"athena:{call.operation}", call.arn("athena", f"workgroup/{name}"))]
    catalog = call.parameters.get("QueryExecutionContext", {}).get("Catalog", "AwsDataCatalog")
    if catalog != "AwsDataCatalog":
        asked.append(call.asks("athena:GetDataCatalog", call.arn("athena", f"datacatalog/{catalog}")))
    return asked


def _s3(call: Call, _: WorkgroupOf) -> list[Request]:
    place = f"arn:aws:s3:::{call.parameters['Bucket']}/{call.parameters['Key']}"
    return [call.asks(f"s3:{call.operation}", place)]


def _sqs(call: Call, _: WorkgroupOf) -> list[Request]:
    queue = call.parameters["QueueUrl"].rpartition("/")[2]
    return [call.asks(f"sqs:{call.operation}", call.arn("sqs", queue))]


def _log_stream(call: Call) -> str:
    names = call.parameters
    return call.arn("logs", f"log-group:{names['logGroupName']}:log-stream:{names['logStreamName']}")


def _lake_table(call: Call) -> str:
    """A table's ARN ends in an id that S3 makes."""
    return f"{call.parameters['tableBucketARN']}/table/0c5a7e1e-0000-4000-8000-000000000000"


def _secret(call: Call) -> str:
    """A secret's ARN ends in six characters that Secrets Manager makes."""
    return call.arn("secretsmanager", f"secret:{call.parameters['SecretId']}-Ab1Cd2")


_NEEDS: Final[Mapping[str, Callable[[Call, WorkgroupOf], list[Request]]]] = {
    "athena": _athena,
    "bedrock": _plain("bedrock", lambda call: call.parameters["inferenceProfileIdentifier"]),
    "cloudwatch": _plain("cloudwatch", lambda call: "*"),
    "dynamodb": _dynamodb,
    "firehose": _plain(
        "firehose",
        lambda call: call.arn("firehose", f"deliverystream/{call.parameters['DeliveryStreamName']}"),
    ),
    "logs": _plain("logs", _log_stream),
    "s3": _s3,
    "s3tables": _plain("s3tables", _lake_table),
    "secretsmanager": _plain("secretsmanager", _secret),
    "sqs": _sqs,
    "ssm": _plain(
        "ssm",
        lambda call: call.arn("ssm", f"parameter{call.parameters.get('Name') or call.parameters['Path']}"),
    ),
    "sts": _plain("sts", lambda call: call.parameters["RoleArn"]),
}
