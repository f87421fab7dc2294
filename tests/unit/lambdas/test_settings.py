from __future__ import annotations

import pytest

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.errors import ConfigurationError
from lambdas.settings import ParseLogSettings, SyncPricingSettings, WriteRole


def test_defaults_need_only_a_stream() -> None:
    settings = ParseLogSettings.from_environment({"STREAM_NAME": "events"})
    assert settings == ParseLogSettings(stream_name="events")
    assert (settings.records_prefix, settings.rejected_prefix) == ("AWSLogs/", "rejected/")
    assert (settings.follow_offloaded, settings.keep_rejected_lines) == (True, True)


def test_every_variable_is_read() -> None:
    settings = ParseLogSettings.from_environment(
        {
            "STREAM_NAME": "events",
            "LOG_PREFIX": "bedrock",
            "REJECTED_PREFIX": "bedrock-rejected",
            "KEEP_REJECTED_LINES": "false",
            "FOLLOW_OFFLOADED": "false",
            "CALLER_DETAIL": "pseudonym",
            "PSEUDONYM_SECRET": "pseudonym-key",
            "WRITE_ROLE_ARN": "arn:aws:iam::1:role/write",
            "WRITE_EXTERNAL_ID": "x",
            "HUB_REGION": "eu-west-1",
            "USAGE_TABLE": "usage-stats",
        }
    )
    assert settings == ParseLogSettings(
        stream_name="events",
        log_prefix="bedrock/",
        rejected_prefix="bedrock-rejected/",
        keep_rejected_lines=False,
        follow_offloaded=False,
        caller_detail=CallerDetail.PSEUDONYM,
        pseudonym_secret="pseudonym-key",
        write_role=WriteRole(arn="arn:aws:iam::1:role/write", external_id="x", region="eu-west-1"),
        usage_table="usage-stats",
    )
    assert settings.records_prefix == "bedrock/AWSLogs/"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"STREAM_NAME": ""}, "STREAM_NAME is not set"),
        ({"FOLLOW_OFFLOADED": "yes"}, "FOLLOW_OFFLOADED is 'yes'; it must be true or false"),
        ({"CALLER_DETAIL": "some"}, "choose from full, role, pseudonym"),
        ({"CALLER_DETAIL": "pseudonym"}, "needs the name of a secret in PSEUDONYM_SECRET"),
        ({"REJECTED_PREFIX": "AWSLogs/rejected"}, "must not lie under the log prefix"),
        ({"LOG_PREFIX": "p", "REJECTED_PREFIX": "p/AWSLogs"}, "must not lie under the log prefix"),
        ({"WRITE_ROLE_ARN": "arn"}, "WRITE_EXTERNAL_ID is not set"),
        ({"WRITE_ROLE_ARN": "arn", "WRITE_EXTERNAL_ID": "x"}, "HUB_REGION is not set"),
    ],
)
def test_a_missing_or_wrong_variable_is_named(changes: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        ParseLogSettings.from_environment({"STREAM_NAME": "events"} | changes)


def test_the_price_sync_reads_its_table_and_the_list_of_its_own() -> None:
    read = SyncPricingSettings.from_environment

    assert read({"PRICE_TABLE": "prices", "PRICE_LIST_URL": ""}) == SyncPricingSettings(price_table="prices")
    assert read({"PRICE_TABLE": "p", "PRICE_LIST_URL": "https://x"}).price_list_url == "https://x"
    with pytest.raises(ConfigurationError, match="PRICE_TABLE is not set"):
        read({})
