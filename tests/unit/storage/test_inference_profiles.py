from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from bedrock_analytics.domain.model_id import ResolvedProfile
from bedrock_analytics.storage.inference_profiles import BedrockProfiles, NoProfiles

ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a1b2c3"
MODEL = "foundation-model/anthropic.claude-sonnet-4-6"


def answer(*regions: str) -> dict[str, Any]:
    models = [{"modelArn": f"arn:aws:bedrock:{region}::{MODEL}"} for region in regions]
    return {"inferenceProfileName": "team-a", "models": models, "type": "APPLICATION", "status": "ACTIVE"}


class FakeBedrock:
    """Answers GetInferenceProfile from a script, one answer for each request."""

    def __init__(self, *script: dict[str, Any] | Exception) -> None:
        self._script = list(script)
        self.asked: list[str] = []

    def get_inference_profile(self, *, inferenceProfileIdentifier: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(inferenceProfileIdentifier)
        found = self._script.pop(0)
        if isinstance(found, Exception):
            raise found
        return found


class Clock:
    def __init__(self) -> None:
        self.time = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "GetInferenceProfile")


def test_a_profile_is_asked_for_once() -> None:
    bedrock = FakeBedrock(answer("us-east-1", "us-west-2"))
    profiles = BedrockProfiles(cast("Any", bedrock), now=Clock())
    expected = ResolvedProfile(name="team-a", profile_model_id="us.anthropic.claude-sonnet-4-6")
    assert [profiles.resolve(ARN) for _ in range(3)] == [expected] * 3
    assert bedrock.asked == [ARN]


@pytest.mark.parametrize(
    "failure",
    [
        refusal("AccessDeniedException"),
        refusal("ResourceNotFoundException"),
        ConnectTimeoutError(endpoint_url="x"),
    ],
)
def test_a_failure_is_remembered_for_five_minutes(failure: Exception) -> None:
    bedrock, clock = FakeBedrock(failure, answer("us-east-1")), Clock()
    profiles = BedrockProfiles(cast("Any", bedrock), now=clock)
    assert profiles.resolve(ARN) is None
    clock.time += timedelta(minutes=4, seconds=59)
    assert profiles.resolve(ARN) is None
    assert len(bedrock.asked) == 1
    clock.time += timedelta(seconds=1)
    resolved = profiles.resolve(ARN)
    assert resolved is not None
    assert resolved.profile_model_id == "anthropic.claude-sonnet-4-6"


def test_a_profile_of_no_single_model_stays_unresolved() -> None:
    bedrock = FakeBedrock({"inferenceProfileName": "odd", "models": []})
    assert BedrockProfiles(cast("Any", bedrock), now=Clock()).resolve(ARN) is None


def test_without_an_account_nothing_is_resolved() -> None:
    assert NoProfiles().resolve(ARN) is None
