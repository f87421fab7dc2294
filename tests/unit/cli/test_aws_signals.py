"""How a hub's signals find its own parts and those of its spokes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from bedrock_analytics.cli.aws_deployment import AwsDeployment
from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.aws_signals import AwsSignals
from bedrock_analytics.cli.deployment_options import AwsNames
from bedrock_analytics.domain.errors import ConfigurationError, CredentialsExpired
from bedrock_analytics.domain.periods import Span
from components.naming import FunctionName, HubNames, SpokeNames
from tests.fakes.memory_table import MemoryTable

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HUB = HubNames(account="111122223333", region="us-east-1", prefix="acme")
SPOKE = SpokeNames(account="444455556666", region="eu-west-1", prefix="acme")
ROW = {
    "name": "lab",
    "account": SPOKE.account,
    "region": SPOKE.region,
    "metrics_reader_role": SPOKE.metrics_reader_arn,
    "external_id": "between-us",
}
NAMES = AwsNames(table_bucket=HUB.table_bucket_arn, prefix="acme", profile="work")


class _Pages:
    def __init__(self, pages: list[dict[str, Any]], asked: list[dict[str, Any]]) -> None:
        self._pages = pages
        self._asked = asked

    def paginate(self, **request: Any) -> list[dict[str, Any]]:
        self._asked.append(request)
        return self._pages


class _Client:
    """A service that answers every paginated operation from a map."""

    def __init__(self, answers: dict[str, list[dict[str, Any]]]) -> None:
        self._answers = answers
        self.asked: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> _Pages:
        return _Pages(self._answers[operation], self.asked)


class _Session:
    """An AWS session that knows the hub's services, and CloudWatch under the spokes' roles."""

    def __init__(self, *rows: str) -> None:
        self.cloudwatch = _Client(
            {"list_metrics": [{"Metrics": []}], "get_metric_data": [{"MetricDataResults": []}]}
        )
        values = [{"Name": f"/acme/{number}", "Value": row} for number, row in enumerate(rows)]
        self.ssm = _Client(
            {"get_parameters_by_path": [{"Parameters": values[:1]}, {"Parameters": values[1:]}]}
        )
        self.roles: list[tuple[str, str, str]] = []

    def client(self, service: str) -> Any:
        return {"cloudwatch": self.cloudwatch, "ssm": self.ssm}[service]

    def client_as(self, role_arn: str, service: str, *, external_id: str, region: str, **_: str) -> Any:
        assert service == "cloudwatch"
        self.roles.append((role_arn, external_id, region))
        return self.cloudwatch


def _signals(session: _Session, names: AwsNames = NAMES) -> AwsSignals:
    return AwsSignals(cast(AwsSession, session), names, lambda: "s3://lake/1.json", lambda: NOON)


def test_hub_and_spokes_are_read_the_latter_through_their_metrics_readers() -> None:
    session = _Session(json.dumps(ROW), json.dumps(ROW | {"account": "777788889999"}))
    times = _signals(session).bundle(MemoryTable()).first_tokens
    assert times is not None
    found = times.read(Span(NOON - timedelta(hours=1), NOON))
    assert found.covered == ("111122223333 us-east-1", "444455556666 eu-west-1", "777788889999 eu-west-1")
    assert session.roles == [(SPOKE.metrics_reader_arn, "between-us", "eu-west-1")] * 2
    assert session.ssm.asked == [{"Path": HUB.spokes_parameters}]


def test_every_part_is_watched_by_the_name_that_its_stack_gave_it() -> None:
    session = _Session(json.dumps(ROW))
    hub, spoke = _signals(session).places()
    assert {queue.name for queue in hub.queues} == {
        HUB.log_queue,
        HUB.log_dead_letters,
        HUB.event_dead_letters,
        HUB.failed_runs,
    }
    assert hub.stream is not None
    assert hub.stream.name == HUB.stream
    assert len(hub.functions) == 4
    assert [function.name for function in spoke.functions] == [SPOKE.function(FunctionName.PARSE_LOG)]
    assert spoke.stream is None


def test_a_damaged_parameter_names_itself() -> None:
    for text in ("no json", "{}", "[]"):
        with pytest.raises(ConfigurationError, match="/acme/0 is damaged"):
            _signals(_Session(text)).places()


def test_expired_credentials_name_the_profile() -> None:
    session = _Session()

    class _Expired:
        def get_paginator(self, _: str) -> Any:
            raise ClientError({"Error": {"Code": "ExpiredTokenException"}}, "GetParametersByPath")

    session.ssm = cast(Any, _Expired())
    with pytest.raises(CredentialsExpired, match="aws sso login --profile work"):
        _signals(session).places()


def test_a_deployment_whose_lake_is_not_named_has_none_to_ask_or_measure() -> None:
    names = AwsNames(usage_table="stats", price_table="prices", region="eu-central-1")
    deployment = AwsDeployment(names)
    assert deployment.lake_desk() is None
    signals = AwsSignals(cast(AwsSession, _Session()), NAMES, None, lambda: NOON)
    assert signals.lake_size() is None
