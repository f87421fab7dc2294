"""The few pages that are shown to people who are not signed in. They need no script but the theme's."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from dash import Dash
from flask import Response
from jinja2 import Environment, PackageLoader, StrictUndefined


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInForm:
    """A sign-in form: where it is sent, where to go then, its token, what to tell, the name typed before."""

    action: str
    wish: str
    token: str
    told: str = ""
    name: str = ""


class AuthPages:
    """Renders the pages in the look of an app."""

    def __init__(self, app: Dash, title: str) -> None:
        self._app = app
        self._title = title
        self._templates = Environment(
            loader=PackageLoader("dashboard.auth"), autoescape=True, undefined=StrictUndefined
        )

    def sign_in(self, form: SignInForm, status: HTTPStatus) -> Response:
        """The page with the form."""
        return self._page("sign_in.html", status, form=form)

    def signed_out(self, address: str | None) -> Response:
        """The page after signing out at a proxy; `address` is where the identity provider's session ends."""
        return self._page("signed_out.html", HTTPStatus.OK, address=address)

    def not_recognised(self) -> Response:
        """The page for somebody whom the proxy did not name."""
        return self._page("not_recognised.html", HTTPStatus.UNAUTHORIZED)

    def _page(self, name: str, status: HTTPStatus, **values: Any) -> Response:
        text = self._templates.get_template(name).render(
            title=self._title,
            home=self._app.config.requests_pathname_prefix,
            asset=self._app.get_asset_url,
            **values,
        )
        return Response(text, status, content_type="text/html; charset=utf-8")
