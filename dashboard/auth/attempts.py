"""Sign-in attempts, counted in the item table so that all workers share one limit.

An attempt is counted before its password is checked, so that many at once gain nothing. Names and
addresses are kept as short keyed hashes: the table learns neither, and holds a bounded number of rows.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bedrock_analytics.domain.errors import ConditionFailed, TableUnavailable
from bedrock_analytics.storage.item_table import Absent, AllOf, Condition, Equals, ItemTable, Key, Value
from bedrock_analytics.storage.usage_pages import TTL_ATTRIBUTE

FORGOTTEN_AFTER: Final = timedelta(hours=1)
"""Time without an attempt after which earlier ones no longer count."""
_TRIES: Final = 8
_BUSY: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class BackOff:
    """So many attempts are free; after each further one the wait doubles, up to the longest."""

    free: int
    longest: timedelta

    def wait(self, attempts: int) -> timedelta:
        """How long to wait after that many attempts."""
        if attempts < self.free:
            return timedelta(0)
        return min(self.longest, timedelta(seconds=2 ** min(attempts - self.free, 20)))


USER_BACK_OFF: Final = BackOff(free=5, longest=timedelta(minutes=5))
ADDRESS_BACK_OFF: Final = BackOff(free=30, longest=timedelta(minutes=15))


class SignInAttempts:
    """Counts attempts by user and by address. Its methods raise TableError where the table does not answer.

    `table` holds the rows, `secret` keys the hashes of names and addresses, `now` is the clock.
    """

    def __init__(self, table: ItemTable, secret: str, now: Callable[[], datetime]) -> None:
        self._table = table
        self._secret = secret.encode()
        self._now = now

    def begin(self, user: str, address: str) -> timedelta:
        """Count an attempt; how long to wait first, zero where it may go on.

        An address that must wait does not count against the user.
        """
        wait = self._count(self._key("ADDRESS", network_of(address)), ADDRESS_BACK_OFF)
        return wait or self._count(self._key("USER", user), USER_BACK_OFF)

    def succeeded(self, user: str, address: str) -> None:
        """Forget the user's attempts, and take this one off the address."""
        self._table.delete_many([self._key("USER", user)])
        self._take_back(self._key("ADDRESS", network_of(address)))

    def check(self) -> None:
        """TableError where attempts cannot be counted, which is better said at the start."""
        key = self._key("CHECK", "start")
        self._count(key, USER_BACK_OFF)
        self._table.delete_many([key])

    def _key(self, kind: str, text: str) -> Key:
        said = f"{kind}\0{text}".encode("utf-8", "replace")
        digest = hmac.digest(self._secret, said, hashlib.sha256).hex()
        return Key(f"SIGN-IN#{kind}#{digest[:4]}", "ATTEMPTS")

    def _count(self, key: Key, back_off: BackOff) -> timedelta:
        for _ in range(_TRIES):
            now = int(self._now().timestamp())
            item = self._table.get(key, consistent=True)
            attempts = 0
            if item is not None and now < _number(item, "last") + FORGOTTEN_AFTER.total_seconds():
                if now < _number(item, "until"):
                    return timedelta(seconds=_number(item, "until") - now)
                attempts = _number(item, "attempts")
            if self._replace(key, item, attempts + 1, now, back_off.wait(attempts + 1)):
                return timedelta(0)
        return _BUSY

    def _take_back(self, key: Key) -> None:
        for _ in range(_TRIES):
            item = self._table.get(key, consistent=True)
            if item is None:
                return
            fewer = max(0, _number(item, "attempts") - 1)
            if self._replace(key, item, fewer, _number(item, "last"), timedelta(0)):
                return
        raise TableUnavailable("too many sign-ins at once; try again")

    def _replace(
        self, key: Key, found: dict[str, Value] | None, attempts: int, last: int, wait: timedelta
    ) -> bool:
        """Write the row unless another worker did meanwhile."""
        row: dict[str, Value] = {
            "PK": key.pk,
            "SK": key.sk,
            "attempts": attempts,
            "last": last,
            "until": last + int(wait.total_seconds()),
            TTL_ATTRIBUTE: last + int(FORGOTTEN_AFTER.total_seconds()),
        }
        try:
            self._table.put_if(row, _unchanged(found))
        except ConditionFailed:
            return False
        return True


def network_of(address: str) -> str:
    """What counts as one address: of IPv6 the /64 network, which one customer has to choose from."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def _unchanged(found: dict[str, Value] | None) -> Condition:
    if found is None:
        return Absent()
    return AllOf(tuple(Equals(name, _number(found, name)) for name in ("attempts", "last", "until")))


def _number(item: dict[str, Value], name: str) -> int:
    value = item[name]
    if not isinstance(value, int):
        raise TypeError(f"{name} of a row of sign-in attempts is {value!r}")
    return value
