"""The limit on sign-in attempts: shared by all workers, and by all at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Lock

from bedrock_analytics.storage.item_table import Delete, Put
from dashboard.auth.attempts import ADDRESS_BACK_OFF, USER_BACK_OFF, SignInAttempts, network_of
from tests.fakes.memory_table import MemoryTable
from tests.unit.dashboard.auth.doors import SECRET, Clock

NOW = timedelta(0)


class SharedTable(MemoryTable):
    """A table whose writes happen one after the other, as a database's do."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()

    def write_together(self, writes: Sequence[Put | Delete]) -> None:
        with self._lock:
            super().write_together(writes)


def attempts(table: MemoryTable, clock: Clock) -> SignInAttempts:
    return SignInAttempts(table, SECRET, clock)


def test_five_attempts_are_free_and_then_each_wait_is_twice_the_one_before() -> None:
    clock = Clock()
    counted = attempts(MemoryTable(), clock)
    waits = []
    for _ in range(15):
        wait = counted.begin("alice", "192.0.2.1")
        waits.append(int(wait.total_seconds()))
        if wait:
            clock.turn(seconds=wait.total_seconds())
            assert counted.begin("alice", "192.0.2.1") == NOW
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300]


def test_a_wait_that_is_not_over_is_told_and_not_made_longer() -> None:
    clock = Clock()
    counted = attempts(MemoryTable(), clock)
    for _ in range(9):
        clock.turn(minutes=1)
        assert counted.begin("alice", "192.0.2.1") == NOW
    assert counted.begin("alice", "192.0.2.1") == timedelta(seconds=16)
    clock.turn(seconds=10)
    assert counted.begin("alice", "192.0.2.1") == timedelta(seconds=6)


def test_one_user_waits_whichever_address_the_attempts_come_from() -> None:
    counted = attempts(MemoryTable(), Clock())
    for number in range(5):
        assert counted.begin("alice", f"192.0.2.{number}") == NOW
    assert counted.begin("alice", "192.0.2.99") > NOW
    assert counted.begin("bob", "192.0.2.99") == NOW


def test_one_address_waits_whichever_user_it_tries_and_harms_none_of_them() -> None:
    counted = attempts(MemoryTable(), Clock())
    for number in range(ADDRESS_BACK_OFF.free):
        assert counted.begin(f"user {number}", "192.0.2.1") == NOW
    assert counted.begin("alice", "192.0.2.1") > NOW
    assert all(counted.begin("alice", f"192.0.2.{number}") == NOW for number in range(2, 7))


def test_the_workers_share_the_count() -> None:
    table, clock = MemoryTable(), Clock()
    workers = [attempts(table, clock) for _ in range(3)]
    assert [workers[turn % 3].begin("alice", "192.0.2.1") for turn in range(5)] == [NOW] * 5
    assert all(worker.begin("alice", "192.0.2.1") > NOW for worker in workers)


def test_many_attempts_at_once_gain_nothing() -> None:
    table, clock = SharedTable(), Clock()

    def attempt(number: int) -> timedelta:
        return attempts(table, clock).begin("alice", f"192.0.2.{number}")

    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(attempt, range(40)))
    assert waits.count(NOW) <= USER_BACK_OFF.free


def test_who_signs_in_is_free_again_and_an_office_behind_one_address_never_waits() -> None:
    counted = attempts(MemoryTable(), Clock())
    for number in range(3 * ADDRESS_BACK_OFF.free):
        assert counted.begin(f"user {number}", "192.0.2.1") == NOW
        counted.succeeded(f"user {number}", "192.0.2.1")
    for _ in range(4):
        counted.begin("alice", "192.0.2.1")
    counted.begin("alice", "192.0.2.1")
    counted.succeeded("alice", "192.0.2.1")
    assert [counted.begin("alice", "192.0.2.1") for _ in range(5)] == [NOW] * 5


def test_a_success_does_not_free_an_address_of_its_failures() -> None:
    counted = attempts(MemoryTable(), Clock())
    for number in range(ADDRESS_BACK_OFF.free - 1):
        counted.begin(f"user {number}", "192.0.2.1")
    counted.begin("mallory", "192.0.2.1")
    counted.succeeded("mallory", "192.0.2.1")
    assert counted.begin("alice", "192.0.2.1") == NOW
    assert counted.begin("bob", "192.0.2.1") > NOW


def test_an_hour_later_all_is_forgotten() -> None:
    clock = Clock()
    counted = attempts(MemoryTable(), clock)
    for _ in range(5):
        counted.begin("alice", "192.0.2.1")
    clock.turn(hours=1)
    assert [counted.begin("alice", "192.0.2.1") for _ in range(5)] == [NOW] * 5


def test_the_table_learns_neither_names_nor_addresses_and_expires_its_rows() -> None:
    table, clock = MemoryTable(), Clock()
    attempts(table, clock).begin("alice", "192.0.2.1")
    assert "alice" not in str(table.items)
    assert "192.0.2.1" not in str(table.items)
    hour = int((clock.time + timedelta(hours=1)).timestamp())
    assert [item["ttl"] for item in table.items.values()] == [hour, hour]


def test_invented_names_fill_a_bounded_number_of_rows() -> None:
    table, clock = MemoryTable(), Clock()
    counted = attempts(table, clock)
    for number in range(300):
        counted.begin(f"invented {number}\ud800", f"2001:db8::{number:x}")
    assert all(len(key) <= len("SIGN-IN#ADDRESS#0123") for key, _ in table.items)


def test_the_check_at_the_start_leaves_nothing() -> None:
    table = MemoryTable()
    attempts(table, Clock()).check()
    assert table.items == {}


def test_a_customer_has_one_ipv6_network_and_mapped_addresses_are_what_they_map() -> None:
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::2")
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("::ffff:192.0.2.1") == "192.0.2.1"
    assert network_of("a socket") == "a socket"
