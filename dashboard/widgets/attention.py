"""What needs attention, and the page's other states: nothing yet, and numbers that cannot be refreshed."""

from __future__ import annotations

from collections.abc import Sequence

from dash import html
from dash.development.base_component import Component

from dashboard.view_models import Finding
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.page_link import page_link


def attention_strip(findings: Sequence[Finding], base_path: str = "/") -> list[Component]:
    """One entry for each finding, with a link to the page that helps; a quiet line when there is none."""
    if not findings:
        return [
            html.Div(
                [
                    html.Span(className="glyph glyph-check", **aria(hidden="true")),
                    "Nothing needs attention in this range",
                ],
                className="all-well",
            )
        ]
    return [
        html.Div(
            [
                html.Span(className="glyph glyph-warning", **aria(hidden="true")),
                html.Div(
                    [
                        html.Strong(finding.title, className="finding-title"),
                        html.Span(finding.text, className="finding-text", title=finding.text),
                        *([page_link(base_path, *finding.link)] if finding.link else []),
                    ],
                    className="finding-words",
                ),
            ],
            className=f"finding finding-{finding.severity.value}",
        )
        for finding in findings
    ]


def nothing_yet(next_step: str) -> Component:
    """What a deployment without any usage shows."""
    return html.Section(
        [
            html.Span(className="nothing-mark", **aria(hidden="true")),
            html.H2("No usage yet"),
            html.P("No invocation log has been read so far."),
            html.P(next_step, className="next-step"),
            html.P("This page fills by itself; you can leave it open.", className="quiet"),
        ],
        className="nothing",
    )


def signed_out() -> Component:
    """What a page says whose session has ended; `assets/dashboard.js` shows it and fills in the way back."""
    return html.Div(
        [
            html.Strong("You are signed out."),
            html.Span("The numbers below are the last ones loaded and are not refreshed."),
            html.A("Sign in again", id="sign-in", href="", className="retry-button"),
        ],
        id="signed-out",
        className="signed-out",
        role="alert",
        hidden=True,
    )


def expired() -> Component:
    """What a page says whose deployment's AWS credentials have expired; `assets/dashboard.js` shows it."""
    return html.Div(
        [
            html.Strong("Not refreshed."),
            html.Span(id="expired-text"),
            html.Button("Try again", type="button", className="retry-button", **data(retry="1")),
        ],
        id="expired",
        className="signed-out",
        role="alert",
        hidden=True,
    )
