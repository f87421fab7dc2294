"""What a tree of components says."""

from __future__ import annotations

import json
from typing import Any

import plotly.io


def texts_of(component: Any) -> str:
    """Every text in a tree of components, one after another."""
    found: list[str] = []

    def walk(part: Any) -> None:
        if isinstance(part, dict):
            walk(part.get("props", {}).get("children"))
        elif isinstance(part, list):
            for each in part:
                walk(each)
        elif part is not None:
            found.append(str(part))

    walk(json.loads(plotly.io.json.to_json_plotly(component)))
    return " | ".join(found)
