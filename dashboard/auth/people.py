"""The person behind a request, and what that person may do."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from bedrock_analytics.domain.errors import NotAllowed
from dashboard.config import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who asks. Without a login everybody is the same nameless editor, who has not signed in."""

    name: str
    role: Role
    signed_in: bool

    @property
    def may_edit(self) -> bool:
        """Whether this person may change prices and query the lake."""
        return self.role is Role.EDITOR


ANYBODY = Person(name="", role=Role.EDITOR, signed_in=False)
"""Whoever uses a dashboard without login."""


def current_person() -> Person:
    """The person of the request that is being answered; only requests that passed the gate have one."""
    person: Person = g.person
    return person


def require_editor() -> Person:
    """The person of this request; NotAllowed where that is no editor."""
    person = current_person()
    if not person.may_edit:
        raise NotAllowed("Only editors may do this; you are signed in as a viewer.")
    return person
