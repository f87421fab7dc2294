"""Links between the pages."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from dash import html
from dash.development.base_component import Component

from dashboard.widgets.attributes import aria, data


def page_link(
    base_path: str,
    path: str,
    content: str | Sequence[Component],
    *,
    class_name: str = "page-link",
    is_shown: bool = False,
    **params: str,
) -> Component:
    """A link to another page that takes range and filters along, with parameters of its own."""
    query = urlencode(params)
    current = aria(current="page") if is_shown else {}
    return html.A(
        content,
        href=f"{base_path}{path}" + (f"?{query}" if query else ""),
        className=class_name,
        **data(page=path, query=query),
        **current,
    )
