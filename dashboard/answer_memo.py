"""Answers kept for those who ask the same at the same revision: other panels of a page, other people."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from bedrock_analytics.reporting.keyed_locks import KeyedLocks

MOST_ANSWERS = 64
"""About a dozen views of a page; a trend of ninety days takes about 1.5 MB, most answers far less."""
_Answer = TypeVar("_Answer")


class AnswerMemo:
    """The latest answers by what was asked. Safe to share between threads; answers must not be changed."""

    def __init__(self, most: int = MOST_ANSWERS) -> None:
        self._most = most
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._asked = KeyedLocks()

    def of(
        self, asked: Hashable, load: Callable[[], _Answer], *, is_kept: Callable[[_Answer], bool]
    ) -> _Answer:
        """The answer that is kept, or a new one, which one thread loads while the others wait for it.

        What `load` raises is raised, and nothing kept; so is nothing where `is_kept` says no.
        """
        with self._asked.holding(asked):
            with self._lock:
                if asked in self._answers:
                    self._answers.move_to_end(asked)
                    kept: _Answer = self._answers[asked]
                    return kept
            answer = load()
            if is_kept(answer):
                with self._lock:
                    self._answers[asked] = answer
                    while len(self._answers) > self._most:
                        self._answers.popitem(last=False)
            return answer
