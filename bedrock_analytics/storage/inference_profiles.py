"""Application inference profiles: which model an opaque profile ARN stands for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.model_id import ResolvedProfile, profile_target

if TYPE_CHECKING:
    from mypy_boto3_bedrock import BedrockClient

FAILURE_MEMORY = timedelta(minutes=5)
"""How long a profile that could not be resolved is not asked for again."""


class ProfileResolver(Protocol):
    """Resolves application inference profiles."""

    def resolve(self, arn: str) -> ResolvedProfile | None:
        """Name and model of a profile; None where they cannot be known at the moment. Never raises."""
        ...


class NoProfiles:
    """Resolves nothing: where there is no AWS account to ask."""

    def resolve(self, arn: str) -> ResolvedProfile | None:
        return None


class BedrockProfiles:
    """Asks Bedrock in the account and Region of the client, once for each profile.

    A profile's name and models never change, so answers are kept for the life of the process.
    """

    def __init__(self, client: BedrockClient, *, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now
        self._known: dict[str, ResolvedProfile] = {}
        self._failed_at: dict[str, datetime] = {}

    def resolve(self, arn: str) -> ResolvedProfile | None:
        """Name and model of a profile; None, for five minutes, where Bedrock does not tell."""
        known = self._known.get(arn)
        if known is not None:
            return known
        now = self._now()
        failed_at = self._failed_at.get(arn)
        if failed_at is not None and now - failed_at < FAILURE_MEMORY:
            return None
        profile = self._ask(arn)
        if profile is None:
            self._failed_at[arn] = now
        else:
            self._known[arn] = profile
        return profile

    def _ask(self, arn: str) -> ResolvedProfile | None:
        try:
            answer = self._client.get_inference_profile(inferenceProfileIdentifier=arn)
        except (ClientError, BotoCoreError):
            return None
        arns = tuple(model["modelArn"] for model in answer["models"] if "modelArn" in model)
        target = profile_target(arns)
        if target is None:
            return None
        return ResolvedProfile(name=answer["inferenceProfileName"], profile_model_id=target)
