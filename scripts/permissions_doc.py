"""Writes what whoever deploys needs into docs/deploy.md: `python -m scripts.permissions_doc`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from bedrock_analytics.cli.deployer_actions import BOTH, HUB_ONLY

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "deploy.md"
BEGIN: Final = "<!-- permissions: written by scripts/permissions_doc.py -->"
END: Final = "<!-- end of permissions -->"


def permissions_text() -> str:
    """The actions as Markdown, by service."""
    return f"Hub and spoke:\n\n{_listed(BOTH)}\n\nA hub besides, `migrate` included:\n\n{_listed(HUB_ONLY)}"


def _listed(services: Mapping[str, Sequence[str]]) -> str:
    return "\n".join(f"- `{service}:` {', '.join(sorted(actions))}" for service, actions in services.items())


def with_permissions(document: str) -> str:
    """The document with the actions between its two marks; ValueError where a mark is missing."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{DOCUMENT.name} lacks the marks around the permissions")
    return f"{before}{BEGIN}\n{permissions_text()}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(with_permissions(DOCUMENT.read_text("utf-8")), "utf-8")
