"""What a rate applies to: kind of unit, service tier, context size, and for images their class."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

STANDARD = "standard"
"""The on-demand tier that a call uses unless it asks for another."""

_UNITS = {
    "input": "token",
    "output": "token",
    "cache_read": "token",
    "input_audio_token": "token",
    "output_audio_token": "token",
    "input_image_token": "token",
    "input_image": "image",
    "output_image": "image",
    "input_audio": "second",
    "input_video": "second",
    "output_video": "second",
    "query": "query",
    "input_character": "character",
    "output_character": "character",
}
_CACHE_WRITE = re.compile(r"cache_write_[0-9]+[smhd]")
_KEY = re.compile(
    r"(?P<kind>[a-z0-9_]+)(?:\[(?P<image>[a-z0-9_/]*)\])?(?:>(?P<above>[0-9]{1,12}))?(?:@(?P<tier>[a-z0-9_-]+))?"
)


def unit_of(kind: str) -> str:
    """What a rate of this kind counts; ValueError for a kind that has no rates."""
    if _CACHE_WRITE.fullmatch(kind):
        return "token"
    if kind not in _UNITS:
        raise ValueError(f"unknown kind of rate {kind!r}; known are {', '.join(_UNITS)}, cache_write_5m, …")
    return _UNITS[kind]


@dataclass(frozen=True, slots=True)
class ImageClass:
    """Which generated images a rate is for: up to an area, a number of steps, and a quality.

    `side` is the edge of the largest square, pixels; None everywhere means no bound.
    Text form: `1024/50steps/premium`, each part optional.
    """

    side: int | None = None
    steps: int | None = None
    quality: str | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form; ValueError if it is none."""
        side = steps = quality = None
        for part in filter(None, text.split("/")):
            if part.isdecimal():
                side = int(part)
            elif part.endswith("steps") and part[:-5].isdecimal():
                steps = int(part[:-5])
            else:
                quality = part
        return cls(side, steps, quality)

    def __str__(self) -> str:
        parts = (self.side, None if self.steps is None else f"{self.steps}steps", self.quality)
        return "/".join(str(part) for part in parts if part is not None)

    def holds(self, *, pixels: int, steps: int, quality: str) -> bool:
        """Whether an image belongs to the class."""
        return (
            (self.side is None or pixels <= self.side * self.side)
            and (self.steps is None or steps <= self.steps)
            and (self.quality is None or quality == self.quality)
        )

    @property
    def order(self) -> tuple[float, bool, float]:
        """Sorts the tighter of two classes first: by area, then one of a quality, then by steps."""
        unbounded = float("inf")
        return (
            unbounded if self.side is None else self.side,
            self.quality is None,
            unbounded if self.steps is None else self.steps,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RateKey:
    """What a rate applies to.

    `above` is a number of context tokens (input + cache read + cache write of one call): the rate
    applies strictly above it. Text form: `output_image[1024/premium]`, `input>200000@flex`.
    """

    kind: str
    tier: str = STANDARD
    above: int = 0
    image: ImageClass | None = None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read the text form; ValueError if it is none or the kind has no rates."""
        match = _KEY.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no rate key, such as input, cache_read>200000 or output@flex")
        unit_of(match["kind"])
        image = None if match["image"] is None else ImageClass.parse(match["image"])
        return cls(
            kind=match["kind"], tier=match["tier"] or STANDARD, above=int(match["above"] or 0), image=image
        )

    def __str__(self) -> str:
        image = "" if self.image is None else f"[{self.image}]"
        above = f">{self.above}" if self.above else ""
        tier = "" if self.tier == STANDARD else f"@{self.tier}"
        return f"{self.kind}{image}{above}{tier}"
