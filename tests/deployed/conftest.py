"""One run of a whole deployment, at which the tests look from several sides."""

from __future__ import annotations

import secrets

import pytest

from bedrock_analytics.domain.dimensions import ACCOUNT, PROFILE
from tests.deployed.programs import committed_stacks
from tests.deployed.scenario import Day, Deployment, day_of


@pytest.fixture(scope="session")
def day() -> Day:
    pseudonyms = {"callerDetail": "pseudonym", "pseudonymKey": secrets.token_hex(16)}
    return day_of(committed_stacks(spoke=pseudonyms), ACCOUNT, PROFILE)


@pytest.fixture(scope="session")
def deployment(day: Day) -> Deployment:
    return day.deployment
