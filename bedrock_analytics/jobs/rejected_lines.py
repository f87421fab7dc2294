"""The text of an object's rejected lines, to be kept beside the logs."""

from __future__ import annotations

import gzip
import io

import msgspec

MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Text of rejected lines that is kept for one object; more lines are counted, not kept."""


class RejectedLines:
    """Collects rejected lines as gzipped JSON: one object a line with `number`, `reason` and `line`."""

    def __init__(self, max_bytes: int = MAX_KEPT_BYTES) -> None:
        self.count = 0
        self.dropped = 0
        """Lines that exceeded the limit, or came without their text."""
        self._left = max_bytes
        self._buffer = io.BytesIO()
        self._file = gzip.GzipFile(fileobj=self._buffer, mode="wb", mtime=0)

    def add(self, number: int, reason: str, line: bytes) -> None:
        """Keep a line as far as there is room: first without its text, then not at all."""
        self.count += 1
        text = line if line and len(line) <= self._left else b""
        self.dropped += not text
        if self._left <= 0:
            return
        entry: dict[str, object] = {"number": number, "reason": reason}
        if text:
            entry["line"] = text.decode("utf-8", "backslashreplace")
        row = msgspec.json.encode(entry) + b"\n"
        self._left -= len(row)
        self._file.write(row)

    def content(self) -> bytes:
        """The gzipped lines; nothing can be added after."""
        self._file.close()
        return self._buffer.getvalue()
