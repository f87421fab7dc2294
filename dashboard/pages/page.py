"""What a page is to the frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash
from dash.development.base_component import Component

from dashboard.auth.people import Person
from dashboard.page_state import Field
from dashboard.services import Services
from dashboard.view_models import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """What a page's layout may depend on.

    `values` are those of the page's own fields by their name in the address; `template` is the Plotly
    template of the `theme`; `zone` that of the viewer; `query` the address's query as it came. `question`
    is what the page asks, where that is known already.
    """

    services: Services
    values: Mapping[str, str]
    theme: str
    template: dict[str, Any]
    zone: ZoneInfo
    person: Person
    query: str = ""
    question: Question | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the dashboard.

    `path` is its address below the base path, empty for the first page. `layout` makes its body, `register`
    its callbacks with an app. `fields` are its own controls in the address; `has_filters` says whether the
    filter bar applies to it; a page for `editors_only` is neither linked nor laid out for others.
    """

    path: str
    title: str
    layout: Callable[[PageContext], Component]
    register: Callable[[Dash, Services], None]
    fields: tuple[Field, ...] = ()
    has_filters: bool = True
    editors_only: bool = False

    def is_for(self, person: Person) -> bool:
        """Whether the person may see the page."""
        return person.may_edit or not self.editors_only
