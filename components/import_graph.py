"""Which of a project's modules a module imports, read from their text: nothing is run.

Imports inside functions are not followed: they are for what only some surfaces have. Nor are those that only
type checkers read.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportGraph:
    """Modules of the packages below a directory."""

    root: Path
    packages: tuple[str, ...]

    def reached_from(self, module: str) -> dict[str, Path]:
        """The files of a module and of all it imports, by module name, packages' own files included.

        FileNotFoundError where the module is not there.
        """
        if self._file(module) is None:
            raise FileNotFoundError(f"no module {module} below {self.root}")
        found: dict[str, Path] = {}
        left = [module]
        while left:
            name = left.pop()
            path = self._file(name)
            if name in found or path is None:
                continue
            found[name] = path
            left += [*_parents(name), *self._own(_imported(path))]
        return found

    def foreign(self, files: Iterable[Path]) -> set[str]:
        """First names of what files import from neither the packages nor Python itself."""
        tops = {name.partition(".")[0] for path in files for name in _imported(path)}
        return tops - set(self.packages) - set(sys.stdlib_module_names)

    def _own(self, names: Iterable[str]) -> list[str]:
        return [name for name in names if name.partition(".")[0] in self.packages]

    def _file(self, module: str) -> Path | None:
        base = self.root.joinpath(*module.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path.is_file():
                return path
        return None


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _imported(path: Path) -> set[str]:
    """Full names that a file imports when it is loaded; of `from a import b` both `a` and `a.b`."""
    try:
        return set(_names(path.read_text("utf-8")))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


@cache
def _names(text: str) -> frozenset[str]:
    names: set[str] = set()
    for node in _loaded(ast.parse(text).body):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            if node.level or node.module is None:
                raise ValueError("imports are absolute in this project")
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(names)


def _loaded(statements: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a file is loaded, those within `if`, `try`, `with` and classes too."""
    for statement in statements:
        yield statement
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if isinstance(statement, ast.If) and _is_type_checking(statement.test):
            yield from _loaded(statement.orelse)
            continue
        for field in ("body", "orelse", "finalbody"):
            yield from _loaded(getattr(statement, field, ()))
        for handler in getattr(statement, "handlers", ()):
            yield from _loaded(handler.body)


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )
