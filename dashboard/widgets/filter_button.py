"""Buttons that add a filter."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.figures.graph import middle_cut
from dashboard.widgets.attributes import data


def filter_button(kind: str, value: str, text: str, class_name: str = "filter-link") -> Component:
    """A button that adds the filter to those of the page."""
    return html.Button(
        text,
        type="button",
        className=class_name,
        title=f"Show only {middle_cut(text, 200)}",
        **data(filter=kind, value=value),
    )
