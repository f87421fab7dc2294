"""Waiting for what a page comes to: a busy machine is no fault."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

PATIENCE_SECONDS = 30
PATIENCE_MS = PATIENCE_SECONDS * 1000
"""How long a page may take for one thing."""
_STEP_MS = 50
_HAS_WORK = """() => Object.entries(window.store ? window.store.getState().callbacks : {}).some(
  ([stage, calls]) => stage !== "stored" && Array.isArray(calls) && calls.length > 0)"""
"""Whether Dash has callbacks that have not ended; a page without it has none."""
_MOVES = """() => document.getAnimations().some(each =>
  each.playState === "running" && each.effect.getComputedTiming().endTime !== Infinity)"""


def eventually(page: Page, read: Callable[[], object], wanted: object) -> None:
    """Wait until what is read of a page is what is wanted."""
    end = time.monotonic() + PATIENCE_SECONDS
    while (found := read()) != wanted:
        if time.monotonic() > end:
            raise AssertionError(f"{found!r} has not become {wanted!r}")
        page.wait_for_timeout(_STEP_MS)


def settle(page: Page, is_busy: Callable[[], object]) -> None:
    """Wait until for a quarter of a second nothing is asked, and the page answers and has nothing to do."""
    end, quiet = time.monotonic() + 2 * PATIENCE_SECONDS, 0
    while quiet < 5:
        if time.monotonic() > end:
            raise AssertionError(f"{page.url} does not come to rest")
        page.wait_for_timeout(_STEP_MS)
        quiet = 0 if is_busy() or page.evaluate(_HAS_WORK) else quiet + 1


def still(page: Page) -> None:
    """Wait until nothing slides or fades any more."""
    eventually(page, lambda: page.evaluate(_MOVES), False)


def query_of(address: str) -> dict[str, list[str]]:
    """What an address asks for."""
    return parse_qs(urlsplit(address).query)


def expect_query(page: Page, wanted: Mapping[str, list[str]]) -> None:
    """The address comes to ask for just this."""
    eventually(page, lambda: query_of(page.url), wanted)


def fits(page: Page) -> bool:
    """Whether nothing is wider than the screen: charts follow a change of its width a little later."""
    try:
        eventually(
            page, lambda: page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), True
        )
    except AssertionError:
        return False
    return True
