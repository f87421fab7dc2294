"""What the documents point to exists."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from bedrock_analytics.cli.main import main

ROOT = Path(__file__).parents[3]
DOCUMENTS = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_within_the_project_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)", document.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (document.parent / path) if path else document
        assert found.exists(), f"{document.name} links to {target}"
        if anchor:
            assert anchor in anchors(found), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_is_named_exists(document: str) -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", (ROOT / document).read_text("utf-8")))
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named
    assert named <= targets


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"bin/bedrock-analytics ([a-z-]+)", (ROOT / "README.md").read_text("utf-8")))
    assert named <= set(main.list_commands(click.Context(main)))
