"""What Pulumi answers, played by a small program of that name."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from bedrock_analytics.cli.stack_outputs import stack_outputs
from bedrock_analytics.domain.errors import ConfigurationError


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's text file; it answers with what the test writes into `answer`."""
    program = tmp_path / "pulumi"
    program.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, sys\n"
        f"answer = json.loads(pathlib.Path({str(tmp_path / 'answer')!r}).read_text())\n"
        f"pathlib.Path({str(tmp_path / 'asked')!r}).write_text(json.dumps(sys.argv[1:]))\n"
        "sys.stdout.write(answer['out']); sys.stderr.write(answer['err']); sys.exit(answer['code'])\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def answer(folder: Path, *, out: str = "", err: str = "", code: int = 0) -> None:
    (folder / "answer").write_text(json.dumps({"out": out, "err": err, "code": code}))


def test_outputs_are_asked_of_the_stack_without_a_question_to_the_person(pulumi: Path) -> None:
    answer(pulumi, out='{"usage_table": "u"}')

    assert stack_outputs("hub") == {"usage_table": "u"}
    asked = json.loads((pulumi / "asked").read_text())
    assert asked == ["stack", "output", "--json", "--non-interactive", "--stack", "hub"]


def test_pulumis_last_line_is_the_reason(pulumi: Path) -> None:
    answer(pulumi, err="warning\nerror: no stack named 'hub' found\n", code=255)

    with pytest.raises(ConfigurationError, match="stack hub: error: no stack named 'hub' found"):
        stack_outputs("hub")


@pytest.mark.parametrize(
    ("out", "reason"), [("{}", "deploy it first"), ("[]", "deploy it first"), ("?", "are no JSON")]
)
def test_useless_outputs_are_refused(pulumi: Path, out: str, reason: str) -> None:
    answer(pulumi, out=out)

    with pytest.raises(ConfigurationError, match=reason):
        stack_outputs("hub")


def test_without_pulumi_the_other_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigurationError, match=r"not installed: install it, or give --usage-table"):
        stack_outputs("hub")
