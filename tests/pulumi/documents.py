"""Reading IAM documents that a program declares."""

from __future__ import annotations

import json
from typing import Any


def statements(policy: str) -> dict[str, dict[str, Any]]:
    """Statements of a policy by what they are called."""
    return {statement["Sid"]: statement for statement in json.loads(policy)["Statement"]}


def trust(policy: str) -> dict[str, Any]:
    """The one statement of a trust policy."""
    [statement] = json.loads(policy)["Statement"]
    assert isinstance(statement, dict)
    return statement


def allowed_actions(policy: str) -> set[str]:
    """Every action that the policy allows."""
    allowed = [entry for entry in statements(policy).values() if entry["Effect"] == "Allow"]
    return {action for entry in allowed for action in _several(entry["Action"])}


def resources_of(policy: str, action: str) -> set[str]:
    """The resources that the policy allows an action on."""
    found: set[str] = set()
    for entry in statements(policy).values():
        if entry["Effect"] == "Allow" and action in _several(entry["Action"]):
            found |= set(_several(entry["Resource"]))
    return found


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
