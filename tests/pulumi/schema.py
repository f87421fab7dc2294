"""Checks inputs against the provider's schema, as far as its generated Python classes tell it.

Mocks take anything: a misspelt key in a plain map, a text for a number or a missing argument would be found
by AWS only. Conflicts between arguments stand in `CONFLICTS`, from the provider's documentation.
"""

from __future__ import annotations

import importlib
import sys
import types
from collections.abc import Awaitable, Mapping, Sequence
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import pulumi
from pulumi._types import input_type_py_to_pulumi_names, is_input_type

from tests.pulumi.engine import UNKNOWN, Resource

_ASSET: Final = "4dabf18193072939515e22adb298388d"
_SCALARS: Final[Mapping[type, type | tuple[type, ...]]] = {
    str: str,
    bool: bool,
    int: int,
    float: (int, float),
}

CONFLICTS: Final[Mapping[str, Sequence[frozenset[str]]]] = {
    "aws:cloudwatch/eventRule:EventRule": (frozenset({"eventPattern", "scheduleExpression"}),),
    "aws:cloudwatch/metricAlarm:MetricAlarm": (
        frozenset({"statistic", "extendedStatistic"}),
        frozenset({"metricName", "metricQueries"}),
    ),
    "aws:dynamodb/table:Table": (frozenset({"billingMode", "readCapacity"}),),
    "aws:iam/role:Role": (frozenset({"name", "namePrefix"}),),
    "aws:lambda/function:Function": (
        frozenset({"code", "s3Bucket"}),
        frozenset({"code", "imageUri"}),
        frozenset({"reservedConcurrentExecutions", "durableConfig"}),
    ),
    "aws:s3/bucket:Bucket": (frozenset({"bucket", "bucketPrefix"}),),
    "aws:secretsmanager/secret:Secret": (frozenset({"name", "namePrefix"}),),
    "aws:secretsmanager/secretVersion:SecretVersion": (frozenset({"secretString", "secretBinary"}),),
    "aws:sqs/queue:Queue": (frozenset({"sqsManagedSseEnabled", "kmsMasterKeyId"}),),
    "aws:ssm/parameter:Parameter": (frozenset({"value", "insecureValue"}),),
}
"""Arguments that must not be given together."""


def faults(resource: Resource) -> list[str]:
    """What the provider would refuse of a resource's inputs."""
    found = _object_faults(resource.name, resource.inputs, arguments_of(resource.type))
    for pair in CONFLICTS.get(resource.type, ()):
        if pair <= resource.inputs.keys():
            found.append(f"{resource.name}: {' and '.join(sorted(pair))} exclude each other")
    return found


def arguments_of(token: str) -> type:
    """The class of a resource's arguments, from a type such as `aws:s3/bucket:Bucket`."""
    _, path, name = token.split(":")
    package = path.partition("/")[0]
    python = importlib.import_module(f"pulumi_aws.{package}{'_' if package == 'lambda' else ''}")
    # Where a nested block has the resource's name, the resource's own arguments are called InitArgs.
    arguments: type = getattr(python, f"{name}InitArgs", None) or getattr(python, f"{name}Args")
    return arguments


def _object_faults(path: str, inputs: Mapping[str, Any], arguments: type) -> list[str]:
    kinds = _kinds(arguments)
    found = [f"{path}: {key} is unknown to {arguments.__name__}" for key in inputs if key not in kinds]
    for key, kind in kinds.items():
        if key in inputs:
            found += _faults(f"{path}.{key}", inputs[key], kind)
        elif type(None) not in get_args(kind):
            found.append(f"{path}: {key} is missing")
    return found


@cache
def _kinds(arguments: type) -> dict[str, Any]:
    """The declared type of each argument, without what stands for values that come later."""
    names = {**vars(sys.modules[arguments.__module__]), "Output": pulumi.Output, "Awaitable": Awaitable}
    return {
        camel: _now(get_type_hints(getattr(arguments, snake).fget, names)["return"])
        for snake, camel in input_type_py_to_pulumi_names(arguments).items()
    }


def _now(kind: Any) -> Any:
    if get_origin(kind) in {Union, types.UnionType}:
        present = [one for one in get_args(kind) if get_origin(one) not in {pulumi.Output, Awaitable}]
        kept = [_now(one) for one in present if not _is_later(one)]
        return Union[tuple(kept)] if len(kept) > 1 else kept[0]  # noqa: UP007 - built from a list
    return kind


def _is_later(kind: Any) -> bool:
    origin = get_origin(kind)
    return isinstance(origin, type) and issubclass(origin, (pulumi.Output, Awaitable))


def _faults(path: str, value: Any, kind: Any) -> list[str]:
    """None where one of the kinds that are taken fits; else those of the last, which is the most telling."""
    if value == UNKNOWN:
        return []
    found: list[str] = []
    for one in _alternatives(_now(kind)):
        found = _faults_of_one(path, value, one)
        if not found:
            return []
    return found


def _alternatives(kind: Any) -> list[Any]:
    if get_origin(kind) in {Union, types.UnionType}:
        return [one for one in get_args(kind) if one is not type(None)]
    return [kind]


def _faults_of_one(path: str, value: Any, kind: Any) -> list[str]:
    if is_input_type(kind):
        return _object_faults(path, value, kind) if isinstance(value, dict) else [f"{path} must be an object"]
    origin = get_origin(kind)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        inner = get_args(kind)[1]
        return [fault for key, one in value.items() for fault in _faults(f"{path}.{key}", one, inner)]
    if isinstance(origin, type) and issubclass(origin, Sequence):
        if not isinstance(value, list):
            return [f"{path} must be a list"]
        return [fault for one in value for fault in _faults(f"{path}[]", one, get_args(kind)[0])]
    return _scalar_faults(path, value, kind)


def _scalar_faults(path: str, value: Any, kind: Any) -> list[str]:
    if isinstance(value, dict) and _ASSET in value:
        return []  # an archive, which Pulumi hashes and the provider uploads
    expected = _SCALARS.get(kind)
    if expected is None:
        return [f"{path} is of a kind that this check does not know: {kind}"]
    sound = isinstance(value, expected) and (kind is bool or not isinstance(value, bool))
    return [] if sound else [f"{path} must be {kind.__name__}, is {value!r}"]
