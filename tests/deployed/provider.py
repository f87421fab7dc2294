"""Makes declared resources in moto, through boto3, so that botocore checks every parameter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from graphlib import TopologicalSorter
from typing import Any, Final

import boto3
import botocore.session
from botocore import xform_name
from botocore.validate import ParamValidator

from tests.deployed import service_calls as services
from tests.deployed import storage_calls as storage
from tests.deployed.inputs import ApiCall, Inputs
from tests.pulumi.engine import Deployed, Resource

Maker = Callable[[Inputs, str], list[ApiCall]]

MAKERS: Final[Mapping[str, Maker]] = {
    "aws:athena/namedQuery:NamedQuery": services.named_query,
    "aws:athena/workgroup:Workgroup": services.workgroup,
    "aws:bedrockmodel/invocationLoggingConfiguration:InvocationLoggingConfiguration": (
        services.bedrock_logging
    ),
    "aws:cloudcontrol/resource:Resource": storage.cloud_control,
    "aws:cloudwatch/eventRule:EventRule": services.event_rule,
    "aws:cloudwatch/eventTarget:EventTarget": services.event_target,
    "aws:cloudwatch/logGroup:LogGroup": services.log_group,
    "aws:cloudwatch/logStream:LogStream": services.log_stream,
    "aws:cloudwatch/metricAlarm:MetricAlarm": services.alarm,
    "aws:dynamodb/table:Table": storage.dynamodb_table,
    "aws:glue/catalog:Catalog": storage.glue_catalog,
    "aws:iam/policy:Policy": services.managed_policy,
    "aws:iam/role:Role": services.role,
    "aws:iam/rolePolicy:RolePolicy": services.role_policy,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": services.attachment,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": storage.delivery_stream,
    "aws:lambda/eventSourceMapping:EventSourceMapping": services.poller,
    "aws:lambda/function:Function": services.function,
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": services.invoke_config,
    "aws:s3/bucket:Bucket": storage.bucket,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": storage.lifecycle,
    "aws:s3/bucketNotification:BucketNotification": storage.notification,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": storage.ownership,
    "aws:s3/bucketPolicy:BucketPolicy": storage.bucket_policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": storage.public_access,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": (
        storage.bucket_encryption
    ),
    "aws:s3tables/namespace:Namespace": storage.table_namespace,
    "aws:s3tables/tableBucket:TableBucket": storage.table_bucket,
    "aws:scheduler/schedule:Schedule": services.schedule,
    "aws:secretsmanager/secret:Secret": services.secret,
    "aws:secretsmanager/secretVersion:SecretVersion": services.secret_version,
    "aws:sns/topic:Topic": services.topic,
    "aws:sns/topicPolicy:TopicPolicy": services.topic_policy,
    "aws:sns/topicSubscription:TopicSubscription": services.subscription,
    "aws:sqs/queue:Queue": services.queue,
    "aws:sqs/queuePolicy:QueuePolicy": services.queue_policy,
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": services.redrive_allow_policy,
    "aws:ssm/parameter:Parameter": services.parameter,
}

NOT_IN_MOTO: Final = frozenset({("cloudcontrol", "CreateResource"), ("glue", "CreateCatalog")})
"""Calls that moto does not know: checked against botocore's model of the service."""

ARN_KEYS: Final = ("arn", "Arn", "ARN", "TableArn", "TopicArn", "FunctionArn", "DeliveryStreamARN", "RuleArn")


def calls_of(resource: Resource, region: str) -> list[ApiCall]:
    """The calls that make a resource; AssertionError for a type or an input that the harness lacks."""
    assert resource.type in MAKERS, f"the harness does not make {resource.type}"
    return MAKERS[resource.type](Inputs(resource.inputs, resource.name), region)


def make(deployed: Deployed, session: boto3.Session) -> None:
    """Make every declared resource, each once what it depends on is there, as the engine does.

    Botocore refuses wrong parameters; AWS must answer with the ARN that the program went on with.
    """
    clients: dict[str, Any] = {}
    for resource in in_order(deployed):
        for call in calls_of(resource, session.region_name):
            if (call.service, call.operation) in NOT_IN_MOTO:
                check_parameters(call)
                continue
            if call.service not in clients:
                clients[call.service] = session.client(call.service)  # type: ignore[call-overload]
            answer = getattr(clients[call.service], xform_name(call.operation))(**call.parameters)
            given = _arn_in(answer)
            if given is not None and "arn" in resource.outputs:
                expected = resource.outputs["arn"]
                assert _known(given) == _known(expected), f"{resource.name} has another ARN in AWS: {given}"


def in_order(deployed: Deployed) -> list[Resource]:
    """What AWS makes, after all that it depends on; nothing but declared dependencies decides."""
    waits = {resource.urn: sorted(resource.depends_on) for resource in deployed.resources}
    urns = TopologicalSorter(waits).static_order()
    made = {resource.urn: resource for resource in deployed.aws}
    return [made[urn] for urn in urns if urn in made]


def check_parameters(call: ApiCall) -> None:
    """AssertionError where the service's model does not allow the parameters."""
    model = botocore.session.get_session().get_service_model(call.service)
    shape = model.operation_model(call.operation).input_shape
    assert shape is not None
    report = ParamValidator().validate(call.parameters, shape)
    assert not report.has_errors(), report.generate_report()


def _known(arn: str) -> str:
    """What can be known of an ARN: Secrets Manager ends a secret's with six characters of its own."""
    return arn[:-6] if arn.split(":")[2] == "secretsmanager" else arn


def _arn_in(answer: Mapping[str, Any]) -> str | None:
    """The ARN that an answer gives to what was made."""
    for place in (answer, *(value for value in answer.values() if isinstance(value, dict))):
        for key in ARN_KEYS:
            if isinstance(place.get(key), str):
                return str(place[key])
    return None
