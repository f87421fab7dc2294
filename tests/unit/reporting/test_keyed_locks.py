"""Locks by key."""

from __future__ import annotations

import threading

import pytest

from bedrock_analytics.reporting.keyed_locks import KeyedLocks


def test_a_key_is_held_by_one_and_another_key_meanwhile() -> None:
    locks, order, is_waiting = KeyedLocks(), list[str](), threading.Event()

    def second() -> None:
        is_waiting.set()
        with locks.holding("a"):
            order.append("second")

    thread = threading.Thread(target=second)
    with locks.holding("a"):
        thread.start()
        assert is_waiting.wait(20)
        with locks.holding("b"):
            assert len(locks) == 2
        order.append("first")
    thread.join(20)
    assert order == ["first", "second"]


def test_a_key_is_forgotten_when_nobody_holds_it_even_after_an_error() -> None:
    locks = KeyedLocks()
    with pytest.raises(ValueError, match="broken"), locks.holding(("a", 1)):
        raise ValueError("broken")
    assert len(locks) == 0
    with locks.holding(("a", 1)):
        assert len(locks) == 1
