"""`make setup` finds a Python, or says in one line what is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "make-venv.sh"

# Asked three things: its version, whether that suffices, whether it has ensurepip and venv.
STAND_IN = """#!/bin/sh
case "$1 $2" in
    *version_info\\[:2\\]*) echo "{version}" ;;
    *"sys.exit(sys.version_info < (3, 11))"*) exit {old} ;;
    *"import ensurepip, venv"*) exit {bare} ;;
    "-m venv") echo "$0 makes $4" ;;
esac
"""
BROKEN = "#!/bin/sh\necho 'not installed' >&2\nexit 127\n"


def run(tmp_path: Path, *arguments: str, **pythons: str) -> subprocess.CompletedProcess[str]:
    """Run the script where PATH has these stand-ins only."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in pythons.items():
        program = folder / name.replace("_", ".")
        program.write_text(text)
        program.chmod(0o755)
    return subprocess.run(
        ["/bin/sh", str(SCRIPT), str(tmp_path / "venv"), *arguments],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def stand_in(version: str, *, old: bool = False, bare: bool = False) -> str:
    return STAND_IN.format(version=version, old=int(old), bare=int(bare))


def test_the_newest_suitable_python_on_the_path_is_taken(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        python3=stand_in("3.11"),
        python3_11=stand_in("3.11"),
        python3_12=stand_in("3.12", bare=True),
        python3_13=BROKEN,
    )
    assert done.returncode == 0
    assert "with Python 3.11" in done.stdout
    assert done.stdout.splitlines()[-1] == f"{tmp_path}/bin/python3.11 makes {tmp_path}/venv"


def test_a_named_python_is_the_only_one_asked(tmp_path: Path) -> None:
    done = run(tmp_path, "python3.12", python3_13=stand_in("3.13"), python3_12=stand_in("3.12"))
    assert "with Python 3.12" in done.stdout


@pytest.mark.parametrize(
    ("pythons", "message"),
    [
        (
            {"python3": stand_in("3.9", old=True)},
            "Python 3.11 or newer is needed, and python3 is 3.9: install",
        ),
        ({"python3_11": stand_in("3.11", bare=True)}, "Python 3.11 has no venv module: install it"),
        ({"python3": BROKEN}, "Python 3.11 or newer is needed, and python3 does not start: install"),
        ({}, "Python 3.11 or newer is needed, and python3 does not start: install"),
    ],
)
def test_what_is_missing_is_said_in_one_line(tmp_path: Path, pythons: dict[str, str], message: str) -> None:
    done = run(tmp_path, **pythons)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(message)
    assert done.stderr.count("\n") == 1


def test_an_environment_that_works_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").symlink_to(sys.executable)
    done = run(tmp_path, python3=stand_in("3.11"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_folder_that_is_no_environment_is_not_cleared(tmp_path: Path) -> None:
    (tmp_path / "venv").mkdir()
    (tmp_path / "venv" / "thesis.txt").write_text("years of work")
    done = run(tmp_path, python3=stand_in("3.11"))
    assert done.returncode == 1
    assert "no virtual environment" in done.stderr
    assert (tmp_path / "venv" / "thesis.txt").exists()
