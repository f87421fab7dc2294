"""The one maker of graphs, and text that comes from logs."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

import dashboard
from dashboard.figures.graph import CONFIG, graph, middle_cut, plain_text
from dashboard.theme import TEMPLATES

SOURCES = sorted(Path(dashboard.__file__).parent.rglob("*.py"))


def test_one_function_makes_every_graph() -> None:
    makers = [
        f"{source.parent.name}/{source.name}"
        for source in SOURCES
        for node in ast.walk(ast.parse(source.read_text("utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "Graph"
    ]
    assert makers == ["figures/graph.py"]


def test_no_graph_can_send_anything_away() -> None:
    made: Any = graph("some", 100, TEMPLATES["light"], tools=True)
    assert made.config["showSendToCloud"] is False
    assert made.config["plotlyServerURL"] == ""
    assert made.config["displaylogo"] is False
    assert made.config["modeBarButtons"] == [["toImage"]]
    assert CONFIG["displayModeBar"] is False


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b>", "&lt;b&gt;bold&lt;/b&gt;"),
        ("a & b", "a &amp; b"),
        ("line\nbreak\x00", "line·break·"),
        ("\u202eright to left", "·right to left"),
        ("plain", "plain"),
    ],
)
def test_text_is_drawn_as_it_is(text: str, shown: str) -> None:
    assert plain_text(text) == shown


def test_long_text_loses_its_middle() -> None:
    assert middle_cut("abcdefghij", 5) == "ab…ij"
    assert middle_cut("abc", 5) == "abc"
    assert len(plain_text("x" * 10_000)) == 200
