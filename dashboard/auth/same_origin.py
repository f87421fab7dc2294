"""Requests that change something must come from this dashboard's own pages; addresses must be its own."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from flask import Request

from dashboard.address import is_loopback

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN: Final = frozenset({"same-origin", "none"})


def is_from_here(request: Request) -> bool:
    """Whether a request was made by one of our own pages, or only reads.

    Browsers say where a request comes from in Sec-Fetch-Site, or on plain http in Origin. What says
    neither is no browser, and carries nobody's cookie without that person's doing.
    """
    if request.method in _SAFE:
        return True
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in _OWN
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc.casefold() == request.host.casefold()


def is_loopback_name(host: str) -> bool:
    """Whether a Host header names this machine.

    A foreign page can have its own name resolved to 127.0.0.1; the browser then sends it that name.
    """
    try:
        name = urlsplit(f"//{host}").hostname
    except ValueError:
        return False
    return name is not None and is_loopback(name)


def local_path(wish: str | None, base_path: str) -> str:
    """The path to go to after signing in: the wish where it lies in this dashboard, else its first page.

    A browser reads a backslash as a slash, drops tabs and line ends, and takes two slashes for a host.
    """
    if not wish or not wish.startswith(base_path) or not wish.isascii() or not wish.isprintable():
        return base_path
    if "\\" in wish or wish.startswith("//") or urlsplit(wish).netloc:
        return base_path
    return wish
