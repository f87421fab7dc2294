"""`dashboard`: what it refuses before it serves anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bedrock_analytics.cli.exit_codes import ExitCode
from bedrock_analytics.cli.main import main
from bedrock_analytics.cli.serving import page_address
from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
from tests.processes import free_port


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data directory with its tables, and no config.yaml in the folder."""
    monkeypatch.chdir(tmp_path)
    deployment = EmbeddedDeployment(DataDirectory.create(tmp_path / "data"), is_writer=True)
    deployment.usage_table()
    deployment.close()
    return tmp_path / "data"


def dashboard(directory: Path, *arguments: str) -> Result:
    port = str(free_port())
    return CliRunner().invoke(main, ["dashboard", "--data-dir", str(directory), "--port", port, *arguments])


def test_a_data_directory_is_served_by_one_process(directory: Path) -> None:
    result = dashboard(directory, "--workers", "2")
    assert result.exit_code == ExitCode.WRONG_USAGE
    assert "leave --workers away" in result.stderr


def test_without_login_it_does_not_face_a_network(directory: Path) -> None:
    result = dashboard(directory, "--host", "0.0.0.0")  # noqa: S104 - refused before it listens
    assert result.exit_code == ExitCode.WRONG_USAGE
    assert "or insist with --allow-open" in result.stderr


def test_a_wrong_configuration_is_told_with_line_and_key(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text("login:\n  mode: users\n")
    result = dashboard(directory)
    assert result.exit_code == ExitCode.WRONG_USAGE
    assert "config.yaml, line 1: login: mode users needs at least one entry" in result.stderr


def test_the_address_to_open_has_the_base_path() -> None:
    assert page_address("::", 8060) == "http://localhost:8060"
    assert page_address("10.0.0.1", 80, "/usage/") == "http://10.0.0.1:80/usage"
