"""What `reprice` refuses before it looks at a deployment."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bedrock_analytics.cli.main import main


@pytest.mark.parametrize(
    "options",
    [
        ["--pending", "--dry-run"],
        ["--status", "--dry-run"],
        ["--pending", "--model", "amazon.nova-pro-v1:0"],
        ["--pending", "--account", "111111111111"],
        ["--status", "--until", "2026-11-02"],
    ],
)
def test_what_narrows_a_question_is_refused_where_nothing_is_asked(options: list[str]) -> None:
    result = CliRunner().invoke(main, ["reprice", "--data-dir", "nowhere", *options])
    assert result.exit_code == 2
    assert "go with --since" in result.stderr


@pytest.mark.parametrize("options", [[], ["--since", "7d ago", "--pending"], ["--pending", "--status"]])
def test_one_thing_is_asked_at_a_time(options: list[str]) -> None:
    result = CliRunner().invoke(main, ["reprice", "--data-dir", "nowhere", *options])
    assert result.exit_code == 2
    assert "give one of --since, --pending and --status" in result.stderr
