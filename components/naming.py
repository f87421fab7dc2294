"""Every physical name and ARN of a hub and of a spoke, from prefix, account and Region alone.

Hub and spokes find each other by these names, across accounts and Pulumi backends, and the command line
finds a deployment by them. Each name holds its role and Region: IAM's names are global in an account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Final

DEFAULT_PREFIX: Final = "bedrock-analytics"
NAMESPACE: Final = "bedrock_analytics"
TABLE: Final = "usage_events"
CATALOG: Final = "s3tablescatalog"
"""The one federated catalog of an account and Region through which Glue and Athena see S3 table buckets."""
REJECTED_PREFIX: Final = "rejected/"
"""Where log lines that are no call are kept, in the log bucket and beside the logs."""
DELIVERY_ERRORS_PREFIX: Final = "firehose-errors/"
"""Where rows that the stream could not deliver are kept."""
METRIC_NAMESPACE: Final = "BedrockAnalytics"

IAM_LIMIT: Final = 64
BUCKET_LIMIT: Final = 63
QUEUE_LIMIT: Final = 80
_DIGEST_LENGTH: Final = 8


class Role(StrEnum):
    """What a deployment is."""

    HUB = "hub"
    SPOKE = "spoke"


class FunctionName(StrEnum):
    """The functions; a spoke has the first only."""

    PARSE_LOG = "parse-log"
    COMPUTE_COST = "compute-cost"
    AGGREGATE_STATS = "aggregate-stats"
    SYNC_PRICING = "sync-pricing"


def shortened(name: str, limit: int) -> str:
    """The name; one longer than the limit is cut and ends in a digest of the whole, so it stays unique."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST_LENGTH]
    return f"{name[: limit - _DIGEST_LENGTH - 1].rstrip('-')}-{digest}"


