"""The targets that deploy: what they run, and what they say when something is missing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Ask make what it would do, in an environment whose stamps are all there."""
    return subprocess.run(
        ["make", "--no-print-directory", "--dry-run", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def last_line(*arguments: str) -> str:
    return make(*arguments).stdout.replace("\\\n", "").splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (("preview", "STACK=hub"), 'preview "hub"'),
        (("up", "STACK=spoke-lab"), 'up "spoke-lab"'),
        (("up", "STACK=hub", "YES=1"), 'up "hub" --yes'),
        (("deploy",), "deploy"),
        (("deploy", "HUB=other", "YES=1"), "deploy other --yes"),
        (("deploy-spokes",), "deploy --spokes-only"),
        (("destroy", "STACK=hub"), 'destroy "hub"'),
        (("preflight",), "preflight"),
        (("preflight", "STACK=spoke-lab"), 'preflight --stack "spoke-lab"'),
        (("preflight", "PROFILE=me", "REGION=eu-west-1"), 'preflight --profile "me" --region "eu-west-1"'),
    ],
)
def test_a_target_runs_the_command_of_its_name(arguments: tuple[str, ...], command: str) -> None:
    expected = f".venv/bin/bedrock-analytics {command}"
    assert " ".join(last_line(*arguments, "VENV=.venv").split()) == expected


@pytest.mark.parametrize("target", ["preview", "up", "destroy"])
def test_a_stack_that_is_not_named_is_asked_for(target: str) -> None:
    answer = subprocess.run(
        ["make", "--no-print-directory", "need-stack"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert answer.returncode == 2
    assert "Say which stack: make preview STACK=hub" in answer.stderr
    assert "need-stack" in (ROOT / "Makefile").read_text().partition(f"\n{target}: ")[2].splitlines()[0]


def test_the_program_runs_in_an_environment_from_the_lock() -> None:
    plan = make("setup-deploy", "VENV=build/no-such-venv").stdout

    assert "--require-hashes -r requirements/deploy.lock" in plan
    assert "sh scripts/make-venv.sh build/no-such-venv" in plan


def test_help_names_every_target_that_people_call() -> None:
    told = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    for target in ("preflight", "preview", "up", "deploy", "destroy", "demo", "check"):
        assert f"make {target} " in told


@pytest.mark.parametrize("target", ["preview", "up", "deploy", "deploy-spokes", "destroy"])
def test_without_pulumi_that_is_said_before_anything_is_installed(target: str, tmp_path: Path) -> None:
    for name in ("make", "sh", "test", "echo"):
        found = shutil.which(name)
        assert found is not None
        (tmp_path / name).symlink_to(found)
    answer = subprocess.run(
        ["make", "--no-print-directory", target, "STACK=hub", f"VENV={tmp_path}/venv"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": str(tmp_path)},
    )

    assert answer.returncode == 2
    assert "The Pulumi command line is not installed: https://www.pulumi.com/docs/install/" in answer.stderr
    assert not (tmp_path / "venv").exists()
