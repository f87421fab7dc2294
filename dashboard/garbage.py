"""When a server process looks for garbage in cycles."""

from __future__ import annotations

import gc

_YOUNG, _MIDDLE, _OLD = 50_000, 20, 100


def collect_seldom() -> None:
    """Look at what a process has built up as seldom as a server can afford; call when its app is there.

    Sums of usage are many small objects without cycles: looking through all of them stops every request
    for a tenth of a second, several times in a view of ninety days.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