def partition_of(region: str) -> str:
    """The AWS partition that a Region belongs to, the second part of every ARN."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeploymentNames:
    """What hub and spoke have in common: logs, and the function that parses them."""

    role: ClassVar[Role]

    account: str
    region: str
    prefix: str = DEFAULT_PREFIX

    @property
    def partition(self) -> str:
        return partition_of(self.region)

    def name(self, part: str, limit: int = IAM_LIMIT) -> str:
        """Name of a part, of at most `limit` characters."""
        return shortened(f"{self.prefix}-{self.role}-{self.region}-{part}", limit)

    def arn(self, service: str, resource: str) -> str:
        """ARN of something of this account and Region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    @property
    def log_bucket(self) -> str:
        """The log bucket, where the deployment makes one. Bucket names are global: it holds the account."""
        return shortened(f"{self.prefix}-{self.role}-{self.account}-{self.region}-logs", BUCKET_LIMIT)

    @property
    def log_bucket_arn(self) -> str:
        return self.bucket_arn(self.log_bucket)

    def bucket_arn(self, bucket: str) -> str:
        """ARN of any bucket by its name."""
        return f"arn:{self.partition}:s3:::{bucket}"

    @property
    def log_rule(self) -> str:
        """The rule that announces new log objects."""
        return self.name("log-objects")

    @property
    def log_rule_arn(self) -> str:
        return self.arn("events", f"rule/{self.log_rule}")

    @property
    def log_queue(self) -> str:
        """The queue of new log objects."""
        return self.queue("log-objects")

    @property
    def log_dead_letters(self) -> str:
        """Messages about log objects that could not be parsed."""
        return self.queue("log-objects-dlq")

    @property
    def event_dead_letters(self) -> str:
        """Events that the rule could not put in the queue."""
        return self.queue("log-events-dlq")

    @property
    def failed_runs(self) -> str:
        """Runs of functions that failed, or that could not be started."""
        return self.queue("failed-runs")

    def queue(self, part: str) -> str:
        return self.name(part, QUEUE_LIMIT)

    def queue_arn(self, queue: str) -> str:
        """ARN of a queue by its name."""
        return self.arn("sqs", queue)

    def queue_url(self, queue: str) -> str:
        """Address of a queue by its name."""
        suffix = ".cn" if self.partition == "aws-cn" else ""
        return f"https://sqs.{self.region}.amazonaws.com{suffix}/{self.account}/{queue}"

    def function(self, function: FunctionName) -> str:
        return self.name(function)

    def function_arn(self, function: FunctionName) -> str:
        return self.arn("lambda", f"function:{self.function(function)}")

    def function_log_group(self, function: FunctionName) -> str:
        return f"/aws/lambda/{self.function(function)}"

    def iam_role(self, part: str) -> str:
        """Name of the IAM role of a part, such as a function's name."""
        return self.name(part)

    def iam_role_arn(self, part: str) -> str:
        return f"arn:{self.partition}:iam::{self.account}:role/{self.iam_role(part)}"

    def iam_policy(self, part: str) -> str:
        """Name of a managed policy."""
        return self.name(part, 128)

    def iam_policy_arn(self, part: str) -> str:
        return f"arn:{self.partition}:iam::{self.account}:policy/{self.iam_policy(part)}"

    @property
    def pseudonym_secret(self) -> str:
        """The secret that holds the key of pseudonyms."""
        return self.name("pseudonym-key", 256)

    @property
    def alarm_topic(self) -> str:
        return self.name("alarms", 256)

    def alarm(self, part: str) -> str:
        return self.name(part, 255)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubNames(DeploymentNames):
    """Names of a hub."""

    role: ClassVar[Role] = Role.HUB

    @property
    def stream(self) -> str:
        """The stream from events to the lake; the hub and every spoke put records on it."""
        return self.name("usage-events")

    @property
    def stream_arn(self) -> str:
        return self.arn("firehose", f"deliverystream/{self.stream}")

    @property
    def stream_log_group(self) -> str:
        return f"/aws/kinesisfirehose/{self.stream}"

    @property
    def stream_role(self) -> str:
        return self.iam_role("firehose")

    @property
    def table_bucket(self) -> str:
        """The S3 table bucket that holds the lake."""
        return shortened(f"{self.prefix}-{self.account}-{self.region}-lake", BUCKET_LIMIT)

    @property
    def table_bucket_arn(self) -> str:
        return self.arn("s3tables", f"bucket/{self.table_bucket}")

    @property
    def catalog_arn(self) -> str:
        """The table bucket as Glue sees it."""
        return self.arn("glue", f"catalog/{CATALOG}/{self.table_bucket}")

    @property
    def athena_catalog(self) -> str:
        """The table bucket as Athena's SQL names it."""
        return f"{CATALOG}/{self.table_bucket}"

    @property
    def athena_catalog_arns(self) -> list[str]:
        """The federated catalog and, within it, the table bucket as Athena's permissions name them."""
        return [self.arn("athena", f"datacatalog/{name}") for name in (CATALOG, self.athena_catalog)]

    @property
    def compute_workgroup(self) -> str:
        """Athena's workgroup for the functions."""
        return self.name("compute", 128)

    @property
    def people_workgroup(self) -> str:
        """Athena's workgroup for people's queries."""
        return self.name("people", 128)

    def workgroup_arn(self, workgroup: str) -> str:
        return self.arn("athena", f"workgroup/{workgroup}")

    @property
    def usage_table(self) -> str:
        """The DynamoDB table with the usage pages."""
        return self.name("usage-stats", 255)

    @property
    def price_table(self) -> str:
        """The DynamoDB table with the prices."""
        return self.name("model-pricing", 255)

    def table_arn(self, table: str) -> str:
        return self.arn("dynamodb", f"table/{table}")

    @property
    def settings_parameter(self) -> str:
        """The parameter by which the command line finds this hub with a profile and a Region alone."""
        return settings_parameter(self.region, self.prefix)

    @property
    def settings_parameter_arn(self) -> str:
        return self.arn("ssm", f"parameter{self.settings_parameter}")

    @property
    def spokes_parameters(self) -> str:
        """The path below which each spoke has a parameter that tells how to find it."""
        return f"/{self.prefix}/{Role.HUB}/{self.region}/spokes"

    def spoke_parameter(self, spoke: str) -> str:
        return f"{self.spokes_parameters}/{spoke}"

    @property
    def lake_reader(self) -> str:
        """Role and policy for people's queries of the lake."""
        return self.iam_role("lake-reader")

    @property
    def lake_reader_arn(self) -> str:
        return self.iam_role_arn("lake-reader")

    def write_role(self, spoke: str | None) -> str:
        """SpokeWriteRole: a spoke's own role, or with None the one that an organization's spokes share."""
        return self.iam_role(f"spoke-write-{spoke}" if spoke else "spoke-write")

    def write_role_arn(self, spoke: str | None) -> str:
        return f"arn:{self.partition}:iam::{self.account}:role/{self.write_role(spoke)}"

    def schedule(self, part: str) -> str:
        return self.name(part)

    @property
    def schedule_role(self) -> str:
        return self.iam_role("schedules")


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokeNames(DeploymentNames):
    """Names of a spoke. An account has one in each Region, so they hold no name but the Region's."""

    role: ClassVar[Role] = Role.SPOKE

    @property
    def parse_log_role_arn(self) -> str:
        """The only principal of the spoke that the hub lets write."""
        return self.iam_role_arn(FunctionName.PARSE_LOG)

    @property
    def metrics_reader(self) -> str:
        """The role through which the hub's dashboard reads Bedrock's metrics of this account."""
        return self.iam_role("metrics-reader")

    @property
    def metrics_reader_arn(self) -> str:
        return self.iam_role_arn("metrics-reader")


def settings_parameter(region: str, prefix: str = DEFAULT_PREFIX) -> str:
    """Name of the SSM parameter with a hub's settings."""
    return f"/{prefix}/{Role.HUB}/{region}/settings"


def any_spokes_role_arn(hub: HubNames, part: str) -> str:
    """ARN pattern of a part's role in a spoke of any account and Region; the account must be bound besides.

    A long prefix is refused by the settings, so that no such name is shortened.
    """
    return f"arn:{hub.partition}:iam::*:role/{hub.prefix}-{Role.SPOKE}-*-{part}"
