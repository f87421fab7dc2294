"""What AWS billed for Bedrock in a month, from Cost Explorer, beside our estimate.

Models of some vendors are billed through the Marketplace under services such as "Claude Sonnet 4 (Amazon
Bedrock Edition)", so every service whose name has "Bedrock" in it counts. The management account sees all
accounts of an organization, any other only itself. A request costs a cent and the figures change a few
times a day, so a month is asked for once a day. Source: AWS Cost Management API, GetCostAndUsage.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

import msgspec

from bedrock_analytics.domain.errors import CredentialsExpired, MetricsUnavailable, TableError
from bedrock_analytics.domain.periods import day_of, month_of, month_start, next_month_start
from bedrock_analytics.domain.usage_stats import sum_money
from bedrock_analytics.storage.aws_credentials import is_denied, looking
from bedrock_analytics.storage.item_table import ItemTable, Key

BILLED: Final = "BILLED"
"""Partition of the answers of earlier days."""
ASKED_AT_MOST_EVERY: Final = timedelta(hours=24)
NOT_ALLOWED_TEXT: Final = (
    "Cost Explorer is not allowed with these credentials: "
    "it needs ce:GetCostAndUsage, and IAM access to billing."
)
_SERVICE_WORD: Final = "bedrock"


class BilledState(StrEnum):
    """READY: the amount is there. NOT_ALLOWED, UNAVAILABLE: the message says why it is not."""

    READY = "ready"
    NOT_ALLOWED = "not_allowed"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True, kw_only=True)
class BilledAmount:
    """Unblended cost of Bedrock in a month, USD, before credits are looked at apart.

    `through` is the last day that was asked for; AWS completes a day within about 24 hours.
    """

    month: str
    state: BilledState
    amount_usd: Decimal | None = None
    by_account: dict[str, Decimal] = field(default_factory=dict)
    through: date | None = None
    fetched_at: datetime
    message: str = ""


_DECODER = msgspec.json.Decoder(BilledAmount)


class BilledMonth:
    """Reads months, each at most once a day. Safe to share between threads."""

    def __init__(
        self,
        client: Callable[[], Any],
        items: ItemTable,
        clock: Callable[[], datetime],
        *,
        profile: str | None = None,
    ) -> None:
        """`client` makes the client of Cost Explorer; `items` shares answers between processes where the
        credentials may write."""
        self._client = client
        self._items = items
        self._clock = clock
        self._profile = profile
        self._lock = threading.Lock()
        self._kept: dict[str, BilledAmount] = {}

    def read(self, month: str) -> BilledAmount:
        """The amount of a month (YYYY-MM), whole or up to yesterday; CredentialsExpired where it is so."""
        with self._lock:
            kept = self._kept.get(month)
            if kept is None or self._is_old(kept):
                kept = self._kept[month] = self._read(month)
        return kept

    def _read(self, month: str) -> BilledAmount:
        item = self._items.get(Key(BILLED, month))
        if item is not None:
            stored = _DECODER.decode(str(item["doc"]))
            if not self._is_old(stored):
                return stored
        found = self._ask(month)
        if found.state is BilledState.READY:
            self._share(found)
        return found

    def _is_old(self, found: BilledAmount) -> bool:
        return self._clock() - found.fetched_at >= ASKED_AT_MOST_EVERY

    def _share(self, found: BilledAmount) -> None:
        """Let other processes have the answer; credentials that only read keep it to themselves."""
        document = msgspec.json.encode(found).decode()
        try:
            self._items.put_many([{"PK": BILLED, "SK": found.month, "doc": document}])
        except TableError as error:
            if not is_denied(error):
                raise

    def _ask(self, month: str) -> BilledAmount:
        now = self._clock()
        start = month_start(month)
        end = min(next_month_start(month), day_of(now))
        if end <= start:
            text = f"Nothing of {month} is billed yet: Cost Explorer knows whole days."
            return BilledAmount(month=month, state=BilledState.UNAVAILABLE, fetched_at=now, message=text)
        try:
            with looking("Cost Explorer", self._profile):
                by_account = self._by_account(start, end)
        except CredentialsExpired:
            raise
        except MetricsUnavailable as error:
            denied = is_denied(error)
            return BilledAmount(
                month=month,
                state=BilledState.NOT_ALLOWED if denied else BilledState.UNAVAILABLE,
                fetched_at=now,
                message=NOT_ALLOWED_TEXT if denied else str(error),
            )
        return BilledAmount(
            month=month,
            state=BilledState.READY,
            amount_usd=sum_money(by_account.values()),
            by_account=by_account,
            through=end - timedelta(days=1),
            fetched_at=now,
        )

    def _by_account(self, start: date, end: date) -> dict[str, Decimal]:
        found: dict[str, Decimal] = {}
        for service, account, amount in self._rows(start, end):
            if _SERVICE_WORD in service.lower():
                found[account] = found.get(account, Decimal(0)) + amount
        return found

    def _rows(self, start: date, end: date) -> Iterator[tuple[str, str, Decimal]]:
        client = self._client()
        request: dict[str, Any] = {
            "TimePeriod": {"Start": start.isoformat(), "End": end.isoformat()},
            "Granularity": "MONTHLY",
            "Metrics": ["UnblendedCost"],
            "GroupBy": [
                {"Type": "DIMENSION", "Key": "SERVICE"},
                {"Type": "DIMENSION", "Key": "LINKED_ACCOUNT"},
            ],
        }
        while True:
            answer = client.get_cost_and_usage(**request)
            for period in answer["ResultsByTime"]:
                for group in period["Groups"]:
                    service, account = group["Keys"]
                    yield service, account, Decimal(group["Metrics"]["UnblendedCost"]["Amount"])
            if not answer.get("NextPageToken"):
                return
            request["NextPageToken"] = answer["NextPageToken"]


def current_month(now: datetime) -> str:
    """The UTC month, as Cost Explorer counts."""
    return month_of(day_of(now))
