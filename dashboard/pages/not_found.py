"""What an address shows that is no page."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.widgets.page_link import page_link


def not_found(base_path: str) -> Component:
    """Says so, with the way back."""
    return html.Section(
        [
            html.H1("There is no such page"),
            html.P("The address may be mistyped, or the page is not for your role."),
            html.P(page_link(base_path, "", "Go to the overview"), className="next-step"),
        ],
        className="nothing",
    )
