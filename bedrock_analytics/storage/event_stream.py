"""Events into the lake through Firehose: an EventSink that reports success only for accepted rows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError

from bedrock_analytics.domain.errors import DeliveryError
from bedrock_analytics.domain.event_json import STAMP_BYTES, encode_unstamped, stamp
from bedrock_analytics.domain.usage_event import UsageEvent

if TYPE_CHECKING:
    from mypy_boto3_firehose import FirehoseClient

MAX_ROWS = 500
MAX_BATCH_BYTES = 4 * 1024 * 1024
MAX_ROW_BYTES = 1000 * 1024
"""Firehose's limits for one PutRecordBatch."""

_PASSING = frozenset(
    {
        "InternalFailure",
        "InternalServerError",
        "LimitExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
    }
)
"""Refusals of a whole request that a later attempt may not meet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often and how patiently refused rows are sent again.

    Eight attempts wait at most 12.7 seconds in all.
    """

    attempts: int = 8
    first_wait: float = 0.1
    """Seconds before the second attempt; each later wait is twice as long, less a random part."""

    def wait_before(self, attempt: int, chance: float) -> float:
        """Seconds to wait before an attempt (from 2); `chance` is in [0, 1)."""
        return math.ldexp(self.first_wait, attempt - 2) * (1 - chance / 2)


def batches(rows: Iterable[bytes]) -> Iterator[list[bytes]]:
    """Rows in order, in batches that Firehose accepts once they are stamped; DeliveryError for a row that
    no batch can hold."""
    batch: list[bytes] = []
    size = 0
    for row in rows:
        length = len(row) + STAMP_BYTES
        if length > MAX_ROW_BYTES:
            raise DeliveryError(f"a row of {length:,} bytes exceeds Firehose's {MAX_ROW_BYTES:,}")
        if len(batch) == MAX_ROWS or size + length > MAX_BATCH_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(row)
        size += length
    if batch:
        yield batch


class FirehoseStream:
    """Puts events on one delivery stream."""

    def __init__(
        self,
        client: FirehoseClient,
        stream_name: str,
        *,
        now: Callable[[], datetime],
        sleep: Callable[[float], None],
        retries: Retries | None = None,
        chance: Callable[[], float] | None = None,
        left_out: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        """`left_out` tells the columns that the lake does not have yet."""
        self._client = client
        self._stream_name = stream_name
        self._now = now
        self._sleep = sleep
        self._retries = retries or Retries()
        self._chance = chance or random.SystemRandom().random
        self._left_out = left_out

    def put(self, events: Iterable[UsageEvent]) -> int:
        """Deliver events as they come, a batch at a time, and return their number."""
        delivered = 0
        left_out = self._left_out()
        for batch in batches(encode_unstamped(event, left_out) for event in events):
            self._deliver(batch)
            delivered += len(batch)
        return delivered

    def _deliver(self, rows: Sequence[bytes]) -> None:
        """Put rows until each is accepted; DeliveryError if some still are not after all attempts."""
        left, reason = list(rows), ""
        for attempt in range(1, self._retries.attempts + 1):
            if attempt > 1:
                self._sleep(self._retries.wait_before(attempt, self._chance()))
            left, reason = self._attempt(left)
            if not left:
                return
        raise DeliveryError(
            f"Firehose stream {self._stream_name} refused {len(left)} of {len(rows)} rows"
            f" {self._retries.attempts} times, last with {reason}"
        )

    def _attempt(self, rows: list[bytes]) -> tuple[list[bytes], str]:
        """Rows that were refused, and why."""
        now = self._now()
        try:
            answer = self._client.put_record_batch(
                DeliveryStreamName=self._stream_name, Records=[{"Data": stamp(row, now)} for row in rows]
            )
        except ClientError as error:
            if error.response["Error"]["Code"] in _PASSING:
                return rows, error.response["Error"]["Code"]
            raise DeliveryError(f"Firehose stream {self._stream_name}: {error}") from error
        except HTTPClientError as error:
            return rows, type(error).__name__
        except BotoCoreError as error:
            raise DeliveryError(f"Firehose stream {self._stream_name}: {error}") from error
        if not answer["FailedPutCount"]:
            return [], ""
        results = list(zip(rows, answer["RequestResponses"], strict=True))
        refused = [(row, result["ErrorCode"]) for row, result in results if result.get("ErrorCode")]
        return [row for row, _ in refused], refused[-1][1] if refused else ""
