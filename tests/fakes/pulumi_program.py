"""A small program named `pulumi`, which notes how it was called and does what the test says."""

from __future__ import annotations

import json
import sys
from pathlib import Path

_TEXT = """\
#!{python}
import json, pathlib, sys
folder = pathlib.Path({folder!r})
with (folder / "calls").open("a") as calls:
    calls.write(json.dumps(sys.argv[1:]) + "\\n")
answers = json.loads((folder / "answers").read_text())
for words, (code, out) in answers:
    if all(word in sys.argv[1:] for word in words.split()):
        sys.stdout.write(out)
        sys.exit(code)
"""


class PulumiProgram:
    """Installed in a folder that must be on PATH. What the test does not name succeeds silently."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self._answers: list[tuple[str, tuple[int, str]]] = []
        self._save()
        program = folder / "pulumi"
        program.write_text(_TEXT.format(python=sys.executable, folder=str(folder)))
        program.chmod(0o755)

    def answer(self, words: str, *, code: int = 0, out: str = "") -> None:
        """How calls that hold all these words end."""
        self._answers.append((words, (code, out)))
        self._save()

    def calls(self) -> list[str]:
        """The calls so far, as command lines."""
        path = self.folder / "calls"
        lines = path.read_text().splitlines() if path.exists() else []
        return [" ".join(json.loads(line)) for line in lines]

    def _save(self) -> None:
        (self.folder / "answers").write_text(json.dumps(self._answers))
