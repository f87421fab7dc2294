"""What a sync of prices did, as it is told, stored and shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bedrock_analytics.storage.item_table import Value
from bedrock_analytics.storage.price_codec import moment_text

_MAX_NAMED = 8


class SyncStatus(StrEnum):
    """How a sync ended."""

    OK = "ok"
    OLDER = "older"
    """The list is older than the one in force; nothing was changed."""
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class SyncReport:
    """What a sync did; stored in META and shown."""

    at: datetime
    status: SyncStatus = SyncStatus.OK
    origin: str = ""
    list_date: str = ""
    error: str | None = None
    entries: int = 0
    cards: int = 0
    omitted: Mapping[str, int] = field(default_factory=dict)
    ignored_fields: Mapping[str, int] = field(default_factory=dict)
    added: list[str] = field(default_factory=list)
    """Cards of models and scopes that were not listed before."""
    changed: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    """Cards that wait for approval."""
    review: list[str] = field(default_factory=list)
    """New cards of calls that a less specific card priced until now."""
    gone: list[str] = field(default_factory=list)
    """Cards that the list lacks; their last prices stay."""

    @property
    def writes(self) -> bool:
        return bool(self.added or self.changed)

    def row(self) -> dict[str, Value]:
        """The report as stored: counts, and the first names of each list."""
        named = {name: getattr(self, name) for name in ("added", "changed", "held", "review", "gone")}
        row: dict[str, Value] = {
            "at": moment_text(self.at),
            "status": self.status.value,
            "origin": self.origin,
            "list_date": self.list_date,
            "error": self.error,
            "entries": self.entries,
            "cards": self.cards,
            "omitted": dict(self.omitted),
            "ignored_fields": dict(self.ignored_fields),
        }
        for name, cards in named.items():
            row[name] = len(cards)
            row[f"{name}_cards"] = [*cards[:_MAX_NAMED]]
        return row
