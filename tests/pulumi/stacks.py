"""Stacks of every configuration that matters, run through `__main__.py` as Pulumi runs it."""

from __future__ import annotations

import json
import runpy
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import pulumi

from components.account_check import ExistingLogging
from components.naming import FunctionName
from components.settings import PROJECT, HubSettings, SpokeSettings, parse, project_config
from tests.pulumi.engine import Deployed, deploy
from tests.pulumi.stack_files import ROOT, merged, project

HUB_ACCOUNT: Final = "111122223333"
SPOKE_ACCOUNT: Final = "444455556666"
EXTERNAL_ID: Final = "an-external-id-of-lab"
PSEUDONYM_KEY: Final = "a key that nobody may see"
LAB: Final = {"name": "lab", "accountId": SPOKE_ACCOUNT, "region": "us-west-2", "externalId": EXTERNAL_ID}
_BUCKET: Final = {
    "existingLogBucket": "company-logs",
    "existingLogBucketKeyArn": f"arn:aws:kms:us-east-1:{HUB_ACCOUNT}:key/1234abcd",
}
_PSEUDONYMS: Final = {"callerDetail": "pseudonym", "pseudonymKey": PSEUDONYM_KEY}
_ORGANIZATION: Final = {"spokeTrust": "organization", "externalId": "an-external-id-of-all"}

HUBS: Final[Mapping[str, Mapping[str, object]]] = {
    "hub": {},
    "hub with spokes": {
        "spokes": [LAB, {**LAB, "name": "east", "region": "us-east-2", "externalId": "another-external-id"}]
    },
    "hub of an organization": {
        **_ORGANIZATION,
        "organizationId": "o-a1b2c3d4e5",
        "spokes": [{key: value for key, value in LAB.items() if key != "externalId"}],
    },
    "hub on an existing bucket": {**_BUCKET, "bedrockLogging": "leave", "logPrefix": ""},
    "hub that leaves logging": {"bedrockLogging": "leave"},
    "hub of fewer modalities": {"logModalities": ["text"], "logRetentionDays": 0},
    "hub on an existing catalog": {"s3TablesCatalog": "existing"},
    "hub for many calls": {"lakeMode": "append", "accountPartition": "bucket", "bufferSeconds": 300},
    "hub of data that may go": {"protectData": False, "retainData": False},
    "hub with everything": {
        **_PSEUDONYMS,
        "tracing": True,
        "alarmEmail": "oncall@example.com",
        "monthlyBudgetUsd": "250.50",
        "metadataKeys": ["team", "app"],
        "computeMinutes": 1,
        "priceListUrl": "https://example.com/prices.json",
        "tags": {"cost-center": "42"},
        "awsProfile": "hub-admin",
        "deployRoleArn": f"arn:aws:iam::{HUB_ACCOUNT}:role/deployer",
        "namePrefix": "acme-usage",
    },
    "hub with a topic": {"alarmTopicArn": f"arn:aws:sns:us-east-1:{HUB_ACCOUNT}:pager"},
}
SPOKES: Final[Mapping[str, Mapping[str, object]]] = {
    "spoke": {},
    "spoke on an existing bucket": {"existingLogBucket": "company-logs", "bedrockLogging": "leave"},
    "spoke of an organization": {**_ORGANIZATION, **_PSEUDONYMS},
    "spoke without rejected lines": {"keepRejectedLines": False, "followOffloaded": False},
}
VARIANTS: Final = [*HUBS, *SPOKES]


@dataclass(frozen=True)
class FakeAccount:
    """An account with what is there already."""

    account_id: str
    found: ExistingLogging | None = None
    catalog: bool = False
    table_bucket: bool = False

    def logging(self) -> ExistingLogging | None:
        return self.found

    def has_catalog(self) -> bool:
        return self.catalog

    def has_table_bucket(self, arn: str) -> bool:
        return self.table_bucket


def config_of(variant: str) -> dict[str, str]:
    """The variant's configuration as the program gets it."""
    if variant in HUBS:
        own: dict[str, object] = {"role": "hub", "accountId": HUB_ACCOUNT, "region": "us-east-1"}
        own |= HUBS[variant]
    else:
        own = {"role": "spoke", "accountId": SPOKE_ACCOUNT, "region": "us-west-2", "spokeName": "lab"}
        own |= {"hubAccountId": HUB_ACCOUNT, "hubRegion": "us-east-1", "externalId": EXTERNAL_ID}
        own |= SPOKES[variant]
    stack = {f"{PROJECT}:{key}": value for key, value in own.items()}
    return merged(project(), {"pulumi:disable-default-providers": ["*"], **stack})


def settings_of(variant: str) -> HubSettings | SpokeSettings:
    """The variant's settings."""
    return parse(project_config(config_of(variant)))


def up(config: Mapping[str, str], account: FakeAccount, *, preview: bool = False) -> Deployed:
    """Run the program with a configuration on an account."""
    program = runpy.run_path(str(ROOT / "__main__.py"), run_name="program")
    return deploy(
        lambda: program["main"](lambda target: account, fake_code),
        preview=preview,
        config=config,
        secret_keys=(f"{PROJECT}:pseudonymKey",),
    )


@cache
def deployed(variant: str, *, preview: bool = False) -> Deployed:
    """What a variant declares on an empty account of its own."""
    config = config_of(variant)
    return up(config, FakeAccount(config[f"{PROJECT}:accountId"]), preview=preview)


def fake_code(root: Path) -> dict[FunctionName, pulumi.Archive]:
    """Archives that say whose they are."""
    return {
        function: pulumi.AssetArchive({"function.txt": pulumi.StringAsset(function)})
        for function in FunctionName
    }


def documents(deployed: Deployed) -> dict[str, dict[str, Any]]:
    """Every IAM document that is declared, by the name of its resource and the input."""
    return {
        f"{one.name}.{key}": json.loads(one.inputs[key])
        for one in deployed.aws
        for key in ("policy", "assumeRolePolicy")
        if key in one.inputs
    }


def environment(deployed: Deployed, function: str) -> dict[str, str]:
    """Environment of the function whose resource's name ends so."""
    [found] = [
        one
        for one in deployed.of("aws:lambda/function:Function")
        if one.name.endswith(f"{function}-function")
    ]
    variables: dict[str, str] = found.inputs["environment"]["variables"]
    return variables
