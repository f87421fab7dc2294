"""What the Pulumi command line does with Pulumi.yaml and a stack file before the program sees them.

The rules of https://www.pulumi.com/docs/iac/concepts/config/#project-level-configuration: keys without a
namespace are the project's; a declared default is there unless the stack has a value; a declared key without
default must be set in every stack; values must be of the declared type. The program gets texts, and JSON
for lists and maps.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[2]
_TYPES: Final[dict[str, type]] = {"string": str, "integer": int, "boolean": bool, "array": list}


def project() -> dict[str, Any]:
    """Pulumi.yaml."""
    document: dict[str, Any] = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))
    return document


def stack_config(stack: str) -> dict[str, str]:
    """The configuration that the program of a committed stack gets; ValueError where the CLI would refuse."""
    document = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text("utf-8"))
    return merged(project(), document["config"])


def merged(project: dict[str, Any], config: dict[str, Any]) -> dict[str, str]:
    """A stack's configuration over the project's."""
    result = dict(config)
    for key, declared in project.get("config", {}).items():
        full = key if ":" in key else f"{project['name']}:{key}"
        if full not in result:
            if "default" not in declared:
                raise ValueError(f"Stack is missing configuration value '{key}'")
            result[full] = declared["default"]
        if not _is(result[full], declared["type"]):
            raise ValueError(f"Stack's configuration value '{key}' must be of type {declared['type']}")
    return {key: _text(value) for key, value in result.items()}


def _is(value: object, kind: str) -> bool:
    if kind not in _TYPES:
        raise ValueError(f"Pulumi has no type {kind}")
    if kind == "integer" and isinstance(value, str):
        return value.lstrip("-").isdigit()
    if kind == "boolean" and isinstance(value, str):
        return value in {"true", "false"}
    return isinstance(value, _TYPES[kind]) and not (kind == "integer" and isinstance(value, bool))


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value) if isinstance(value, list | dict) else str(value)
