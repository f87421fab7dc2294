"""The locks agree with pyproject.toml and with each other, and name no address."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = {name: ROOT / "requirements" / f"{name}.lock" for name in ("runtime", "dev", "build", "deploy")}


def pins(lock: str) -> dict[str, str]:
    """Version by name; a package pinned twice under different markers counts once."""
    found = re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;]+)", LOCKS[lock].read_text(), re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def direct(group: str) -> list[Requirement]:
    if group == "runtime":
        return [Requirement(text) for text in project()["project"]["dependencies"]]
    if group == "build":
        return [Requirement(text) for text in project()["build-system"]["requires"]]
    entries = project()["dependency-groups"][group]
    return [Requirement(entry) for entry in entries if isinstance(entry, str)]


@pytest.mark.parametrize("lock", LOCKS)
def test_each_direct_dependency_is_locked_at_a_version_that_it_allows(lock: str) -> None:
    locked = pins(lock)
    for requirement in direct(lock):
        version = locked[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), requirement


def test_runtime_and_build_lock_agree_with_the_tests_lock() -> None:
    dev = pins("dev")
    assert pins("runtime").items() <= dev.items()
    assert pins("build").items() <= dev.items()
    assert pins("runtime").items() <= pins("deploy").items() <= dev.items()
    assert not {"pulumi", "moto", "playwright", "pytest"} & pins("runtime").keys()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_hashes_and_no_lock_names_an_address(lock: str) -> None:
    text = LOCKS[lock].read_text()
    entries = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links|file:|@ ", text)
