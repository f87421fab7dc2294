"""A sparkline as a CSS mask, so that it takes the colour of the theme."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

_WIDTH, _HEIGHT, _PAD = 100, 24, 2


def spark_style(values: Sequence[float | None]) -> dict[str, str]:
    """Style of an element that shows the course of the values; empty without at least two of them."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return {"visibility": "hidden"}
    low, high = min(0.0, *known), max(known)
    step = _WIDTH / (len(values) - 1)
    points = [
        f"{index * step:.1f},{_height(value, low, high):.1f}"
        for index, value in enumerate(values)
        if value is not None
    ]
    first, last = points[0].partition(",")[0], points[-1].partition(",")[0]
    line = " ".join(points)
    image = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {_WIDTH} {_HEIGHT}'"
        f" preserveAspectRatio='none'>"
        f"<polygon fill='#000' fill-opacity='.16' points='{first},{_HEIGHT} {line} {last},{_HEIGHT}'/>"
        f"<polyline fill='none' stroke='#000' stroke-width='1.5' vector-effect='non-scaling-stroke'"
        f" stroke-linejoin='round' points='{line}'/></svg>"
    )
    mask = f'url("data:image/svg+xml,{quote(image)}")'
    return {"maskImage": mask, "WebkitMaskImage": mask, "visibility": "visible"}


def _height(value: float, low: float, high: float) -> float:
    if high == low:
        return _HEIGHT - _PAD
    return _HEIGHT - _PAD - (value - low) / (high - low) * (_HEIGHT - 2 * _PAD)
