"""Sparklines."""

from __future__ import annotations

from urllib.parse import unquote

import pytest

from dashboard.figures.sparkline import spark_style


@pytest.mark.parametrize("values", [[], [1.0], [None, 2.0, None]])
def test_fewer_than_two_values_draw_nothing(values: list[float | None]) -> None:
    assert spark_style(values) == {"visibility": "hidden"}


def test_the_line_spans_the_width_and_skips_what_is_unknown() -> None:
    image = unquote(spark_style([0.0, None, 5.0])["maskImage"])
    assert "points='0.0,22.0 100.0,2.0'" in image


def test_equal_values_draw_a_level_line() -> None:
    assert "0.0,2.0 100.0,2.0" in unquote(spark_style([3.0, 3.0])["maskImage"])
    assert "0.0,22.0 100.0,22.0" in unquote(spark_style([0.0, 0.0])["maskImage"])
