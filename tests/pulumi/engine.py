"""An engine that records what a Pulumi program declares, and answers with what AWS would.

    deployed = deploy(lambda: InvocationLogging("logs", args))
    deployed.only("aws:s3/bucket:Bucket").inputs["bucket"]

Each deployment runs in a context of its own, so any number of programs run in one process. A preview leaves
unknown what only AWS can say, as the real engine does.
"""

from __future__ import annotations

import asyncio
import contextvars
import gc
import json
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final
from unittest import mock

import pulumi
from google.protobuf import empty_pb2, json_format
from pulumi.runtime import mocks, settings, stack
from pulumi.runtime.config import set_all_config
from pulumi.runtime.proto import resource_pb2

ACCOUNT: Final = "111111111111"
REGION: Final = "us-east-1"
UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""How the wire writes a value that is not known yet."""

_SIGNATURE: Final = "4dabf18193072939515e22adb298388d"
_SECRET: Final = "1b47061264138c4ac30d75fd1eb44270"

Answers = Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A declared resource. `inputs` are in camel case, secrets unwrapped and named in `secrets`."""

    type: str
    name: str
    urn: str
    inputs: dict[str, Any]
    secrets: frozenset[str]
    parent: str
    provider: str
    depends_on: frozenset[str]
    """URNs of everything it must wait for, whether by option or by input."""
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    import_id: str
    custom: bool
    outputs: dict[str, Any] = field(repr=False)
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoke:
    """A question to the provider."""

    token: str
    args: dict[str, Any]
    provider: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What a program declared; resources in the order of their URNs."""

    resources: tuple[Resource, ...]
    invokes: tuple[Invoke, ...]
    exports: dict[str, Any]

    def of(self, type_: str) -> list[Resource]:
        """Resources of a type, by name."""
        return sorted((one for one in self.resources if one.type == type_), key=lambda one: one.name)

    def only(self, type_: str, name: str | None = None) -> Resource:
        """The one resource of a type, or of a type and name; AssertionError if there is not exactly one."""
        found = [one for one in self.of(type_) if name is None or one.name == name]
        assert len(found) == 1, (
            f"{len(found)} resources of {type_} {name or ''}: {[one.name for one in found]}"
        )
        return found[0]

    def at(self, urn: str) -> Resource:
        """The resource with a URN."""
        return next(one for one in self.resources if one.urn == urn)

    @property
    def aws(self) -> list[Resource]:
        """Everything that AWS makes."""
        return [one for one in self.resources if one.type.startswith("aws:")]


def deploy(
    program: Callable[[], object],
    *,
    preview: bool = False,
    config: Mapping[str, str] | None = None,
    secret_keys: tuple[str, ...] = (),
    answers: Answers | None = None,
    stack_name: str = "test",
    place: tuple[str, str] = (ACCOUNT, REGION),
) -> Deployed:
    """Run a program as `pulumi up` does, or as `pulumi preview`; whatever it raises is raised here.

    `config` has full keys such as `bedrock-analytics:role`. `place` is the account and Region that ARNs name.
    `answers` say what the provider answers to a question, by token; a question that they do not foresee is
    refused.
    """
    recorder = _Recorder(answers or {}, preview=preview, place=place)

    def run() -> None:
        settings.configure(
            mocks.MockSettings(
                monitor=recorder,
                monitor_features=recorder.features,
                engine=mocks.MockEngine(None),
                project="bedrock-analytics",
                stack=stack_name,
                dry_run=preview,
                organization=None,
                callbacks=None,
            )
        )
        set_all_config(dict(config or {}), list(secret_keys))
        settings.set_root_resource(None)  # type: ignore[arg-type]
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(stack.run_in_stack(lambda: _finished(program)))
        finally:
            loop.close()

    environment = {
        "PULUMI_CONFIG": json.dumps(dict(config or {})),
        "PULUMI_CONFIG_SECRET_KEYS": json.dumps(secret_keys),
    }
    gc.disable()  # a program makes thousands of tasks, and looking through them takes a third of the time
    try:
        with mock.patch.dict(os.environ, environment):
            _in_thread(partial(contextvars.copy_context().run, run))
    finally:
        gc.enable()
    return Deployed(
        resources=tuple(sorted(recorder.declared, key=lambda one: one.urn)),
        invokes=tuple(recorder.asked),
        exports=recorder.exports,
    )


def _in_thread(run: Callable[[], None]) -> None:
    """Run in a thread of its own: the caller's may have a running event loop, which a browser test leaves."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pool.submit(run).result()


def _finished(program: Callable[[], object]) -> None:
    program()


class _NoMocks(pulumi.runtime.Mocks):
    """What a `MockMonitor` wants to be made with; the recorder answers everything in its place."""

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        raise AssertionError(f"{args.token} passed the recorder by")

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> Any:
        raise AssertionError(f"{args.name} passed the recorder by")


