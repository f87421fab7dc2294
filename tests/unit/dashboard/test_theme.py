"""Colours: contrast in both themes, and one colour for each value."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bedrock_analytics.domain.dimensions import OTHER
from dashboard import theme
from dashboard.theme import DARK, LIGHT, series_colours

CSS = Path(theme.__file__).parent / "assets" / "dashboard.css"


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio after WCAG 2.2."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def variables(name: str) -> dict[str, str]:
    """The colours that the style sheet sets for a theme."""
    block = re.search(rf'\[data-bs-theme="{name}"\] \{{(.*?)\n\}}', CSS.read_text("utf-8"), re.S)
    assert block is not None
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block[1]))


@pytest.mark.parametrize("name", [LIGHT, DARK])
def test_the_style_sheet_and_the_charts_share_their_colours(name: str) -> None:
    found = variables(name)
    shared = (theme.SURFACES, theme.TEXTS, theme.MUTED_TEXTS, theme.LINES)
    assert [found[key] for key in ("surface", "text", "muted", "line")] == [each[name] for each in shared]


@pytest.mark.parametrize("name", [LIGHT, DARK])
def test_texts_are_readable_on_every_surface(name: str) -> None:
    found = variables(name)
    for surface in ("page", "surface", "surface-2"):
        for ink in ("text", "muted", "accent", "good", "bad", "warn"):
            assert contrast(found[ink], found[surface]) >= 4.5, (ink, surface)
    for tone in ("warn", "bad"):
        for ink in ("text", "muted", tone):
            assert contrast(found[ink], found[f"{tone}-soft"]) >= 4.5, (ink, tone)


@pytest.mark.parametrize("name", [LIGHT, DARK])
def test_series_stand_out_from_the_surfaces_of_both_themes(name: str) -> None:
    colours = series_colours(f"model-{number}" for number in range(30))
    for colour in [*colours.values(), *theme.KIND_COLOURS.values(), theme.OTHER_COLOUR]:
        assert contrast(colour, theme.SURFACES[name]) >= 3.0, colour


def test_a_value_keeps_its_colour_whatever_else_is_drawn() -> None:
    first = series_colours(["anthropic.claude-sonnet-4-5", "amazon.nova-pro-v1:0"])
    later = series_colours(["amazon.nova-pro-v1:0", "anthropic.claude-opus-4-5", "meta.llama3"])
    assert later["amazon.nova-pro-v1:0"] == first["amazon.nova-pro-v1:0"]


def test_the_greatest_values_are_coloured_alike_whatever_their_order_and_what_follows() -> None:
    greatest = [f"caller-{number}" for number in range(20)]
    one = series_colours([*greatest, "small"])
    other = series_colours([*reversed(greatest), "other", "small"])
    assert {value: one[value] for value in greatest} == {value: other[value] for value in greatest}


def test_thirty_values_have_thirty_colours_and_more_are_no_fault() -> None:
    assert len({*series_colours(f"claude-sonnet-{number}" for number in range(30)).values()}) == 31
    assert len(series_colours(f"caller-{number}" for number in range(200))) == 201


def test_models_of_a_family_share_a_hue_and_differ_in_shade() -> None:
    found = series_colours(["anthropic.claude-sonnet-4", "anthropic.claude-sonnet-4-5"])
    drawn = {found[model] for model in found if model != OTHER}
    assert drawn <= set(theme._SHADES["indigo"])
    assert len(drawn) == 2


@pytest.mark.parametrize("name", [LIGHT, DARK])
def test_each_theme_has_its_template(name: str) -> None:
    layout = theme.TEMPLATES[name]["layout"]
    assert layout["font"]["color"] == theme.TEXTS[name]
    assert layout["hoverlabel"]["bgcolor"] == theme.SURFACES[name]
