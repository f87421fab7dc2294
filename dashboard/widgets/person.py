"""Who is signed in, and the way out."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from dashboard.auth.people import Person

ROLES = {True: "editor", False: "viewer"}


def person_menu(person: Person, base_path: str) -> Component | None:
    """Name, role and a button to sign out; nothing where there is no login."""
    if not person.signed_in:
        return None
    role = ROLES[person.may_edit]
    return html.Form(
        [
            html.Span(
                [html.Span(person.name, className="person-name"), html.Span(role, className="person-role")],
                className="person-who",
                title=f"Signed in as {person.name}, {role}",
            ),
            html.Button("Sign out", type="submit", className="icon-button text-button", id="sign-out"),
        ],
        action=f"{base_path}logout",
        method="post",
        className="person",
    )
