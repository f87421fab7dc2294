"""Names are legal, short enough, the same each time, and never those of another deployment."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components import naming
from components.naming import DeploymentNames, FunctionName, HubNames, SpokeNames, any_spokes_role_arn
from components.setting_kinds import ACCOUNT, PREFIX, REGION, SPOKE_NAME

REGIONS = ("us-east-1", "us-west-2", "eu-central-1", "ap-southeast-1", "ap-northeast-3", "ca-central-1")
accounts = st.from_regex(r"[0-9]{12}", fullmatch=True)
regions = st.sampled_from(REGIONS)
prefixes = st.from_regex(PREFIX.pattern, fullmatch=True)
spoke_names = st.from_regex(SPOKE_NAME.pattern, fullmatch=True)
hubs = st.builds(HubNames, account=accounts, region=regions, prefix=prefixes)
spokes = st.builds(SpokeNames, account=accounts, region=regions, prefix=prefixes)
deployments: st.SearchStrategy[DeploymentNames] = st.one_of(hubs, spokes)


@dataclass(frozen=True)
class Rule:
    """What a service takes as a name, and the names that it is given."""

    pattern: str
    of: Callable[[DeploymentNames], list[str]]


def iam(names: DeploymentNames) -> list[str]:
    own = [names.iam_role(function) for function in FunctionName]
    if isinstance(names, HubNames):
        return [*own, names.stream_role, names.schedule_role, names.lake_reader, names.write_role(None)]
    assert isinstance(names, SpokeNames)
    return [*own, names.metrics_reader]


def queues(names: DeploymentNames) -> list[str]:
    return [names.log_queue, names.log_dead_letters, names.event_dead_letters, names.failed_runs]


def hub_only(*parts: str) -> Callable[[DeploymentNames], list[str]]:
    return lambda names: [getattr(names, part) for part in parts] if isinstance(names, HubNames) else []


RULES = {
    "IAM roles": Rule(r"[\w+=,.@-]{1,64}", iam),
    "functions": Rule(r"[a-zA-Z0-9_-]{1,64}", lambda names: [names.function(one) for one in FunctionName]),
    "queues": Rule(r"[a-zA-Z0-9_-]{1,80}", queues),
    "buckets": Rule(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", lambda names: [names.log_bucket]),
    "table buckets": Rule(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", hub_only("table_bucket")),
    "tables": Rule(r"[a-zA-Z0-9_.-]{3,255}", hub_only("usage_table", "price_table")),
    "streams": Rule(r"[a-zA-Z0-9_.-]{1,64}", hub_only("stream")),
    "workgroups": Rule(r"[a-zA-Z0-9._-]{1,128}", hub_only("compute_workgroup", "people_workgroup")),
    "rules": Rule(r"[.\-_A-Za-z0-9]{1,64}", lambda names: [names.log_rule]),
    "topics": Rule(r"[A-Za-z0-9_-]{1,256}", lambda names: [names.alarm_topic]),
    "secrets": Rule(r"[A-Za-z0-9/_+=.@-]{1,512}", lambda names: [names.pseudonym_secret]),
    "parameters": Rule(r"/[a-zA-Z0-9_.\-/]{1,1000}", hub_only("settings_parameter", "spokes_parameters")),
}


def every_name(names: DeploymentNames) -> list[str]:
    return [name for rule in RULES.values() for name in rule.of(names)]


@pytest.mark.parametrize("service", RULES)
@given(names=deployments)
def test_a_service_takes_every_name_of_any_deployment(service: str, names: DeploymentNames) -> None:
    rule = RULES[service]
    for name in rule.of(names):
        assert re.fullmatch(rule.pattern, name), name


@given(names=deployments)
def test_no_name_of_the_longest_prefix_is_cut_so_patterns_of_names_hold(names: DeploymentNames) -> None:
    for name in every_name(names):
        assert name.startswith((f"{names.prefix}-", f"/{names.prefix}/")), name
        assert names.region in name


@given(one=deployments, other=deployments)
def test_two_deployments_share_no_name_that_is_global_in_an_account(
    one: DeploymentNames, other: DeploymentNames
) -> None:
    if (one.prefix, one.role, one.region) != (other.prefix, other.role, other.region):
        assert not set(iam(one)) & set(iam(other))


@given(account=accounts, region=regions, prefix=prefixes)
def test_hub_and_spoke_of_one_account_and_region_would_share_no_name(
    account: str, region: str, prefix: str
) -> None:
    hub = HubNames(account=account, region=region, prefix=prefix)
    spoke = SpokeNames(account=account, region=region, prefix=prefix)
    assert not set(every_name(hub)) & set(every_name(spoke))


@given(account=accounts, region=regions, prefix=prefixes, other=accounts)
def test_buckets_of_two_accounts_differ(account: str, region: str, prefix: str, other: str) -> None:
    one = HubNames(account=account, region=region, prefix=prefix)
    two = HubNames(account=other, region=region, prefix=prefix)
    assert (one.log_bucket == two.log_bucket) == (account == other)
    assert (one.table_bucket == two.table_bucket) == (account == other)


@given(hub=hubs, names=st.lists(spoke_names, unique=True, max_size=5))
def test_each_spoke_has_a_write_role_of_its_own(hub: HubNames, names: list[str]) -> None:
    roles = [hub.write_role(None), *(hub.write_role(name) for name in names)]
    assert len(set(roles)) == len(roles)
    assert all(re.fullmatch(r"[\w+=,.@-]{1,64}", role) for role in roles)


@given(hub=hubs, account=accounts, region=regions)
def test_the_pattern_of_an_organization_matches_every_spoke_and_no_hub(
    hub: HubNames, account: str, region: str
) -> None:
    pattern = re.escape(any_spokes_role_arn(hub, FunctionName.PARSE_LOG)).replace(r"\*", ".*")
    spoke = SpokeNames(account=account, region=region, prefix=hub.prefix)
    assert re.fullmatch(pattern, spoke.parse_log_role_arn)
    assert not re.fullmatch(pattern, hub.iam_role_arn(FunctionName.PARSE_LOG))


@given(text=st.text(alphabet="abc-", min_size=1, max_size=200), limit=st.integers(20, 80))
def test_a_shortened_name_fits_and_is_the_same_each_time(text: str, limit: int) -> None:
    name = naming.shortened(text, limit)
    assert len(name) <= limit
    assert name == naming.shortened(text, limit)
    assert name == text or len(text) > limit


ends = st.text(alphabet="xyz", min_size=1, max_size=9)


@given(stem=st.text(alphabet="abc", min_size=64, max_size=64), one=ends, other=ends)
def test_long_names_are_the_same_only_if_their_whole_is(stem: str, one: str, other: str) -> None:
    cut = [naming.shortened(stem + end, 64) for end in (one, other)]
    assert (cut[0] == cut[1]) == (one == other)


def test_names_are_those_that_people_see() -> None:
    hub = HubNames(account="111122223333", region="us-east-1")
    spoke = SpokeNames(account="444455556666", region="eu-central-1")
    assert hub.usage_table == "bedrock-analytics-hub-us-east-1-usage-stats"
    assert hub.price_table == "bedrock-analytics-hub-us-east-1-model-pricing"
    assert hub.settings_parameter == "/bedrock-analytics/hub/us-east-1/settings"
    assert hub.log_bucket == "bedrock-analytics-hub-111122223333-us-east-1-logs"
    assert hub.athena_catalog == "s3tablescatalog/bedrock-analytics-111122223333-us-east-1-lake"
    assert hub.write_role("lab") == "bedrock-analytics-hub-us-east-1-spoke-write-lab"
    assert spoke.parse_log_role_arn == (
        "arn:aws:iam::444455556666:role/bedrock-analytics-spoke-eu-central-1-parse-log"
    )
    assert spoke.queue_url(spoke.log_queue) == (
        "https://sqs.eu-central-1.amazonaws.com/444455556666/bedrock-analytics-spoke-eu-central-1-log-objects"
    )


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-east-1", "aws"), ("us-gov-west-1", "aws-us-gov"), ("cn-north-1", "aws-cn")],
)
def test_the_region_says_which_partition_an_arn_is_of(region: str, partition: str) -> None:
    names = SpokeNames(account="1" * 12, region=region)
    assert names.parse_log_role_arn.startswith(f"arn:{partition}:iam::")
    assert names.queue_url("q").startswith(f"https://sqs.{region}.amazonaws.com")


@given(account=accounts, region=regions)
def test_settings_take_the_accounts_and_regions_of_these_tests(account: str, region: str) -> None:
    assert ACCOUNT.read(account) == account
    assert REGION.read(region) == region
