"""Between boto3 and moto: every call is seen with its parameters and its caller; Athena answers itself.

A call passes twice: when its parameters have been given, and when botocore has checked and encoded them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, cast
from unittest import mock

import botocore.handlers
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from botocore.loaders import create_loader
from botocore.model import OperationModel
from botocore.signers import RequestSigner

from tests.deployed.needs import Call
from tests.fakes.athena import FakeAthena

HARNESS: Final = "role/harness"
"""Whose calls are not recorded: the harness's own."""
PARAMETERS: Final = "parameters of the call"
_FAKED: Final = frozenset(
    {
        ("athena", "GetQueryExecution"),
        ("athena", "GetQueryResults"),
        ("athena", "StartQueryExecution"),
        ("athena", "StopQueryExecution"),
        ("bedrock", "GetInferenceProfile"),
        ("cloudwatch", "GetMetricData"),
        ("cloudwatch", "ListMetrics"),
    }
)
"""Calls that moto cannot answer, or not as this project needs it: the fakes do."""

Answer = tuple[AWSResponse, dict[str, Any]]


@dataclass
class FakeProfiles:
    """Application inference profiles: all stand for one model."""

    model_id: str = "anthropic.claude-sonnet-4-6"

    def get_inference_profile(self, *, inferenceProfileIdentifier: str) -> dict[str, Any]:  # noqa: N803
        region = inferenceProfileIdentifier.split(":")[3]
        arn = f"arn:aws:bedrock:{region}::foundation-model/{self.model_id}"
        return {"inferenceProfileName": "search", "models": [{"modelArn": arn}]}


@dataclass
class FakeMetrics:
    """Times to the first token of one call in each account: moto knows no percentiles."""

    milliseconds: dict[str, float] = field(default_factory=dict)
    account: str = ""

    def of(self, role: str) -> FakeMetrics:
        """CloudWatch as a role sees it: that of its own account."""
        return FakeMetrics(self.milliseconds, role.split(":")[4])

    def list_metrics(self, **asked: Any) -> dict[str, Any]:
        dimensions = [{"Name": "ModelId", "Value": "us.anthropic.claude-sonnet-4-6"}]
        known = self.account in self.milliseconds
        metric = {
            "Namespace": asked["Namespace"],
            "MetricName": asked["MetricName"],
            "Dimensions": dimensions,
        }
        return {"Metrics": [metric] if known else []}

    def get_metric_data(self, **asked: Any) -> dict[str, Any]:
        return {
            "MetricDataResults": [
                {
                    "Id": query["Id"],
                    "Timestamps": [asked["StartTime"]],
                    "Values": [
                        1.0
                        if query["MetricStat"]["Stat"] == "SampleCount"
                        else self.milliseconds[self.account]
                    ],
                }
                for query in asked["MetricDataQueries"]
            ]
        }


@dataclass
class Wire:
    """What went over the wire. `calls` are those of roles but the harness's own."""

    athena: FakeAthena
    profiles: FakeProfiles = field(default_factory=FakeProfiles)
    metrics: FakeMetrics = field(default_factory=FakeMetrics)
    calls: list[Call] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    """ARN of the role that an access key acts as."""

    def workgroup_of(self, query_id: str) -> str:
        """The workgroup in which a query runs."""
        return str(self.athena.executions[query_id].request["WorkGroup"])

    def note_parameters(self, params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[PARAMETERS] = dict(params)

    def note_call(
        self, model: OperationModel, request_signer: RequestSigner, context: dict[str, Any], **_: Any
    ) -> Answer | None:
        """Note a call, and answer it where it is Athena's; all others are left to moto."""
        role = self._role_of(request_signer)
        if role is None or role.endswith(HARNESS):
            return None
        service = model.service_model.service_name
        self.calls.append(
            Call(
                service=service,
                operation=model.name,
                parameters=context[PARAMETERS],
                account=role.split(":")[4],
                region=str(request_signer.region_name),
                principal=role,
            )
        )
        if (service, model.name) not in _FAKED:
            return None
        fakes = {"athena": self.athena, "bedrock": self.profiles, "cloudwatch": self.metrics.of(role)}
        return _answer(getattr(fakes[service], xform_name(model.name)), context[PARAMETERS])

    def _role_of(self, signer: RequestSigner) -> str | None:
        credentials = signer._credentials  # type: ignore[attr-defined]
        return (
            None if credentials is None else self.roles.get(credentials.get_frozen_credentials().access_key)
        )

    def note_credentials(self, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        """Remember which role new credentials are of."""
        if "Credentials" in parsed:
            self.roles[parsed["Credentials"]["AccessKeyId"]] = context[PARAMETERS]["RoleArn"]


def _answer(operation: Callable[..., Any], parameters: dict[str, Any]) -> Answer:
    try:
        answer = operation(**parameters)
    except ClientError as error:
        return _response(400), cast("dict[str, Any]", error.response)
    return _response(200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200, "HTTPHeaders": {}}}


def _response(status: int) -> AWSResponse:
    return AWSResponse("https://athena", status, HTTPHeaders(), None)


def quick_sessions() -> AbstractContextManager[Any]:
    """Sessions share one loader: to read botocore's models anew for each would take most of the time."""
    return mock.patch("botocore.session.create_loader", return_value=create_loader())


@contextmanager
def tapped(wire: Wire) -> Iterator[None]:
    """Have sessions made meanwhile tell the wire what they send."""
    handlers: list[Any] = [
        ("before-parameter-build", wire.note_parameters),
        ("before-call", wire.note_call),
        ("after-call.sts.AssumeRole", wire.note_credentials),
    ]
    known: list[Any] = botocore.handlers.BUILTIN_HANDLERS
    known.extend(handlers)
    try:
        with quick_sessions():
            yield
    finally:
        for handler in handlers:
            known.remove(handler)
