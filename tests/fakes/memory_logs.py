"""A log store and an event sink in memory."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.storage.log_objects import LogObject, path_key
from bedrock_analytics.storage.object_text import ByteStream, read_text


@dataclass
class MemoryLogs:
    """Objects by key; what is read and kept is remembered."""

    objects: dict[str, bytes] = field(default_factory=dict)
    bodies_read: list[str] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)

    @contextmanager
    def open(self, log_object: LogObject) -> Iterator[ByteStream]:
        if log_object.key not in self.objects:
            raise LogObjectError(f"cannot read {log_object.source}")
        yield io.BytesIO(self.objects[log_object.key])

    def read_body(self, log_object: LogObject, path: str, max_bytes: int) -> bytes | None:
        key = path_key(path)
        self.bodies_read.append(key)
        stored = self.objects.get(key)
        return None if stored is None else read_text(io.BytesIO(stored), max_bytes)

    def keep_rejected(self, log_object: LogObject, content: bytes) -> str:
        self.kept[log_object.key] = gzip.decompress(content)
        return f"kept/{log_object.key}"


@dataclass
class MemorySink:
    """Takes events; says that it accepted `short_by` fewer."""

    events: list[UsageEvent] = field(default_factory=list)
    short_by: int = 0

    def put(self, events: Iterable[UsageEvent]) -> int:
        before = len(self.events)
        self.events += events
        return len(self.events) - before - self.short_by
