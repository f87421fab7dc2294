"""What whoever deploys a stack must be allowed to do: the actions of create, read, change and delete.

By the provider's documentation of each resource; docs/deploy.md has them as a policy. `iam:PassRole` is
for the roles that the stack makes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from bedrock_analytics.cli.aws_session import AwsSession
from components.naming import Role

_ACTIONS_A_CALL: Final = 50
_ASSUMED: Final = re.compile(r"arn:([\w-]+):sts::(\d{12}):assumed-role/([^/]+)/")

BOTH: Final[dict[str, tuple[str, ...]]] = {
    "bedrock": (
        "DeleteModelInvocationLoggingConfiguration",
        "GetModelInvocationLoggingConfiguration",
        "PutModelInvocationLoggingConfiguration",
    ),
    "cloudwatch": (
        "DeleteAlarms",
        "DescribeAlarms",
        "ListTagsForResource",
        "PutMetricAlarm",
        "TagResource",
        "UntagResource",
    ),
    "events": (
        "DeleteRule",
        "DescribeRule",
        "ListTagsForResource",
        "ListTargetsByRule",
        "PutRule",
        "PutTargets",
        "RemoveTargets",
        "TagResource",
        "UntagResource",
    ),
    "iam": (
        "AttachRolePolicy",
        "CreatePolicy",
        "CreatePolicyVersion",
        "CreateRole",
        "DeletePolicy",
        "DeletePolicyVersion",
        "DeleteRole",
        "DeleteRolePolicy",
        "DetachRolePolicy",
        "GetPolicy",
        "GetPolicyVersion",
        "GetRole",
        "GetRolePolicy",
        "ListAttachedRolePolicies",
        "ListInstanceProfilesForRole",
        "ListPolicyVersions",
        "ListRolePolicies",
        "PassRole",
        "PutRolePolicy",
        "TagPolicy",
        "TagRole",
        "UntagPolicy",
        "UntagRole",
        "UpdateAssumeRolePolicy",
        "UpdateRole",
        "UpdateRoleDescription",
    ),
    "lambda": (
        "CreateEventSourceMapping",
        "CreateFunction",
        "DeleteEventSourceMapping",
        "DeleteFunction",
        "DeleteFunctionEventInvokeConfig",
        "GetEventSourceMapping",
        "GetFunction",
        "GetFunctionCodeSigningConfig",
        "GetFunctionConfiguration",
        "GetFunctionEventInvokeConfig",
        "ListEventSourceMappings",
        "ListTags",
        "ListVersionsByFunction",
        "PutFunctionEventInvokeConfig",
        "TagResource",
        "UntagResource",
        "UpdateEventSourceMapping",
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
    ),
    "logs": (
        "CreateLogGroup",
        "CreateLogStream",
        "DeleteLogGroup",
        "DeleteLogStream",
        "DeleteRetentionPolicy",
        "DescribeLogGroups",
        "DescribeLogStreams",
        "ListTagsForResource",
        "PutRetentionPolicy",
        "TagResource",
        "UntagResource",
    ),
    "s3": (
        "CreateBucket",
        "DeleteBucketPolicy",
        "GetAccelerateConfiguration",
        "GetBucketAcl",
        "GetBucketCORS",
        "GetBucketLocation",
        "GetBucketLogging",
        "GetBucketNotification",
        "GetBucketObjectLockConfiguration",
        "GetBucketOwnershipControls",
        "GetBucketPolicy",
        "GetBucketPublicAccessBlock",
        "GetBucketRequestPayment",
        "GetBucketTagging",
        "GetBucketVersioning",
        "GetBucketWebsite",
        "GetEncryptionConfiguration",
        "GetLifecycleConfiguration",
        "GetReplicationConfiguration",
        "ListBucket",
        "ListTagsForResource",
        "PutBucketNotification",
        "PutBucketOwnershipControls",
        "PutBucketPolicy",
        "PutBucketPublicAccessBlock",
        "PutBucketTagging",
        "PutEncryptionConfiguration",
        "PutLifecycleConfiguration",
        "TagResource",
        "UntagResource",
    ),
    "secretsmanager": (
        "CreateSecret",
        "DeleteSecret",
        "DescribeSecret",
        "GetResourcePolicy",
        "GetSecretValue",
        "PutSecretValue",
        "TagResource",
        "UntagResource",
        "UpdateSecret",
        "UpdateSecretVersionStage",
    ),
    "sns": (
        "CreateTopic",
        "DeleteTopic",
        "GetSubscriptionAttributes",
        "GetTopicAttributes",
        "ListTagsForResource",
        "SetTopicAttributes",
        "Subscribe",
        "TagResource",
        "Unsubscribe",
        "UntagResource",
    ),
    "sqs": (
        "CreateQueue",
        "DeleteQueue",
        "GetQueueAttributes",
        "GetQueueUrl",
        "ListQueueTags",
        "SetQueueAttributes",
        "TagQueue",
        "UntagQueue",
    ),
    "sts": ("GetCallerIdentity",),
}
"""Actions by service, of hub and spoke."""

HUB_ONLY: Final[dict[str, tuple[str, ...]]] = {
    "athena": (
        "CreateNamedQuery",
        "CreateWorkGroup",
        "DeleteNamedQuery",
        "DeleteWorkGroup",
        "GetDataCatalog",
        "GetNamedQuery",
        "GetQueryExecution",
        "GetQueryResults",
        "GetWorkGroup",
        "ListTagsForResource",
        "StartQueryExecution",
        "StopQueryExecution",
        "TagResource",
        "UntagResource",
        "UpdateWorkGroup",
    ),
    "cloudformation": (
        "CreateResource",
        "DeleteResource",
        "DescribeType",
        "GetResource",
        "GetResourceRequestStatus",
        "UpdateResource",
    ),
    "dynamodb": (
        "CreateTable",
        "DescribeContinuousBackups",
        "DescribeTable",
        "DescribeTimeToLive",
        "GetItem",
        "ListTagsOfResource",
        "PutItem",
        "BatchWriteItem",
        "TagResource",
        "UntagResource",
        "UpdateContinuousBackups",
        "UpdateTable",
        "UpdateTimeToLive",
    ),
    "firehose": (
        "CreateDeliveryStream",
        "DeleteDeliveryStream",
        "DescribeDeliveryStream",
        "ListTagsForDeliveryStream",
        "StartDeliveryStreamEncryption",
        "StopDeliveryStreamEncryption",
        "TagDeliveryStream",
        "UntagDeliveryStream",
        "UpdateDestination",
    ),
    "glue": (
        "CreateCatalog",
        "GetCatalog",
        "GetDatabase",
        "GetDatabases",
        "GetTable",
        "GetTables",
        "GetTags",
        "PassConnection",
        "TagResource",
        "UntagResource",
        "UpdateTable",
    ),
    "lakeformation": ("GetDataAccess",),
    "s3tables": (
        "CreateNamespace",
        "CreateTable",
        "CreateTableBucket",
        "GetNamespace",
        "GetTable",
        "GetTableBucket",
        "GetTableBucketEncryption",
        "GetTableBucketMaintenanceConfiguration",
        "GetTableData",
        "GetTableMaintenanceConfiguration",
        "GetTableMetadataLocation",
        "ListTableBuckets",
        "ListTagsForResource",
        "PutTableBucketEncryption",
        "PutTableBucketMaintenanceConfiguration",
        "PutTableData",
        "PutTableMaintenanceConfiguration",
        "TagResource",
        "UntagResource",
        "UpdateTableMetadataLocation",
    ),
    "scheduler": (
        "CreateSchedule",
        "DeleteSchedule",
        "GetSchedule",
        "UpdateSchedule",
    ),
    "ssm": (
        "AddTagsToResource",
        "DeleteParameter",
        "DescribeParameters",
        "GetParameter",
        "GetParameters",
        "ListTagsForResource",
        "PutParameter",
        "RemoveTagsFromResource",
    ),
}
"""Actions that a hub needs besides, `migrate` among them."""


def deployer_actions(role: Role) -> list[str]:
    """Full names of the actions, in order."""
    services = BOTH | HUB_ONLY if role is Role.HUB else BOTH
    return sorted(f"{service}:{action}" for service, actions in services.items() for action in actions)


def denied_actions(session: AwsSession, actions: Sequence[str]) -> list[str]:
    """Those of the actions that IAM does not allow the session's identity on every resource."""
    iam, source, denied = session.client("iam"), _policy_source(session), list[str]()
    for start in range(0, len(actions), _ACTIONS_A_CALL):
        answer = iam.simulate_principal_policy(
            PolicySourceArn=source, ActionNames=list(actions[start : start + _ACTIONS_A_CALL])
        )
        denied += [
            result["EvalActionName"]
            for result in answer["EvaluationResults"]
            if result["EvalDecision"] != "allowed"
        ]
    return denied


def _policy_source(session: AwsSession) -> str:
    """The user or role whose policies count; a session of a role is not one itself."""
    assumed = _ASSUMED.match(session.identity)
    if assumed is None:
        return session.identity
    role = session.client("iam").get_role(RoleName=assumed[3])
    return str(role["Role"]["Arn"])
