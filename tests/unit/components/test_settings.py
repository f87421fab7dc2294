"""Every wrong configuration is refused with the key, the value and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import pytest

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.errors import ConfigurationError
from components.setting_kinds import AccountPartition, LakeMode, Modality, SpokeTrust
from components.settings import (
    SEALED,
    SETTINGS,
    HubSettings,
    SpokeEntry,
    SpokeSettings,
    parse,
    project_config,
)

Config = dict[str, object]

HUB: Config = {"role": "hub", "accountId": "111122223333", "region": "us-east-1"}
SPOKE: Config = {
    "role": "spoke",
    "accountId": "444455556666",
    "region": "us-west-2",
    "spokeName": "lab",
    "externalId": "a-long-external-id",
    "hubAccountId": "111122223333",
    "hubRegion": "us-east-1",
}
LAB: Config = {
    "name": "lab",
    "accountId": "444455556666",
    "region": "us-west-2",
    "externalId": "a-long-external-id",
}
ORG: Config = {
    "spokeTrust": "organization",
    "organizationId": "o-a1b2c3d4e5",
    "externalId": "a-long-external-id",
}


def hub(**changes: object) -> Config:
    return {**HUB, **changes}


def spoke(**changes: object) -> Config:
    return {**SPOKE, **changes}


@dataclass(frozen=True)
class Wrong:
    what: str
    config: Config
    message: str


WRONG = [
    Wrong(
        "an empty configuration",
        {},
        "role is not set: it must be hub or spoke; set it with `pulumi config set role VALUE`",
    ),
    Wrong(
        "a role that is none",
        hub(role="Hub"),
        'role is "Hub": it must be hub or spoke',
    ),
    Wrong(
        "no account",
        {"role": "hub", "region": "us-east-1"},
        (
            "accountId is not set: it must be the 12 digits of an AWS account id in quotes, such as "
            '"111122223333"; set it with `pulumi config set accountId VALUE`'
        ),
    ),
    Wrong(
        "an account id that lost its leading zero",
        hub(accountId=11122223333),
        (
            "accountId is 11122223333: it must be the 12 digits of an AWS account id in quotes, such as "
            '"111122223333"'
        ),
    ),
    Wrong(
        "an account id with dashes",
        hub(accountId="1111-2222-3333"),
        (
            'accountId is "1111-2222-3333": it must be the 12 digits of an AWS account id in quotes, such as'
            ' "111122223333"'
        ),
    ),
    Wrong(
        "a Region that is none",
        hub(region="us-east"),
        'region is "us-east": it must be an AWS Region such as us-east-1',
    ),
    Wrong(
        "an Availability Zone",
        hub(region="us-east-1a"),
        'region is "us-east-1a": it must be an AWS Region such as us-east-1',
    ),
    Wrong(
        "a misspelt key",
        hub(bufferSecond="60"),
        (
            'bufferSecond is "60": there is no such setting; did you mean bufferSeconds? '
            "docs/configuration.md lists them"
        ),
    ),
    Wrong(
        "a key of nothing",
        hub(zebra="1"),
        'zebra is "1": there is no such setting; docs/configuration.md lists them',
    ),
    Wrong(
        "a hub with a spoke's key",
        hub(spokeName="lab"),
        'spokeName is "lab": only a spoke has this setting; remove it from this hub',
    ),
    Wrong(
        "a spoke with a hub's key",
        spoke(lakeMode="append"),
        'lakeMode is "append": only a hub has this setting; remove it from this spoke',
    ),
    Wrong(
        "a prefix in capitals",
        hub(namePrefix="Bedrock"),
        (
            'namePrefix is "Bedrock": it must be 3 to 20 lower-case letters, digits and single hyphens, not '
            "aws…, amzn…, ssm… or sthree…"
        ),
    ),
    Wrong(
        "a prefix that is too long for IAM",
        hub(namePrefix="bedrock-analytics-of-the-company"),
        (
            'namePrefix is "bedrock-analytics-of-the-company": it must be 3 to 20 lower-case letters, digits'
            " and single hyphens, not aws…, amzn…, ssm… or sthree…"
        ),
    ),
    Wrong(
        "a prefix that AWS keeps for itself",
        hub(namePrefix="aws-usage"),
        (
            'namePrefix is "aws-usage": it must be 3 to 20 lower-case letters, digits and single hyphens, '
            "not aws…, amzn…, ssm… or sthree…"
        ),
    ),
    Wrong(
        "a bucket as an address",
        hub(existingLogBucket="s3://logs"),
        'existingLogBucket is "s3://logs": it must be the name of a bucket, without s3://',
    ),
    Wrong(
        "a key without its bucket",
        hub(existingLogBucketKeyArn="arn:aws:kms:us-east-1:111122223333:key/abc"),
        (
            'existingLogBucketKeyArn is "arn:aws:kms:us-east-1:111122223333:key/abc": it belongs to '
            "existingLogBucket, which is not set; a new bucket is encrypted by S3"
        ),
    ),
    Wrong(
        "a key of another Region",
        hub(existingLogBucket="logs", existingLogBucketKeyArn="arn:aws:kms:eu-west-1:111122223333:key/abc"),
        (
            'existingLogBucketKeyArn is "arn:aws:kms:eu-west-1:111122223333:key/abc": the key must be in the'
            " stack's Region us-east-1"
        ),
    ),
    Wrong(
        "a key alias",
        hub(existingLogBucket="logs", existingLogBucketKeyArn="arn:aws:kms:us-east-1:111122223333:alias/abc"),
        (
            'existingLogBucketKeyArn is "arn:aws:kms:us-east-1:111122223333:alias/abc": it must be the ARN '
            "of a KMS key, not of an alias"
        ),
    ),
    Wrong(
        "a log prefix with a slash in front",
        hub(logPrefix="/bedrock"),
        (
            'logPrefix is "/bedrock": it must be a key prefix such as bedrock or logs/bedrock, without a '
            "slash in front"
        ),
    ),
    Wrong(
        "logs under rejected lines",
        hub(logPrefix="rejected/logs"),
        'logPrefix is "rejected/logs/": rejected/ holds what could not be read; choose another',
    ),
    Wrong(
        "logs under delivery errors",
        hub(logPrefix="firehose-errors"),
        'logPrefix is "firehose-errors/": firehose-errors/ holds what could not be read; choose another',
    ),
    Wrong(
        "a retention of minus one",
        hub(logRetentionDays="-1"),
        'logRetentionDays is "-1": it must be a whole number from 1 to 36500, or 0 for ever',
    ),
    Wrong(
        "a retention in words",
        hub(logRetentionDays="a year"),
        'logRetentionDays is "a year": it must be a whole number from 1 to 36500, or 0 for ever',
    ),
    Wrong(
        "logs that end before they pay off",
        hub(logRetentionDays="45"),
        (
            "logRetentionDays is 45: it must be at least 60, 30 days after logs move to infrequent access, "
            "or set logInfrequentAccessDays to 0"
        ),
    ),
    Wrong(
        "infrequent access too early",
        hub(logInfrequentAccessDays="7"),
        'logInfrequentAccessDays is "7": it must be a whole number from 30 to 36500, or 0 for never',
    ),
    Wrong(
        "logging neither managed nor left",
        hub(bedrockLogging="on"),
        'bedrockLogging is "on": it must be manage or leave',
    ),
    Wrong(
        "a modality that is none",
        hub(logModalities='["text","smell"]'),
        (
            'logModalities is ["text","smell"]: it must be a list of 1 to 4 different items, each text or '
            "image or embedding or video"
        ),
    ),
    Wrong(
        "no modality",
        hub(logModalities="[]"),
        (
            "logModalities is []: it must be a list of 1 to 4 different items, each text or image or "
            "embedding or video"
        ),
    ),
    Wrong(
        "a modality twice",
        hub(logModalities='["text","text"]'),
        (
            'logModalities is ["text","text"]: it must be a list of 1 to 4 different items, each text or '
            "image or embedding or video"
        ),
    ),
    Wrong(
        "pseudonyms without a key",
        hub(callerDetail="pseudonym"),
        (
            'callerDetail is "pseudonym": it needs a key; set one with `pulumi config set --secret '
            "pseudonymKey`"
        ),
    ),
    Wrong(
        "a key without pseudonyms",
        hub(pseudonymKey="0123456789abcdef"),
        (
            'pseudonymKey is "(hidden)": it is used only with callerDetail: pseudonym; set that or remove '
            "the key"
        ),
    ),
    Wrong(
        "a short key, which is not shown",
        hub(callerDetail="pseudonym", pseudonymKey="hush"),
        'pseudonymKey is "(hidden)": it must be a secret of at least 16 characters',
    ),
    Wrong(
        "yes for true",
        hub(keepRejectedLines="yes"),
        'keepRejectedLines is "yes": it must be true or false',
    ),
    Wrong(
        "too little concurrency",
        hub(parseConcurrency="1"),
        'parseConcurrency is "1": it must be a whole number from 2 to 1000',
    ),
    Wrong(
        "an organization without its id",
        hub(spokeTrust="organization"),
        'spokeTrust is "organization": it needs organizationId, an organization id such as o-a1b2c3d4e5',
    ),
    Wrong(
        "an organization without an external id",
        hub(spokeTrust="organization", organizationId="o-a1b2c3d4e5"),
        (
            'spokeTrust is "organization": it needs externalId, 8 to 128 letters, digits and +=,.@:/_-, the '
            "same in hub and spoke"
        ),
    ),
    Wrong(
        "an organization that is not trusted",
        hub(organizationId="o-a1b2c3d4e5"),
        (
            'organizationId is "o-a1b2c3d4e5": a hub has it only with spokeTrust: organization; set that or '
            "remove this key"
        ),
    ),
    Wrong(
        "a hub's external id for listed spokes",
        hub(externalId="a-long-external-id"),
        (
            'externalId is "a-long-external-id": a hub has it only with spokeTrust: organization; set that '
            "or remove this key"
        ),
    ),
    Wrong(
        "spokes as text",
        hub(spokes="lab"),
        'spokes is "lab": it must be a list of spokes, each with name, accountId, region and externalId',
    ),
    Wrong(
        "a spoke without a Region",
        hub(spokes=[{k: v for k, v in LAB.items() if k != "region"}]),
        "spokes, entry 1: region is not set: it must be an AWS Region such as us-east-1",
    ),
    Wrong(
        "a spoke with an unknown field",
        hub(spokes=[{**LAB, "account": "1"}]),
        'spokes, entry 1: account is "1": an entry has name, accountId, region, externalId only',
    ),
    Wrong(
        "a spoke with a short external id",
        hub(spokes=[{**LAB, "externalId": "short"}]),
        (
            'spokes, entry 1: externalId is "short": it must be 8 to 128 letters, digits and +=,.@:/_-, the '
            "same in hub and spoke"
        ),
    ),
    Wrong(
        "a spoke without an external id",
        hub(spokes=[{k: v for k, v in LAB.items() if k != "externalId"}]),
        (
            "spokes, entry 1: externalId is not set: it must be 8 to 128 letters, digits and +=,.@:/_-, the "
            "same in hub and spoke; `bedrock-analytics spoke add` makes one"
        ),
    ),
    Wrong(
        "a spoke's external id beside an organization's",
        hub(**ORG, spokes=[LAB]),
        (
            'spokes, entry 1: externalId is "a-long-external-id": with spokeTrust: organization all spokes '
            "use the hub's externalId; remove this"
        ),
    ),
    Wrong(
        "a spoke that is the hub",
        hub(spokes=[{**LAB, "accountId": "111122223333", "region": "us-east-1"}]),
        (
            'spokes, entry 1 is "lab, 111122223333 us-east-1": this is the hub\'s own account and Region, '
            "whose calls it reads itself; remove it"
        ),
    ),
    Wrong(
        "two spokes of one name",
        hub(spokes=[LAB, {**LAB, "region": "eu-west-1"}]),
        'spokes is "lab": two entries have this name; each needs its own',
    ),
    Wrong(
        "two spokes of one account and Region",
        hub(spokes=[LAB, {**LAB, "name": "lab-2"}]),
        'spokes is "444455556666 us-west-2": two entries have this account and Region; each needs its own',
    ),
    Wrong(
        "a spoke in another partition",
        hub(spokes=[{**LAB, "region": "us-gov-west-1"}]),
        (
            'spokes, entry 1 is "lab, 444455556666 us-gov-west-1": hub and spoke must be in the same part of'
            " AWS, or no role of the hub can be assumed"
        ),
    ),
    Wrong(
        "a spoke that is its own hub",
        spoke(accountId="111122223333", region="us-east-1"),
        (
            'region is "us-east-1": this is the hub\'s own account and Region, whose calls the hub itself '
            "reads; it needs no spoke"
        ),
    ),
    Wrong(
        "a spoke without its hub",
        {k: v for k, v in SPOKE.items() if k != "hubAccountId"},
        (
            "hubAccountId is not set: it must be the 12 digits of an AWS account id in quotes, such as "
            '"111122223333"; set it with `pulumi config set hubAccountId VALUE`'
        ),
    ),
    Wrong(
        "a spoke without an external id",
        {k: v for k, v in SPOKE.items() if k != "externalId"},
        (
            "externalId is not set: it must be 8 to 128 letters, digits and +=,.@:/_-, the same in hub and "
            "spoke; set it with `pulumi config set externalId VALUE`"
        ),
    ),
    Wrong(
        "a hub where no stream can write to Iceberg",
        hub(region="mx-central-1"),
        (
            'region is "mx-central-1": Firehose cannot write to Iceberg tables there; choose another Region '
            "for the hub and deploy a spoke in this one"
        ),
    ),
    Wrong(
        "a spoke of a hub where no stream can",
        spoke(hubRegion="ap-southeast-5"),
        (
            'hubRegion is "ap-southeast-5": Firehose cannot write to Iceberg tables there; choose another '
            "Region for the hub and deploy a spoke in this one"
        ),
    ),
    Wrong(
        "a spoke in China of a hub elsewhere",
        spoke(region="cn-north-1"),
        (
            'hubRegion is "us-east-1": hub and spoke must be in the same part of AWS, or no role of the hub '
            "can be assumed"
        ),
    ),
    Wrong(
        "a buffer of an hour",
        hub(bufferSeconds="3600"),
        'bufferSeconds is "3600": it must be a whole number from 0 to 900',
    ),
    Wrong(
        "a buffer of half a second",
        hub(bufferSeconds="0.5"),
        'bufferSeconds is "0.5": it must be a whole number from 0 to 900',
    ),
    Wrong(
        "a lake mode that is none",
        hub(lakeMode="merge"),
        'lakeMode is "merge": it must be upsert or append',
    ),
    Wrong(
        "runs every two hours",
        hub(computeMinutes="120"),
        'computeMinutes is "120": it must be a whole number from 1 to 60',
    ),
    Wrong(
        "hours kept shorter than their detail",
        hub(hourlyDays="60", hoursDays="30"),
        "hoursDays is 30: it must be at least hourlyDays, which is 60",
    ),
    Wrong(
        "a metadata key with a comma",
        hub(metadataKeys='["team,cost"]'),
        (
            'metadataKeys is ["team,cost"]: it must be a list of at most 10 different items, each 1 to 64 '
            "letters, digits and _@$=/+.:-"
        ),
    ),
    Wrong(
        "a budget of nothing",
        hub(monthlyBudgetUsd="0"),
        'monthlyBudgetUsd is "0": it must be an amount in US dollars above 0, such as "250" or "99.50"',
    ),
    Wrong(
        "a budget with a currency sign",
        hub(monthlyBudgetUsd="$100"),
        'monthlyBudgetUsd is "$100": it must be an amount in US dollars above 0, such as "250" or "99.50"',
    ),
    Wrong(
        "a price list without https",
        hub(priceListUrl="http://example.com/p.json"),
        (
            'priceListUrl is "http://example.com/p.json": it must be an https address of a list in LiteLLM\'s'
            " format"
        ),
    ),
    Wrong(
        "alarms to two places",
        hub(alarmEmail="a@example.com", alarmTopicArn="arn:aws:sns:us-east-1:111122223333:t"),
        (
            'alarmEmail is "a@example.com": alarmTopicArn is set too; keep one, and subscribe the address to'
            " the topic if need be"
        ),
    ),
    Wrong(
        "a topic of another Region",
        hub(alarmTopicArn="arn:aws:sns:eu-west-1:111122223333:t"),
        (
            'alarmTopicArn is "arn:aws:sns:eu-west-1:111122223333:t": alarms reach topics of their own '
            "Region only; name one in us-east-1"
        ),
    ),
    Wrong(
        "a log retention that CloudWatch lacks",
        hub(functionLogRetentionDays="31"),
        (
            'functionLogRetentionDays is "31": it must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, '
            "365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"
        ),
    ),
    Wrong(
        "a tag that AWS keeps for itself",
        hub(tags='{"aws:x":"y"}'),
        (
            'tags is {"aws:x":"y"}: it must be at most 40 names, each 1 to 128 letters, digits, spaces and '
            "_.:/=+-@, not aws:…, with values that are texts of at most 256 such characters"
        ),
    ),
    Wrong(
        "a role of another account",
        hub(deployRoleArn="arn:aws:iam::999900001111:role/deployer"),
        (
            'deployRoleArn is "arn:aws:iam::999900001111:role/deployer": it must be a role of the stack\'s '
            "account 111122223333"
        ),
    ),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_a_wrong_configuration_is_refused_with_key_value_and_fix(wrong: Wrong) -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(wrong.config)
    assert str(refused.value) == wrong.message


def test_no_message_is_used_for_two_mistakes() -> None:
    assert len({wrong.message for wrong in WRONG}) == len(WRONG)


def parsed_hub(**changes: object) -> HubSettings:
    settings = parse(hub(**changes))
    assert isinstance(settings, HubSettings)
    return settings


def parsed_spoke(**changes: object) -> SpokeSettings:
    settings = parse(spoke(**changes))
    assert isinstance(settings, SpokeSettings)
    return settings


def test_three_keys_make_a_hub_with_the_defaults_of_the_list() -> None:
    settings = parsed_hub()
    assert settings.names.region == settings.target.region == "us-east-1"
    assert settings.logs.prefix == "bedrock/"
    assert settings.logs.modalities == tuple(Modality)
    assert settings.lake_mode is LakeMode.UPSERT
    assert settings.account_partition is AccountPartition.IDENTITY
    assert settings.manage_catalog
    assert settings.logs.manage_bedrock_logging
    assert settings.operation.protect_data
    assert settings.operation.retain_data
    assert settings.spokes == ()
    assert settings.log_bucket == settings.names.log_bucket
    assert settings.alarm_emails == ()
    assert (
        settings.alarm_topic_arn
        == "arn:aws:sns:us-east-1:111122223333:bedrock-analytics-hub-us-east-1-alarms"
    )


def test_text_as_pulumi_hands_it_over_means_the_same_as_the_types_of_a_stack_file() -> None:
    texts = parsed_hub(
        spokes='[{"name": "lab", "accountId": "444455556666", "region": "us-west-2", '
        '"externalId": "a-long-external-id"}]',
        metadataKeys='["team", "app"]',
        tags='{"cost-center": "42"}',
        tracing="true",
        bufferSeconds="0",
        monthlyBudgetUsd="99.50",
        accountId="111122223333",
    )
    types = parsed_hub(
        spokes=[LAB],
        metadataKeys=["team", "app"],
        tags={"cost-center": 42},
        tracing=True,
        bufferSeconds=0,
        monthlyBudgetUsd=99.5,
        accountId=111122223333,
    )
    assert texts == types
    assert types.spokes == (
        SpokeEntry(
            name="lab", account_id="444455556666", region="us-west-2", external_id="a-long-external-id"
        ),
    )
    assert types.monthly_budget_usd == Decimal("99.50")
    assert types.metadata_keys == ("team", "app")
    assert types.buffer_seconds == 0
    assert types.operation.tracing


def test_one_metadata_key_needs_no_brackets() -> None:
    assert parsed_hub(metadataKeys="team").metadata_keys == ("team",)


@pytest.mark.parametrize(
    ("given", "meant"),
    [("", ""), ("bedrock", "bedrock/"), ("logs/bedrock/", "logs/bedrock/"), ("AWS_logs", "AWS_logs/")],
)
def test_a_log_prefix_is_empty_or_ends_in_a_slash(given: str, meant: str) -> None:
    assert parsed_hub(logPrefix=given).logs.prefix == meant


def test_an_existing_bucket_takes_the_place_of_the_new_one() -> None:
    settings = parsed_hub(existingLogBucket="company-logs")
    assert settings.log_bucket == "company-logs"


def test_an_existing_topic_takes_the_place_of_the_new_one() -> None:
    topic = "arn:aws:sns:us-east-1:999900001111:pager"
    assert parsed_hub(alarmTopicArn=topic).alarm_topic_arn == topic


def test_a_spoke_and_its_hub_agree_on_the_role_that_the_spoke_assumes() -> None:
    here, there = parsed_hub(spokes=[LAB]), parsed_spoke()
    assert there.write_role_arn == here.names.write_role_arn("lab")
    assert there.hub == here.names
    assert here.names_of(here.spokes[0]) == there.names


def test_a_spoke_of_an_organization_assumes_the_role_of_all() -> None:
    here, there = parsed_hub(**ORG), parsed_spoke(spokeTrust="organization")
    assert here.spoke_trust is SpokeTrust.ORGANIZATION
    assert there.write_role_arn == here.names.write_role_arn(None)


def test_the_key_of_pseudonyms_is_in_no_representation() -> None:
    settings = parsed_hub(callerDetail="pseudonym", pseudonymKey="never shown to anybody")
    assert settings.parser.caller_detail is CallerDetail.PSEUDONYM
    assert settings.parser.pseudonym_key == "never shown to anybody"
    assert "never shown" not in repr(settings)


def test_a_secret_that_only_pulumi_can_open_counts_as_set() -> None:
    settings = parsed_hub(callerDetail="pseudonym", pseudonymKey={"secure": "AAABAFBx"})
    assert settings.parser.pseudonym_key == SEALED


def test_only_the_projects_own_keys_are_settings() -> None:
    config = {"pulumi:disable-default-providers": ["*"], "bedrock-analytics:role": "hub", "aws:region": "x"}
    assert project_config(config) == {"role": "hub"}


def test_every_default_is_a_value_that_its_setting_takes() -> None:
    for setting in SETTINGS:
        if setting.default is not None and setting.kind.schema in {"string", "integer", "boolean"}:
            assert setting.kind.read(setting.default) == setting.default, setting.key


def test_keys_are_listed_once_and_explained() -> None:
    keys = [setting.key for setting in SETTINGS]
    assert len(set(keys)) == len(keys)
    assert all(setting.doc.endswith(".") for setting in SETTINGS)


def test_broken_json_and_a_truth_for_a_number_are_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"spokes is .*: it must be a list of spokes"):
        parse(hub(spokes='[{"name": "lab"'))
    with pytest.raises(ConfigurationError, match="bufferSeconds is true: it must be a whole number"):
        parse(hub(bufferSeconds=True))
    with pytest.raises(ConfigurationError, match=r"awsProfile is 1\.5: it must be the name"):
        parse(hub(awsProfile=1.5))
    with pytest.raises(ConfigurationError, match=r"tags is .*: it must be at most 40 names"):
        parse(hub(tags=["cost-center"]))


def test_a_long_value_is_cut_in_the_message() -> None:
    with pytest.raises(ConfigurationError) as refused:
        parse(hub(namePrefix="x" * 500))
    assert len(str(refused.value)) < 250
