"""Log objects: lines put together, compressed, and described by what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from isal import isal_zlib

from bedrock_analytics.embedded.simulator.calls import SimulatedCall
from bedrock_analytics.embedded.simulator.faults import HourOfFaults, Slot
from bedrock_analytics.embedded.simulator.records import foreign_line, record_line

_FASTEST, _GZIP_FORMAT = 1, 31
_KEPT_OF_A_CUT_LINE = 0.6


class ObjectKind(StrEnum):
    """What an object of the bucket is."""

    LOG = "log"
    BODY = "body"
    MARKER = "marker"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineCounts:
    """What the lines of a log object are: lines = calls + doubled + rejected + skipped."""

    calls: int = 0
    doubled: int = 0
    """Lines that repeat another line of the same object."""
    rejected: int = 0
    """Lines that are cut off; they repeat a call that is also there whole."""
    skipped: int = 0
    """Records of another schema."""

    @property
    def lines(self) -> int:
        return self.calls + self.doubled + self.rejected + self.skipped

    def __add__(self, other: Self) -> Self:
        return replace(
            self,
            calls=self.calls + other.calls,
            doubled=self.doubled + other.doubled,
            rejected=self.rejected + other.rejected,
            skipped=self.skipped + other.skipped,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedObject:
    """One object as it appears in the bucket.

    `written_at` is its time of delivery (UTC), `body` its bytes as stored, `counts` its manifest.
    `late` marks calls that arrive after their time, `copy` a second delivery of another object's lines.
    """

    key: str
    written_at: datetime
    body: bytes
    kind: ObjectKind
    counts: LineCounts
    late: bool = False
    copy: bool = False


def compressed(content: bytes) -> bytes:
    """Gzip with a fixed header, so that equal contents give equal bytes."""
    return bytes(isal_zlib.compress(content, _FASTEST, _GZIP_FORMAT))


def slot_lines(
    slot: Slot, calls: Sequence[SimulatedCall], faults: HourOfFaults
) -> tuple[list[bytes], LineCounts]:
    """The lines of a slot with their faults; none where the slot has no calls."""
    if not calls:
        return [], LineCounts()
    lines = [record_line(call) for call in calls]
    doubled, cut, foreign = slot in faults.doubled, slot in faults.cut, slot in faults.foreign
    if doubled:
        lines.append(lines[0])
    if cut:
        lines.insert(1, lines[0][: int(len(lines[0]) * _KEPT_OF_A_CUT_LINE)])
    if foreign:
        lines.append(foreign_line(slot.source, slot.minute))
    return lines, LineCounts(calls=len(calls), doubled=int(doubled), rejected=int(cut), skipped=int(foreign))
