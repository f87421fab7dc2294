"""Where Bedrock's invocation logs are kept, and Bedrock's order to write them there.

Notification, policy, lifecycle, encryption and the logging configuration exist once for a bucket or Region:
declaring one replaces what is there. So of a bucket that was there before nothing is declared, and the
logging configuration only where the settings say that the program owns it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast

import pulumi
import pulumi_aws as aws

from components import policies
from components.iam_documents import as_json
from components.naming import DELIVERY_ERRORS_PREFIX, REJECTED_PREFIX, DeploymentNames
from components.resource_options import data_options

ABORT_UPLOADS_DAYS: Final = 7
LEAST_TRANSITION_DAYS: Final = 30
"""S3 moves no object to infrequent access before."""
MODALITIES: Final = ("text", "image", "embedding", "video")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRetention:
    """How long logs are kept, in days; None for ever."""

    days: int | None = 90
    transition_days: int | None = None
    """After how many days logs move to infrequent access; None never."""

    def __post_init__(self) -> None:
        if self.transition_days is None:
            return
        if self.transition_days < LEAST_TRANSITION_DAYS:
            raise ValueError(
                f"transition_days is {self.transition_days}; S3 takes {LEAST_TRANSITION_DAYS} or more"
            )
        if self.days is not None and self.days <= self.transition_days:
            raise ValueError(
                f"logs are deleted after {self.days} days, before they move at {self.transition_days}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationLoggingArgs:
    """Arguments of invocation logging."""

    names: DeploymentNames
    existing_bucket: str | None = None
    """A bucket that was there before, left as it is; None to make one."""
    prefix: str = ""
    """Prefix of Bedrock's logs: empty, or ending in a slash."""
    retention: LogRetention = field(default_factory=LogRetention)
    configure_bedrock: bool = True
    """Whether this program owns the Region's logging configuration."""
    modalities: frozenset[str] = frozenset(MODALITIES)
    """What Bedrock logs bodies of: some of `MODALITIES`."""
    after: tuple[pulumi.Resource, ...] = ()
    """What must be there before Bedrock logs, so that no log object goes unannounced."""
    protect: bool = True
    retain: bool = True
    """Whether what holds data stays in AWS when it leaves the stack."""


class InvocationLogging(pulumi.ComponentResource):
    """The log bucket. `bucket_name` is its name, `ready` what must be there before logs are of use."""

    def __init__(
        self, name: str, args: InvocationLoggingArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bedrock-analytics:index:InvocationLogging", name, None, opts)
        self.bucket_name = args.existing_bucket or args.names.log_bucket
        self.ready: list[pulumi.Resource] = []
        if args.existing_bucket is None:
            self.ready += self._declare_bucket(name, args)
        if args.configure_bedrock:
            self._configure_bedrock(name, args)
        self.register_outputs({"bucket_name": self.bucket_name})

    def _declare_bucket(self, name: str, args: InvocationLoggingArgs) -> list[pulumi.Resource]:
        """The bucket with its guards, its policy and its events; returns what Bedrock needs to write."""
        bucket = aws.s3.Bucket(
            f"{name}-bucket",
            bucket=self.bucket_name,
            opts=data_options(self, protect=args.protect, retain=args.retain),
        )
        block = self._guard(name, args, bucket)
        notification = aws.s3.BucketNotification(
            f"{name}-events", bucket=bucket.id, eventbridge=True, opts=pulumi.ResourceOptions(parent=self)
        )
        policy = aws.s3.BucketPolicy(
            f"{name}-bucket-policy",
            bucket=bucket.id,
            policy=as_json(policies.log_bucket(args.names, self.bucket_name, records_prefix(args.prefix))),
            opts=data_options(self, protect=args.protect, retain=args.retain, depends_on=[block]),
        )
        return [policy, notification]

    def _guard(self, name: str, args: InvocationLoggingArgs, bucket: aws.s3.Bucket) -> pulumi.Resource:
        """What makes the bucket private, encrypted and finite; it stays where the bucket stays.

        Returns the block of public access, without which a policy must not come.
        """
        options = data_options(self, protect=args.protect, retain=args.retain)
        aws.s3.BucketOwnershipControls(
            f"{name}-ownership",
            bucket=bucket.id,
            rule={"object_ownership": "BucketOwnerEnforced"},
            opts=options,
        )
        aws.s3.BucketServerSideEncryptionConfiguration(
            f"{name}-encryption",
            bucket=bucket.id,
            rules=[{"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}],
            opts=options,
        )
        aws.s3.BucketLifecycleConfiguration(
            f"{name}-lifecycle", bucket=bucket.id, rules=_lifecycle(args), opts=options
        )
        return aws.s3.BucketPublicAccessBlock(
            f"{name}-public-access",
            bucket=bucket.id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            opts=options,
        )

    def _configure_bedrock(self, name: str, args: InvocationLoggingArgs) -> None:
        place = {"bucket_name": self.bucket_name}
        if args.prefix:
            place["key_prefix"] = args.prefix.rstrip("/")
        config: dict[str, Any] = {
            "s3_config": place,
            **{f"{kind}_data_delivery_enabled": kind in args.modalities for kind in MODALITIES},
        }
        aws.bedrockmodel.InvocationLoggingConfiguration(
            f"{name}-bedrock",
            logging_config=cast(
                "aws.bedrockmodel.InvocationLoggingConfigurationLoggingConfigArgsDict", config
            ),
            opts=pulumi.ResourceOptions(parent=self, depends_on=[*self.ready, *args.after]),
        )


def records_prefix(prefix: str) -> str:
    """What the keys of log objects begin with, under the prefix of Bedrock's configuration."""
    return f"{prefix}AWSLogs/"


def _lifecycle(args: InvocationLoggingArgs) -> list[aws.s3.BucketLifecycleConfigurationRuleArgsDict]:
    """Logs move and end; what could not be read or delivered ends with them."""
    rules: list[Any] = [
        {
            "id": "abandoned-uploads",
            "status": "Enabled",
            "filter": {"prefix": ""},
            "abort_incomplete_multipart_upload": {"days_after_initiation": ABORT_UPLOADS_DAYS},
        }
    ]
    retention = args.retention
    for id_, prefix in _kept(args).items():
        rule: dict[str, Any] = {"id": id_, "status": "Enabled", "filter": {"prefix": prefix}}
        if id_ == "logs" and retention.transition_days is not None:
            rule["transitions"] = [{"days": retention.transition_days, "storage_class": "STANDARD_IA"}]
        if retention.days is not None:
            rule["expiration"] = {"days": retention.days}
        if rule.keys() & {"transitions", "expiration"}:
            rules.append(rule)
    return rules


def _kept(args: InvocationLoggingArgs) -> Mapping[str, str]:
    return {
        "logs": records_prefix(args.prefix),
        "rejected-lines": REJECTED_PREFIX,
        "delivery-errors": DELIVERY_ERRORS_PREFIX,
    }
