"""Tiles with one number each: what they are about, and what they say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FactKind:
    """A tile: its name in ids, its label, what it means and how it is computed.

    `link` leads to the page that says more: its path, the words of the link, and its parameters.
    """

    name: str
    label: str
    meaning: str
    how: str
    link: tuple[str, str, Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FactText:
    """What a tile says: the value in short and in full, a note, and whether that is good, bad or neither."""

    value: str
    full: str
    note: str
    tone: str = "neutral"
