"""Answers kept for those who ask the same."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bedrock_analytics.domain.errors import TableError, TableUnavailable
from dashboard.answer_memo import AnswerMemo


class Source:
    """Counts how often it is asked; waits for `is_open` where one is given."""

    def __init__(self, is_open: threading.Event | None = None) -> None:
        self.asked = 0
        self._is_open = is_open

    def load(self) -> str:
        self.asked += 1
        if self._is_open is not None:
            assert self._is_open.wait(20)
        return f"answer {self.asked}"


def always(_answer: str) -> bool:
    return True


def test_the_same_question_is_loaded_once_and_another_one_by_itself() -> None:
    memo, source = AnswerMemo(), Source()
    answers = [memo.of(asked, source.load, is_kept=always) for asked in ("a", "a", "b", "a")]
    assert answers == ["answer 1", "answer 1", "answer 2", "answer 1"]


def test_those_who_ask_while_it_is_loaded_wait_for_the_one_answer() -> None:
    is_open = threading.Event()
    memo, source = AnswerMemo(), Source(is_open)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(memo.of, "a", source.load, is_kept=always) for _ in range(4)]
        is_open.set()
        assert {each.result(20) for each in waiting} == {"answer 1"}


def test_an_answer_that_may_change_is_given_and_not_kept() -> None:
    memo, source = AnswerMemo(), Source()
    answers = [memo.of("a", source.load, is_kept=lambda answer: answer != "answer 1") for _ in range(3)]
    assert answers == ["answer 1", "answer 2", "answer 2"]


def test_a_failure_is_raised_and_the_next_one_loads_again() -> None:
    memo, source = AnswerMemo(), Source()

    def fail() -> str:
        raise TableUnavailable("busy")

    with pytest.raises(TableError, match="busy"):
        memo.of("a", fail, is_kept=always)
    assert memo.of("a", source.load, is_kept=always) == "answer 1"


def test_the_least_recently_used_answer_makes_room() -> None:
    memo, source = AnswerMemo(most=2), Source()
    for asked in ("a", "b", "a", "c"):
        memo.of(asked, source.load, is_kept=always)
    assert memo.of("a", source.load, is_kept=always) == "answer 1"
    assert memo.of("b", source.load, is_kept=always) == "answer 4"
