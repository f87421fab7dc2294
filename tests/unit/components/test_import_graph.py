from __future__ import annotations

from pathlib import Path

import pytest

from components.import_graph import ImportGraph


def project(root: Path, **files: str) -> ImportGraph:
    for name, text in files.items():
        path = root / f"{name.replace('__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    for folder in {path.parent for path in root.rglob("*.py")} - {root}:
        (folder / "__init__.py").touch()
    return ImportGraph(root=root, packages=("app", "lib"))


def names(graph: ImportGraph, module: str = "app.main") -> set[str]:
    return set(graph.reached_from(module))


def test_what_a_module_imports_is_followed_through_other_modules(tmp_path: Path) -> None:
    graph = project(
        tmp_path, app__main="from lib import one", lib__one="import lib.two", lib__two="", lib__three=""
    )
    assert names(graph) == {"app", "app.main", "lib", "lib.one", "lib.two"}


def test_modules_that_import_each_other_are_found_once(tmp_path: Path) -> None:
    graph = project(tmp_path, app__main="import lib.one", lib__one="import app.main")
    assert names(graph) == {"app", "app.main", "lib", "lib.one"}


@pytest.mark.parametrize(
    "text",
    [
        "if condition:\n    import lib.one",
        "try:\n    import lib.two\nexcept ImportError:\n    import lib.one",
        "with context:\n    from lib.one import name",
        "class Thing:\n    from lib.one import name",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import nothing\nelse:\n    import lib.one",
    ],
)
def test_imports_that_run_when_a_module_is_loaded_are_followed(tmp_path: Path, text: str) -> None:
    assert "lib.one" in names(project(tmp_path, app__main=text, lib__one=""))


@pytest.mark.parametrize(
    "text",
    [
        "def later():\n    import lib.one",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lib.one",
        "import typing\nif typing.TYPE_CHECKING:\n    import lib.one",
    ],
)
def test_imports_that_do_not_run_then_are_not_followed(tmp_path: Path, text: str) -> None:
    assert "lib.one" not in names(project(tmp_path, app__main=text, lib__one=""))


def test_foreign_names_are_neither_the_projects_nor_pythons(tmp_path: Path) -> None:
    graph = project(
        tmp_path, app__main="import json\nimport lib.one\nfrom boto3.session import Session", lib__one=""
    )
    assert graph.foreign(graph.reached_from("app.main").values()) == {"boto3"}


def test_a_module_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no module app\.other"):
        project(tmp_path, app__main="").reached_from("app.other")


def test_a_relative_import_is_refused_and_not_overlooked(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="imports are absolute"):
        names(project(tmp_path, app__main="from . import other", app__other=""))
