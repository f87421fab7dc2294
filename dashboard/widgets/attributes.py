"""Attributes that Dash takes only as keywords with hyphens."""

from __future__ import annotations

from typing import Any


def aria(**values: str) -> dict[str, Any]:
    """ARIA attributes: `aria(label="Filters")` is `aria-label`."""
    return {f"aria-{name}": value for name, value in values.items()}


def data(**values: str) -> dict[str, Any]:
    """Data attributes, by which `assets/dashboard.js` finds what to act on."""
    return {f"data-{name}": value for name, value in values.items()}
