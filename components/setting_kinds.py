"""The words and shapes that settings have: choices, ids, names, ARNs."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from components.setting_values import MapOf, OneNumberOf, Records, Text


class BedrockLogging(StrEnum):
    """Who sets up Bedrock's invocation logging."""

    MANAGE = "manage"
    LEAVE = "leave"


class Modality(StrEnum):
    """What of a call Bedrock writes to its log."""

    TEXT = "text"
    IMAGE = "image"
    EMBEDDING = "embedding"
    VIDEO = "video"


class LakeMode(StrEnum):
    """How the stream writes to the lake."""

    UPSERT = "upsert"
    APPEND = "append"


class CatalogMode(StrEnum):
    """Who makes the federated catalog of the account and Region."""

    MANAGE = "manage"
    EXISTING = "existing"


class AccountPartition(StrEnum):
    """How the lake is partitioned by account."""

    IDENTITY = "identity"
    BUCKET = "bucket"


class SpokeTrust(StrEnum):
    """How the hub knows its spokes."""

    ACCOUNTS = "accounts"
    ORGANIZATION = "organization"


ACCOUNT: Final = Text(
    pattern=r"\d{12}", shape='the 12 digits of an AWS account id in quotes, such as "111122223333"'
)
REGION: Final = Text(
    pattern=r"(?:af|ap|ca|cn|eu|il|me|mx|sa|us)(?:-gov)?-(?:[a-z]+)-\d",
    shape="an AWS Region such as us-east-1",
)
SPOKE_NAME: Final = Text(
    pattern=r"[a-z](?:[a-z0-9]|-(?=[a-z0-9])){0,19}",
    shape="1 to 20 lower-case letters, digits and single hyphens, beginning with a letter",
)
EXTERNAL_ID: Final = Text(
    pattern=r"[A-Za-z0-9+=,.@:/_-]{8,128}",
    shape="8 to 128 letters, digits and +=,.@:/_-, the same in hub and spoke",
)
PREFIX: Final = Text(
    pattern=r"(?!aws|amzn|ssm|sthree)[a-z](?:[a-z0-9]|-(?=[a-z0-9])){2,19}",
    shape="3 to 20 lower-case letters, digits and single hyphens, not aws…, amzn…, ssm… or sthree…",
)
BUCKET: Final = Text(
    pattern=r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", shape="the name of a bucket, without s3://"
)
FOLDER: Final = Text(
    pattern=r"(?:[A-Za-z0-9!_.*'()-]+(?:/[A-Za-z0-9!_.*'()-]+)*/?)?",
    shape="a key prefix such as bedrock or logs/bedrock, without a slash in front",
)
ROLE_ARN: Final = Text(
    pattern=r"arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+",
    shape="the ARN of a role, such as arn:aws:iam::111122223333:role/deployer",
)
TOPIC_ARN: Final = Text(
    pattern=r"arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[\w-]{1,256}", shape="the ARN of a standard SNS topic"
)
KEY_ARN: Final = Text(
    pattern=r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[\w-]+", shape="the ARN of a KMS key, not of an alias"
)
RETENTION_DAYS: Final = OneNumberOf(
    allowed=(
        1,
        3,
        5,
        7,
        14,
        30,
        60,
        90,
        120,
        150,
        180,
        365,
        400,
        545,
        731,
        1096,
        1827,
        2192,
        2557,
        2922,
        3288,
        3653,
    )
)

ORGANIZATION: Final = Text(pattern=r"o-[a-z0-9]{10,32}", shape="an organization id such as o-a1b2c3d4e5")
TAG_MAP: Final = MapOf(
    key=Text(
        pattern=r"(?!aws:)[\w +=.:/@-]{1,128}",
        shape="1 to 128 letters, digits, spaces and _.:/=+-@, not aws:…",
    ),
    value=Text(pattern=r"[\w +=.:/@-]{0,256}", shape="texts of at most 256 such characters"),
    most=40,
)
METADATA_KEY: Final = Text(
    pattern=r"[A-Za-z0-9_@$=/+.:-]{1,64}", shape="1 to 64 letters, digits and _@$=/+.:-"
)
PRICE_LIST: Final = Text(
    pattern=r"https://[^\s]{4,500}", shape="an https address of a list in LiteLLM's format"
)
EMAIL: Final = Text(pattern=r"[^\s@]+@[^\s@]+\.[^\s@]+", shape="an e-mail address")
PROFILE: Final = Text(pattern=r"[^\s].{0,127}", shape="the name of an AWS profile")
SPOKE_LIST: Final = Records(rule="a list of spokes, each with name, accountId, region and externalId")
