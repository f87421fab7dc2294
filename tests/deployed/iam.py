"""A small evaluator of IAM documents: enough for those that the program declares, and no more.

What it does not know it refuses to judge. Source: IAM user guide, "Policy evaluation logic" and "IAM JSON
policy elements".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody asks for. `context` are the condition keys that AWS would fill in."""

    action: str
    resource: str
    context: Mapping[str, Sequence[str]] = field(default_factory=dict)
    principal: str = ""
    """ARN of a role, or the name of a service; of interest to policies of resources."""

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


def allowed(documents: Iterable[str], request: Request) -> bool:
    """Whether identity policies, as texts, allow a request: some statement does, and none denies it."""
    return _decision(documents, request, principals=False)


def granted(document: str, request: Request) -> bool:
    """Whether the policy of a resource, or a role's trust, grants a request to its principal."""
    return _decision([document], request, principals=True)


def declared_actions(documents: Iterable[str]) -> set[str]:
    """Every action that the documents allow."""
    return {
        action
        for statement in _statements(documents)
        if statement["Effect"] == "Allow"
        for action in _several(statement["Action"])
    }


def _decision(documents: Iterable[str], request: Request, *, principals: bool) -> bool:
    effects = {
        statement["Effect"]
        for statement in _statements(documents)
        if _applies(statement, request, principals=principals)
    }
    return effects == {"Allow"}


def _statements(documents: Iterable[str]) -> list[dict[str, Any]]:
    return [statement for document in documents for statement in json.loads(document)["Statement"]]


def _applies(statement: Mapping[str, Any], request: Request, *, principals: bool) -> bool:
    unknown = statement.keys() - {"Sid", "Effect", "Action", "Resource", "Principal", "Condition"}
    assert not unknown, f"the evaluator does not know {unknown}"
    if principals and not _is_principal(statement["Principal"], request.principal):
        return False
    if not any(_like(pattern.lower(), request.action.lower()) for pattern in _several(statement["Action"])):
        return False
    resources = _several(statement.get("Resource", "*"))  # a trust policy names none
    if not any(_like(pattern, request.resource) for pattern in resources):
        return False
    return all(
        _holds(operator, pairs, request.context) for operator, pairs in statement.get("Condition", {}).items()
    )


def _is_principal(stated: Mapping[str, Any], principal: str) -> bool:
    [(kind, names)] = stated.items()
    for name in _several(names):
        if name == "*" or name == principal:
            return True
        if kind == "AWS" and name.endswith(":root") and _account(name) == _account(principal):
            return True
    return False


def _account(arn: str) -> str:
    parts = arn.split(":")
    return parts[4] if len(parts) > 4 else arn


def _holds(operator: str, pairs: Mapping[str, Any], context: Mapping[str, Sequence[str]]) -> bool:
    if operator == "Null":
        return all((key not in context) == (wanted == "true") for key, wanted in pairs.items())
    name = operator.removeprefix("ForAllValues:")
    matches = _OPERATORS[name]
    quantifier = all if name != operator else any
    for key, wanted in pairs.items():
        values = context.get(key, ())
        if not values and name == operator:
            return False
        if not quantifier(any(matches(one, value) for one in _several(wanted)) for value in values):
            return False
    return True


def _several(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _like(pattern: str, text: str) -> bool:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in pattern)
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _arn_like(pattern: str, arn: str) -> bool:
    """Each of an ARN's six parts by itself."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(given) and all(map(_like, wanted, given))


_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "ArnEquals": _arn_like,
    "ArnLike": _arn_like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "StringEquals": lambda wanted, value: wanted == value,
    "StringLike": _like,
}