class _Recorder(mocks.MockMonitor):
    """The engine's side of the wire: requests in, recorded, state out."""

    def __init__(self, answers: Answers, *, preview: bool, place: tuple[str, str]) -> None:
        super().__init__(_NoMocks())
        self._answers = answers
        self._preview = preview
        self._account, self._region = place
        self.declared: list[Resource] = []
        self.asked: list[Invoke] = []
        self.exports: dict[str, Any] = {}

    @property
    def features(self) -> set[int]:
        """What the real engine can do, as the program asks at its start."""
        return set(self.GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures)  # type: ignore[no-untyped-call]

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 - the wire's name
        urn = self.make_urn(request.parent, request.type, request.name)
        if request.type == "pulumi:pulumi:Stack":
            return resource_pb2.RegisterResourceResponse(urn=urn)
        assert all(one.urn != urn for one in self.declared), f"declared twice: {urn}"
        inputs, secrets = _decoded(request.object)
        id_, outputs = self._state(request, inputs) if request.custom else ("", inputs)
        self.declared.append(
            Resource(
                type=request.type,
                name=request.name,
                urn=urn,
                inputs=inputs,
                secrets=secrets,
                parent=request.parent,
                provider=request.provider,
                depends_on=frozenset(request.dependencies),
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                ignore_changes=tuple(request.ignoreChanges),
                import_id=request.importId,
                custom=request.custom,
                outputs=outputs,
                id=id_,
            )
        )
        self.resources[urn] = self.ResourceRegistration(urn, id_, outputs)
        state = json_format.ParseDict(outputs, type(request.object)())
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=state)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802 - the wire's name
        if request.urn.endswith(f"pulumi:pulumi:Stack::{settings.get_project()}-{settings.get_stack()}"):
            self.exports, _ = _decoded(request.outputs)
        return empty_pb2.Empty()

    def Invoke(self, request: Any) -> Any:  # noqa: N802 - the wire's name
        args, _ = _decoded(request.args)
        self.asked.append(Invoke(token=request.tok, args=args, provider=request.provider))
        if request.tok not in self._answers:
            raise AssertionError(f"the program asks {request.tok} {args}, which no answer foresees")
        answer = json_format.ParseDict(self._answers[request.tok](args), type(request.args)())
        return resource_pb2.ResourceInvokeResponse(**{"return": answer, "failures": None})

    def ReadResource(self, request: Any) -> Any:  # noqa: N802 - the wire's name
        raise AssertionError(f"the program reads {request.type} {request.id}: a missing one would stop it")

    def _state(self, request: Any, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        type_, name = request.type, request.name
        key = NAME_KEYS.get(type_, "name")
        named = {key: f"{name}-1234567"} if type_.startswith("aws:") and key not in inputs else {}
        if self._preview:
            return "", inputs
        state = {**named, **inputs}
        arn = ARNS.get(type_)
        if arn is not None:
            account, region = self._place_of(request.provider)
            state["arn"] = arn.format(name=state[key], account=account, region=region)
        if type_ == "aws:sqs/queue:Queue":
            _, _, _, region, account, queue = state["arn"].split(":")
            state["url"] = state["id"] = f"https://sqs.{region}.amazonaws.com/{account}/{queue}"
        return str(state.get("id") or state.get(key) or name), state

    def _place_of(self, provider: str) -> tuple[str, str]:
        """Account and Region that a provider is bound to; those given to `deploy` where it is to none."""
        inputs = next((one.inputs for one in self.declared if provider == f"{one.urn}::{one.id}"), {})
        accounts = json.loads(inputs.get("allowedAccountIds", "[]"))
        return (accounts[0] if accounts else self._account), inputs.get("region", self._region)


def _decoded(struct: Any) -> tuple[dict[str, Any], frozenset[str]]:
    """A message as plain values, and the top-level keys under which a secret lies."""
    raw = json_format.MessageToDict(struct)
    return _plain(raw), frozenset(key for key, value in raw.items() if _holds_secret(value))


def _holds_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return value.get(_SIGNATURE) == _SECRET or any(map(_holds_secret, value.values()))
    return isinstance(value, list) and any(map(_holds_secret, value))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        if value.get(_SIGNATURE) == _SECRET:
            return _plain(value["value"])
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


NAME_KEYS: Final = {
    "aws:s3/bucket:Bucket": "bucket",
    "aws:s3tables/namespace:Namespace": "namespace",
    "aws:cloudcontrol/resource:Resource": "typeName",
}
"""Which input is the physical name, where it is not `name`."""

_HERE: Final = "{region}:{account}"
ARNS: Final = {
    "aws:athena/workgroup:Workgroup": f"arn:aws:athena:{_HERE}:workgroup/{{name}}",
    "aws:cloudwatch/eventRule:EventRule": f"arn:aws:events:{_HERE}:rule/{{name}}",
    "aws:cloudwatch/logGroup:LogGroup": f"arn:aws:logs:{_HERE}:log-group:{{name}}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": f"arn:aws:cloudwatch:{_HERE}:alarm:{{name}}",
    "aws:dynamodb/table:Table": f"arn:aws:dynamodb:{_HERE}:table/{{name}}",
    "aws:glue/catalog:Catalog": f"arn:aws:glue:{_HERE}:catalog/{{name}}",
    "aws:iam/policy:Policy": "arn:aws:iam::{account}:policy/{name}",
    "aws:iam/role:Role": "arn:aws:iam::{account}:role/{name}",
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": (
        f"arn:aws:firehose:{_HERE}:deliverystream/{{name}}"
    ),
    "aws:lambda/function:Function": f"arn:aws:lambda:{_HERE}:function:{{name}}",
    "aws:s3/bucket:Bucket": "arn:aws:s3:::{name}",
    "aws:s3tables/tableBucket:TableBucket": f"arn:aws:s3tables:{_HERE}:bucket/{{name}}",
    "aws:s3tables/table:Table": f"arn:aws:s3tables:{_HERE}:bucket/lake/table/{{name}}",
    "aws:scheduler/schedule:Schedule": f"arn:aws:scheduler:{_HERE}:schedule/default/{{name}}",
    "aws:secretsmanager/secret:Secret": f"arn:aws:secretsmanager:{_HERE}:secret:{{name}}-Ab1Cd2",
    "aws:sns/topic:Topic": f"arn:aws:sns:{_HERE}:{{name}}",
    "aws:sqs/queue:Queue": f"arn:aws:sqs:{_HERE}:{{name}}",
    "aws:ssm/parameter:Parameter": f"arn:aws:ssm:{_HERE}:parameter{{name}}",
}
"""What AWS answers as a resource's ARN, by its physical name."""
