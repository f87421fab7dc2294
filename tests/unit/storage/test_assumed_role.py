from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.session import Session

from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.storage.assumed_role import assumed_role_session

ROLE = "arn:aws:iam::222233334444:role/SpokeWriteRole"


class FakeSts:
    """Gives credentials that are valid for an hour, or about to expire."""

    def __init__(self, valid_for: timedelta) -> None:
        self.valid_for = valid_for
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **arguments: Any) -> dict[str, Any]:
        self.asked.append(arguments)
        number = str(len(self.asked))
        return {
            "Credentials": {
                "AccessKeyId": f"key-{number}",
                "SecretAccessKey": "secret",
                "SessionToken": "token",
                "Expiration": (datetime.now(UTC) + self.valid_for).isoformat(),
            },
            "AssumedRoleUser": {"Arn": "arn:aws:sts::222233334444:assumed-role/SpokeWriteRole/parse-log"},
        }


class FakeSession(Session):
    """A session of the spoke's own credentials whose STS client is the fake."""

    def __init__(self, sts: FakeSts) -> None:
        super().__init__()
        self.set_credentials("spoke", "secret")
        self._sts = sts

    def create_client(self, *_: Any, **__: Any) -> Any:
        return self._sts


def _keys(sts: FakeSts, times: int) -> list[str | None]:
    session = assumed_role_session(
        FakeSession(sts), ROLE, external_id="deployment-1", session_name="parse-log", region="eu-west-1"
    )
    assert session.region_name == "eu-west-1"
    credentials = session.get_credentials()
    assert credentials is not None
    return [credentials.get_frozen_credentials().access_key for _ in range(times)]


def test_the_role_is_assumed_once_while_its_credentials_last() -> None:
    sts = FakeSts(timedelta(hours=1))
    assert _keys(sts, 3) == ["key-1"] * 3
    assert sts.asked == [{"RoleArn": ROLE, "RoleSessionName": "parse-log", "ExternalId": "deployment-1"}]


def test_the_role_is_assumed_again_before_its_credentials_expire() -> None:
    sts = FakeSts(timedelta(minutes=12))
    assert _keys(sts, 2) == ["key-1", "key-2"]


def test_without_credentials_of_its_own_there_is_no_role() -> None:
    class Anonymous(Session):
        def get_credentials(self) -> Any:
            return None

    with pytest.raises(ConfigurationError, match="no AWS credentials"):
        assumed_role_session(Anonymous(), ROLE, external_id="x", session_name="x", region="eu-west-1")
