"""Every key of a stack file: kind, default, who needs it, and what it does.

docs/configuration.md and the keys of Pulumi.yaml are made from this list. What the values of several keys
must be together stands in `settings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from bedrock_analytics.domain.caller import CallerDetail
from components.naming import DEFAULT_PREFIX, Role
from components.setting_kinds import (
    ACCOUNT,
    BUCKET,
    EMAIL,
    EXTERNAL_ID,
    FOLDER,
    KEY_ARN,
    METADATA_KEY,
    ORGANIZATION,
    PREFIX,
    PRICE_LIST,
    PROFILE,
    REGION,
    RETENTION_DAYS,
    ROLE_ARN,
    SPOKE_LIST,
    SPOKE_NAME,
    TAG_MAP,
    TOPIC_ARN,
    AccountPartition,
    BedrockLogging,
    CatalogMode,
    LakeMode,
    Modality,
    SpokeTrust,
)
from components.setting_values import (
    Choice,
    Kind,
    ListOf,
    Money,
    Number,
    Secret,
    Switch,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting(Generic[T]):
    """One key. Without default it is required where `needed` says so, else it may be absent."""

    key: str
    kind: Kind[T]
    doc: str
    group: str
    roles: frozenset[Role]
    default: T | None = None
    needed: bool = False
    hidden: bool = False
    """Whether nobody may see a value."""

    @property
    def declared(self) -> bool:
        """Whether Pulumi.yaml declares it: both roles know it and its default is a scalar."""
        scalar = self.kind.schema in {"string", "integer", "boolean"}
        return len(self.roles) == len(Role) and self.default is not None and scalar


BOTH: Final = frozenset(Role)
HUB: Final = frozenset({Role.HUB})
SPOKE: Final = frozenset({Role.SPOKE})

_WHERE, _LOGS, _CALLS = "Where", "Logs", "Calls and privacy"
_LINK, _LAKE, _NUMBERS, _RUNNING = "Hub and spokes", "Lake", "Numbers", "Running it"

ROLE = Setting(
    key="role", kind=Choice(Role), group=_WHERE, roles=BOTH, needed=True,
    doc="What the stack is: the hub, of which there is one, or a spoke that sends its calls to it.",
)  # fmt: skip
ACCOUNT_ID = Setting(
    key="accountId", kind=ACCOUNT, group=_WHERE, roles=BOTH, needed=True,
    doc="The stack's AWS account. With credentials of any other, nothing is read or changed.",
)  # fmt: skip
STACK_REGION = Setting(
    key="region", kind=REGION, group=_WHERE, roles=BOTH, needed=True,
    doc="The stack's Region. A spoke reads the calls of one account in one Region.",
)  # fmt: skip
AWS_PROFILE = Setting(
    key="awsProfile", kind=PROFILE,
    group=_WHERE, roles=BOTH,
    doc="AWS profile to deploy with. Absent: the credentials of the environment.",
)  # fmt: skip
DEPLOY_ROLE = Setting(
    key="deployRoleArn", kind=ROLE_ARN, group=_WHERE, roles=BOTH,
    doc="Role to assume for deploying, of the stack's account.",
)  # fmt: skip
NAME_PREFIX = Setting(
    key="namePrefix", kind=PREFIX, group=_WHERE, roles=BOTH, default=DEFAULT_PREFIX,
    doc="What every name in AWS begins with; the same in the hub and all spokes.",
)  # fmt: skip
TAGS: Setting[Mapping[str, str]] = Setting(
    key="tags",
    kind=TAG_MAP,
    group=_WHERE, roles=BOTH, default=MappingProxyType({}),
    doc="Tags of everything the stack makes.",
)  # fmt: skip

EXISTING_BUCKET = Setting(
    key="existingLogBucket", kind=BUCKET, group=_LOGS, roles=BOTH,
    doc="A bucket of the same account and Region that is there already. The program changes nothing about "
    "it; `bedrock-analytics connect-bucket` shows what it needs and adds it. Absent: the stack makes a "
    "bucket.",
)  # fmt: skip
BUCKET_KEY = Setting(
    key="existingLogBucketKeyArn", kind=KEY_ARN, group=_LOGS, roles=BOTH,
    doc="The KMS key that encrypts that bucket, if it has one of its own: the parser is allowed to use it.",
)  # fmt: skip
LOG_PREFIX = Setting(
    key="logPrefix", kind=FOLDER, group=_LOGS, roles=BOTH, default="bedrock",
    doc="Key prefix of Bedrock's logs in the bucket; empty for none. Where logging is left alone, the "
    "prefix that it has.",
)  # fmt: skip
LOG_RETENTION = Setting(
    key="logRetentionDays", kind=Number(low=1, high=36500, also=0, also_means="ever"),
    group=_LOGS, roles=BOTH, default=365,
    doc="Days that log objects are kept, which hold prompts and completions. Of a new bucket only.",
)  # fmt: skip
LOG_INFREQUENT_ACCESS = Setting(
    key="logInfrequentAccessDays", kind=Number(low=30, high=36500, also=0, also_means="never"),
    group=_LOGS, roles=BOTH, default=30,
    doc="Days after which log objects move to the cheaper infrequent-access storage. Of a new bucket only.",
)  # fmt: skip
BEDROCK_LOGGING = Setting(
    key="bedrockLogging", kind=Choice(BedrockLogging), group=_LOGS, roles=BOTH, default=BedrockLogging.MANAGE,
    doc="`manage` switches Bedrock's invocation logging on, which an account and Region has once; `leave` "
    "leaves it as it is. `bedrock-analytics preflight` says which fits.",
)  # fmt: skip
LOG_MODALITIES: Setting[tuple[Modality, ...]] = Setting(
    key="logModalities", kind=ListOf(Choice(Modality), len(Modality), 1),
    group=_LOGS, roles=BOTH, default=tuple(Modality),
    doc="Which kinds of content Bedrock logs. Calls of a kind that is not logged are counted, without what "
    "only their content says.",
)  # fmt: skip

CALLER_DETAIL = Setting(
    key="callerDetail", kind=Choice(CallerDetail), group=_CALLS, roles=BOTH, default=CallerDetail.FULL,
    doc="How much of a person's name is stored: `full`, `role` (no names), or `pseudonym` (a keyed hash).",
)  # fmt: skip
PSEUDONYM_KEY = Setting(
    key="pseudonymKey", kind=Secret(least=16), group=_CALLS, roles=BOTH, hidden=True,
    doc="Key of the pseudonyms, the same in hub and spokes: `pulumi config set --secret pseudonymKey`. It "
    "is kept in Secrets Manager, which only the parser may read, not in the function's environment.",
)  # fmt: skip
KEEP_REJECTED = Setting(
    key="keepRejectedLines", kind=Switch(), group=_CALLS, roles=BOTH, default=True,
    doc="Keep log lines that are no call, which may hold prompts, under rejected/ in the log bucket.",
)  # fmt: skip
FOLLOW_OFFLOADED = Setting(
    key="followOffloaded", kind=Switch(), group=_CALLS, roles=BOTH, default=True,
    doc="Read the token counts of calls whose body Bedrock keeps in an object of its own.",
)  # fmt: skip
PARSE_CONCURRENCY = Setting(
    key="parseConcurrency", kind=Number(low=2, high=1000), group=_CALLS, roles=BOTH, default=5,
    doc="How many log objects' batches are parsed at the same time at most.",
)  # fmt: skip

SPOKE_TRUST = Setting(
    key="spokeTrust", kind=Choice(SpokeTrust), group=_LINK, roles=BOTH, default=SpokeTrust.ACCOUNTS,
    doc="Whom the hub lets send calls: the spokes that it lists, each through a role of its own, or any "
    "account of its organization. The same in hub and spokes.",
)  # fmt: skip
EXTERNAL = Setting(
    key="externalId", kind=EXTERNAL_ID, group=_LINK, roles=BOTH,
    doc="What a spoke must say to be let in: in a spoke always, in a hub with `spokeTrust: organization`. "
    "`bedrock-analytics spoke add` makes one.",
)  # fmt: skip
SPOKES: Setting[tuple[Mapping[str, object], ...]] = Setting(
    key="spokes",
    kind=SPOKE_LIST,
    group=_LINK, roles=HUB, default=(),
    doc="The spokes: `name`, `accountId`, `region` and, unless the organization is trusted, `externalId` of"
    " each.",
)  # fmt: skip
ORGANIZATION_ID = Setting(
    key="organizationId", kind=ORGANIZATION,
    group=_LINK, roles=HUB,
    doc="The AWS organization whose accounts are trusted, with `spokeTrust: organization`.",
)  # fmt: skip
OWN_NAME = Setting(
    key="spokeName", kind=SPOKE_NAME, group=_LINK, roles=SPOKE, needed=True,
    doc="The spoke's name, as the hub lists it.",
)  # fmt: skip
HUB_ACCOUNT = Setting(
    key="hubAccountId", kind=ACCOUNT, group=_LINK, roles=SPOKE, needed=True, doc="The hub's AWS account.",
)  # fmt: skip
HUB_REGION = Setting(
    key="hubRegion", kind=REGION, group=_LINK, roles=SPOKE, needed=True, doc="The hub's Region.",
)  # fmt: skip

LAKE_MODE = Setting(
    key="lakeMode", kind=Choice(LakeMode), group=_LAKE, roles=HUB, default=LakeMode.UPSERT,
    doc="`upsert` replaces a call that is delivered again; `append` keeps both, for more than about 1,000 "
    "calls a second. Numbers are the same. Decided when the stream is made.",
)  # fmt: skip
BUFFER_SECONDS = Setting(
    key="bufferSeconds", kind=Number(low=0, high=900), group=_LAKE, roles=HUB, default=60,
    doc="How long the stream collects calls before it writes them. Less is fresher and makes smaller files.",
)  # fmt: skip
CATALOG = Setting(
    key="s3TablesCatalog", kind=Choice(CatalogMode), group=_LAKE, roles=HUB, default=CatalogMode.MANAGE,
    doc="The catalog `s3tablescatalog`, which an account and Region has once: `manage` makes it, `existing`"
    " uses the one that is there. `bedrock-analytics preflight` says which fits.",
)  # fmt: skip
ACCOUNT_PARTITION = Setting(
    key="accountPartition", kind=Choice(AccountPartition), group=_LAKE, roles=HUB,
    default=AccountPartition.IDENTITY,
    doc="`bucket` puts accounts into 16 partitions a day, for more than about 50 accounts. Decided when the"
    " lake is made.",
)  # fmt: skip
QUERY_LIMIT = Setting(
    key="queryLimitGigabytes", kind=Number(low=1, high=10000), group=_LAKE, roles=HUB, default=10,
    doc="How much one query of a person may read; Athena stops it there.",
)  # fmt: skip

COMPUTE_MINUTES = Setting(
    key="computeMinutes", kind=Number(low=1, high=60), group=_NUMBERS, roles=HUB, default=5,
    doc="Minutes between two looks at the lake. Nothing is computed, or paid, where nothing is new.",
)  # fmt: skip
HOURLY_DAYS = Setting(
    key="hourlyDays", kind=Number(low=4, high=400), group=_NUMBERS, roles=HUB, default=14,
    doc="Days that the numbers of each hour are kept in every detail.",
)  # fmt: skip
HOURS_DAYS = Setting(
    key="hoursDays", kind=Number(low=4, high=3660), group=_NUMBERS, roles=HUB, default=400,
    doc="Days that the trends of each hour are kept.",
)  # fmt: skip
DAILY_DAYS = Setting(
    key="dailyDays", kind=Number(low=35, high=3660), group=_NUMBERS, roles=HUB, default=400,
    doc="Days that the numbers of each day are kept. Months are kept for ever.",
)  # fmt: skip
METADATA_KEYS: Setting[tuple[str, ...]] = Setting(
    key="metadataKeys",
    kind=ListOf(METADATA_KEY, 10),
    group=_NUMBERS, roles=HUB, default=(),
    doc="Keys of the callers' request metadata to break the numbers down by, such as team. A key with a "
    "value for each session or call is none.",
)  # fmt: skip
PRICE_LIST_URL = Setting(
    key="priceListUrl",
    kind=PRICE_LIST,
    group=_NUMBERS, roles=HUB,
    doc="Where list prices are read weekly. Absent: LiteLLM's list.",
)  # fmt: skip
MONTHLY_BUDGET: Setting[Decimal] = Setting(
    key="monthlyBudgetUsd", kind=Money(), group=_NUMBERS, roles=HUB,
    doc="Cost of a month in US dollars, discounts taken off: alarms at 80 and 100 percent of it, and when"
    " the forecast exceeds it.",
)  # fmt: skip

ALARM_EMAIL = Setting(
    key="alarmEmail", kind=EMAIL,
    group=_RUNNING, roles=BOTH,
    doc="Who gets the alarms, after confirming a mail from AWS. Or use `alarmTopicArn`.",
)  # fmt: skip
ALARM_TOPIC = Setting(
    key="alarmTopicArn", kind=TOPIC_ARN, group=_RUNNING, roles=BOTH,
    doc="An SNS topic of the stack's Region that gets the alarms. With neither, alarms show in CloudWatch "
    "only.",
)  # fmt: skip
FUNCTION_LOG_RETENTION = Setting(
    key="functionLogRetentionDays", kind=RETENTION_DAYS, group=_RUNNING, roles=BOTH, default=30,
    doc="Days that the functions' own logs are kept. They hold no prompts and no names.",
)  # fmt: skip
TRACING = Setting(
    key="tracing", kind=Switch(), group=_RUNNING, roles=BOTH, default=False,
    doc="Trace the functions with X-Ray.",
)  # fmt: skip
PROTECT_DATA = Setting(
    key="protectData", kind=Switch(), group=_RUNNING, roles=BOTH, default=True,
    doc="Refuse to delete or replace logs, lake and tables until this is false and deployed.",
)  # fmt: skip
RETAIN_DATA = Setting(
    key="retainData", kind=Switch(), group=_RUNNING, roles=BOTH, default=True,
    doc="Leave logs, lake and tables in AWS when they leave the stack.",
)  # fmt: skip

SETTINGS: Final[tuple[Setting[Any], ...]] = (
    ROLE, ACCOUNT_ID, STACK_REGION, AWS_PROFILE, DEPLOY_ROLE, NAME_PREFIX, TAGS,
    EXISTING_BUCKET, BUCKET_KEY, LOG_PREFIX, LOG_RETENTION, LOG_INFREQUENT_ACCESS, BEDROCK_LOGGING,
    LOG_MODALITIES,
    CALLER_DETAIL, PSEUDONYM_KEY, KEEP_REJECTED, FOLLOW_OFFLOADED, PARSE_CONCURRENCY,
    SPOKE_TRUST, EXTERNAL, SPOKES, ORGANIZATION_ID, OWN_NAME, HUB_ACCOUNT, HUB_REGION,
    LAKE_MODE, BUFFER_SECONDS, CATALOG, ACCOUNT_PARTITION, QUERY_LIMIT,
    COMPUTE_MINUTES, HOURLY_DAYS, HOURS_DAYS, DAILY_DAYS, METADATA_KEYS, PRICE_LIST_URL, MONTHLY_BUDGET,
    ALARM_EMAIL, ALARM_TOPIC, FUNCTION_LOG_RETENTION, TRACING, PROTECT_DATA, RETAIN_DATA,
)  # fmt: skip
