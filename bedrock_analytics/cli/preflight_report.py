"""What `preflight` found, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """What a finding means for `up`."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; `up` works."""
    PROBLEM = "problem"
    """`up` would fail, or the pipeline would not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    level: Level
    told: str
    suggestion: Mapping[str, object] = field(default_factory=dict)
    """Keys of the stack file that fit what was found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PreflightReport:
    """All findings, the stack file that fits them, and what `up` will make."""

    findings: Sequence[Finding]
    stack_path: str
    stack_text: str | None
    """A whole stack file where there is none yet."""
    creates: Sequence[str]

    @property
    def has_problems(self) -> bool:
        return any(finding.level is Level.PROBLEM for finding in self.findings)

    @property
    def suggestions(self) -> dict[str, object]:
        """Keys to set in the stack file."""
        return {key: value for finding in self.findings for key, value in finding.suggestion.items()}

    def text(self) -> str:
        """The report for people."""
        marks = {Level.OK: "ok     ", Level.NOTE: "note   ", Level.PROBLEM: "PROBLEM"}
        lines = [f"{marks[one.level]} {one.what}: {one.told}" for one in self.findings]
        if self.stack_text is not None:
            lines += ["", f"{self.stack_path}, to begin with:", "", self.stack_text.rstrip()]
        elif self.suggestions:
            lines += ["", f"In {self.stack_path}:"]
            lines += [f"  bedrock-analytics:{key}: {_yaml(value)}" for key, value in self.suggestions.items()]
        if self.creates:
            lines += ["", "`make up` will create:", *(f"  {name}" for name in self.creates)]
        return "\n".join(lines)

    def as_json(self) -> str:
        """The report for scripts."""
        document = {
            "problems": self.has_problems,
            "findings": [asdict(finding) for finding in self.findings],
            "stack_path": self.stack_path,
            "stack_text": self.stack_text,
            "suggestions": self.suggestions,
            "creates": list(self.creates),
        }
        return json.dumps(document, indent=2)


def _yaml(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else json.dumps(value)
