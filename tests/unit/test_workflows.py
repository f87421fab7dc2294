"""The workflows are YAML, ask for no more than they need, and know no long-lived key."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FOLDER = Path(__file__).parents[2] / ".github" / "workflows"
NAMES = sorted(path.name for path in FOLDER.glob("*.yml"))
AWS = ("preview.yml", "up.yml")


def text(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


def workflow(name: str) -> dict[Any, Any]:
    document: dict[Any, Any] = yaml.safe_load(text(name))
    return document


def jobs(name: str) -> list[dict[str, Any]]:
    return list(workflow(name)["jobs"].values())


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in jobs(name) for step in job["steps"]]


def triggers(name: str) -> Any:
    return workflow(name)[True]  # YAML 1.1 reads the key `on` as true


def test_there_are_the_three() -> None:
    assert NAMES == ["checks.yml", "preview.yml", "up.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_pinned_to_a_version(name: str) -> None:
    used = [step["uses"] for step in steps(name) if "uses" in step]

    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@(v\d+(\.\d+){0,2}|[0-9a-f]{40})", action) for action in used)


@pytest.mark.parametrize("name", NAMES)
def test_no_secret_is_read(name: str) -> None:
    assert "secrets." not in text(name)
    assert not re.search(r"AKIA|aws-access-key-id|aws_secret|PULUMI_ACCESS_TOKEN", text(name))


@pytest.mark.parametrize("name", NAMES)
def test_every_job_ends_by_itself_and_has_the_permissions_it_needs(name: str) -> None:
    for job in jobs(name):
        assert 0 < job["timeout-minutes"] <= 60
        granted = job.get("permissions", workflow(name)["permissions"])
        assert granted.get("contents") == "read"
        assert set(granted) <= {"contents", "id-token", "pull-requests"}


@pytest.mark.parametrize("name", AWS)
def test_aws_is_reached_with_a_token_of_the_run_alone(name: str) -> None:
    (job,) = jobs(name)
    (login,) = [step for step in job["steps"] if "configure-aws-credentials" in step.get("uses", "")]

    assert workflow(name)["permissions"] == {}
    assert job["permissions"]["id-token"] == "write"
    assert set(login["with"]) == {"role-to-assume", "aws-region"}


def test_a_preview_comments_and_never_deploys() -> None:
    (job,) = jobs("preview.yml")
    (pulumi,) = [step for step in job["steps"] if "pulumi/actions" in step.get("uses", "")]

    assert list(triggers("preview.yml")) == ["pull_request"]
    assert "head.repo.full_name == github.repository" in job["if"]
    assert pulumi["with"]["command"] == "preview"
    assert pulumi["with"]["comment-on-pr"] is True


def test_a_deployment_waits_for_its_environment() -> None:
    (job,) = jobs("up.yml")

    assert list(triggers("up.yml")) == ["workflow_dispatch"]
    assert job["environment"] == "production"
    assert job["if"] == "github.ref == 'refs/heads/main'"
    assert workflow("up.yml")["concurrency"]["cancel-in-progress"] is False


@pytest.mark.parametrize("name", NAMES)
def test_nothing_that_people_type_becomes_part_of_a_script(name: str) -> None:
    for step in steps(name):
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("name", AWS)
def test_the_make_targets_exist(name: str) -> None:
    makefile = (FOLDER.parents[1] / "Makefile").read_text()
    for target in re.findall(r"\bmake ([a-z-]+)", " ".join(step.get("run", "") for step in steps(name))):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
