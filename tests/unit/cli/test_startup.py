"""The command line starts without what only some commands need."""

from __future__ import annotations

import subprocess
import sys

HEAVY = {
    "boto3",
    "botocore",
    "dash",
    "duckdb",
    "flask",
    "msgspec",
    "pandas",
    "plotly",
    "pyarrow",
    "pydantic",
    "pyiceberg",
    "rich",
    "sqlglot",
    "yaml",
}


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from bedrock_analytics.cli.main import main\n"
        "main(['--help'], standalone_mode=False)\n"
        "print(' '.join(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert "Usage:" in told
    assert HEAVY & set(told.splitlines()[-1].split()) == set()
