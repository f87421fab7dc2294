"""Ids of the components of the page of single calls."""

from __future__ import annotations

from typing import Final

LIST: Final = "requests-list"
ORDER: Final = "requests-order"
WHICH: Final = "requests-which"
SEARCH: Final = "requests-search"
AFTER: Final = "requests-after"
"""Hidden: the places that the pages before begin behind, as JSON."""
FOLLOWING: Final = "requests-following"
"""The place behind which the next page begins."""
PREVIOUS_BUTTON: Final = "requests-previous"
NEXT_BUTTON: Final = "requests-next"
PLACE: Final = "requests-place"

CALL: Final = "requests-call"
"""Hidden: the call whose details are open."""
DRAWER: Final = "requests-drawer"
DETAIL: Final = "requests-detail"
SIDE: Final = "requests-side"
