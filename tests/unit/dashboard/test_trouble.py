"""Errors of callbacks: told on the page, logged where nobody expected them."""

from __future__ import annotations

import json

import pytest
from dash import Dash, Input, Output, html

from bedrock_analytics.domain.errors import NotAllowed
from dashboard.trouble import on_error
from tests.unit.dashboard.auth.doors import call_back


def answer_to(error: Exception) -> str:
    """What the page is told when a callback raises the error."""
    app = Dash(__name__, on_error=on_error)
    app.layout = html.Div([html.Div(id="in"), html.Div(id="out")])

    @app.callback(Output("out", "children"), Input("in", "value"))
    def fail(_value: str) -> str:
        raise error

    told: str = json.dumps(call_back(app.server.test_client()).get_json())
    return told


def test_what_nobody_expected_is_logged_and_told_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    told = answer_to(RuntimeError("unheard of"))
    assert "The dashboard met an error; its log tells more." in told
    assert "unheard of" not in told
    assert "unheard of" in caplog.text


def test_what_a_person_may_not_do_is_told_and_no_error(caplog: pytest.LogCaptureFixture) -> None:
    assert "Only editors may do this." in answer_to(NotAllowed("Only editors may do this."))
    assert caplog.text == ""


def test_trouble_has_the_shape_that_the_page_reads() -> None:
    told = json.loads(answer_to(NotAllowed("Only editors.")))
    assert told["sideUpdate"]["trouble"] == {"data": {"text": "Only editors.", "expired": False}}
