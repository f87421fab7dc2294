"""Random streams that depend on nothing but a seed, a moment and a name.

Each part of the simulation draws from a stream of its own, so any hour can be made alone, in any
order and in any process, and a change of one part leaves the others as they were.
"""

from __future__ import annotations

import math
from datetime import datetime
from hashlib import blake2b
from random import Random


def stream(seed: int, moment: datetime, name: str) -> Random:
    """The generator of one part of the simulation at one moment (aware UTC)."""
    return Random(int.from_bytes(_digest(seed, moment, name), "big"))  # noqa: S311 - traffic, no secret


def hexadecimal(seed: int, moment: datetime, name: str) -> str:
    """Sixteen hexadecimal digits, as in the names of log objects."""
    return _digest(seed, moment, name).hex()


def _digest(seed: int, moment: datetime, name: str) -> bytes:
    text = f"{seed}|{int(moment.timestamp())}|{name}"
    return blake2b(text.encode(), digest_size=8).digest()


def poisson(rng: Random, mean: float) -> int:
    """A Poisson number, by Knuth's product of uniforms; `mean` is a few dozen at most here."""
    limit = math.exp(-mean)
    count = 0
    product = rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def request_id(rng: Random) -> str:
    """A random UUID (version 4) as text."""
    digits = f"{rng.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"
