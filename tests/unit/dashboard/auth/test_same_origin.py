"""Which requests come from our own pages, and which addresses are our own."""

from __future__ import annotations

import pytest
from flask import Request
from werkzeug.test import EnvironBuilder

from dashboard.auth.same_origin import is_from_here, is_loopback_name, local_path


def post(**headers: str) -> Request:
    named = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Request(
        EnvironBuilder(method="POST", base_url="http://dash.example:8060/", headers=named).get_environ()
    )


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"Sec_Fetch_Site": "same-origin"}, True),
        ({"Sec_Fetch_Site": "none"}, True),
        ({"Sec_Fetch_Site": "same-site"}, False),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "cross-site", "Origin": "http://dash.example:8060"}, False),
        ({"Sec_Fetch_Site": ""}, False),
        ({"Origin": "http://dash.example:8060"}, True),
        ({"Origin": "https://DASH.example:8060"}, True),
        ({"Origin": "http://dash.example"}, False),
        ({"Origin": "http://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, True),
    ],
)
def test_a_request_that_changes_something_comes_from_this_page_or_no_browser(
    headers: dict[str, str], own: bool
) -> None:
    assert is_from_here(post(**headers)) is own


def test_whoever_only_reads_may_come_from_a_link_elsewhere() -> None:
    environ = EnvironBuilder(method="GET", headers=[("Sec-Fetch-Site", "cross-site")]).get_environ()
    assert is_from_here(Request(environ))


@pytest.mark.parametrize("wish", ["/", "/?range=7d&model=a%2Fb", "/cost?x=//y", "/a:b"])
def test_a_path_of_this_dashboard_is_gone_to(wish: str) -> None:
    assert local_path(wish, "/") == wish


@pytest.mark.parametrize(
    "wish",
    [
        None,
        "",
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "evil.example",
        " //evil.example",
        "/ünïcode",
    ],
)
def test_any_other_address_is_the_first_page(wish: str | None) -> None:
    assert local_path(wish, "/") == "/"


def test_under_a_base_path_only_what_lies_under_it_is_our_own() -> None:
    assert local_path("/usage/cost", "/usage/") == "/usage/cost"
    assert local_path("/other", "/usage/") == "/usage/"


@pytest.mark.parametrize("host", ["localhost", "localhost:8060", "127.0.0.1:8060", "[::1]:8060", "127.9.9.9"])
def test_these_names_mean_this_machine(host: str) -> None:
    assert is_loopback_name(host)


@pytest.mark.parametrize(
    "host", ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "[::1"]
)
def test_a_name_that_only_resolves_to_this_machine_does_not(host: str) -> None:
    assert not is_loopback_name(host)
