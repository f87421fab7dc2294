"""Cut a stream of JSON text into records, in bounded memory.

One record a line is the rule and the fast path. Records that span lines (pretty-printed), share a line
(concatenated) or stand in one array are found by a scanner that follows braces and strings. Between
records, white space, commas and square brackets mean nothing, so an array needs no mode of its own.
Nothing is dropped: what is no JSON comes out as a record of its own, for the parser to reject.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

import msgspec

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""Bedrock moves bodies above about 100 KB out of a record; nothing near this size is one."""

_LINE_LIMIT = 1024 * 1024
"""A longer stretch without a line end goes to the scanner."""

_BETWEEN = re.compile(rb"(?:[\s,\[\]\x1e]|\xef\xbb\xbf)*")
_OUTSIDE_STRING = re.compile(rb'["{}\n]')
_INSIDE_STRING = re.compile(rb'["\\\n]')
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_RECORD_KEYS = ("requestId", "schemaType")


@dataclass(frozen=True, slots=True)
class TooLarge:
    """Stands for a record longer than the limit, whose bytes were passed over."""

    size: int


def records(chunks: Iterable[bytes], max_record_bytes: int = MAX_RECORD_BYTES) -> Iterator[bytes | TooLarge]:
    """Records of a text that comes in chunks, in order.

    A line that is one whole object in braces comes out as it stands, without being checked: it may be
    broken JSON, or several objects side by side, which `side_by_side` separates.
    """
    source = iter(chunks)
    rest = b""
    for chunk in source:
        lines = chunk.split(b"\n")
        lines[0] = rest + lines[0]
        rest = lines.pop()
        for index, line in enumerate(lines):
            if line[:1] == b"{" and line[-1:] == b"}":
                yield line if len(line) <= max_record_bytes else TooLarge(len(line))
            elif line and not line.isspace():
                rest = yield from _scan(b"\n".join([*lines[index:], rest]), source, max_record_bytes)
                break
        if len(rest) > _LINE_LIMIT:
            rest = yield from _scan(rest, source, max_record_bytes)
    while rest:
        rest = yield from _scan(rest, source, max_record_bytes)


def side_by_side(line: bytes) -> list[bytes]:
    """The objects of a line that holds several; the line alone where it cannot be divided."""
    return [part for part in _scan(line, iter(()), len(line) + 1) if isinstance(part, bytes)]


def _scan(text: bytes, source: Iterator[bytes], limit: int) -> Generator[bytes | TooLarge, None, bytes]:
    """Yield records until what is left is an unfinished line, or the source ends; return that line."""
    scanner = _Scanner(text, source, limit)
    yield from scanner
    return scanner.remainder()


class _Scanner:
    """Finds records where a line is none by itself."""

    def __init__(self, text: bytes, source: Iterator[bytes], limit: int) -> None:
        self._text = text
        self._source = source
        self._limit = limit
        self._start = 0
        """Where the present record begins."""
        self._at = 0
        """Up to where the text is understood."""
        self._passed = 0
        """Bytes of the present record that were passed over because it is too large."""

    def __iter__(self) -> Iterator[bytes | TooLarge]:
        while not self._at_unfinished_line() and self._at < len(self._text):
            self._start = self._at
            self._at = self._object_end() if self._text[self._at : self._at + 1] == b"{" else self._line_end()
            size = self._passed + self._at - self._start
            yield TooLarge(size) if size > self._limit else self._text[self._start : self._at].rstrip()
            self._start, self._passed = self._at, 0

    def remainder(self) -> bytes:
        """The text that is not yet understood."""
        return self._text[self._at :]

    def _at_unfinished_line(self) -> bool:
        """Pass over what stands between records; true at the start of a line that has no end yet."""
        before = self._at
        match = _BETWEEN.match(self._text, before)
        self._at = match.end() if match else before
        line_end = self._text.rfind(b"\n", before, self._at)
        return line_end >= 0 and self._text.find(b"\n", self._at) < 0

    def _more(self) -> bool:
        """Add the next chunk to the text, less what is no longer needed; false at the end of the source."""
        if self._at - self._start > self._limit:
            self._passed += self._at - self._start
            self._start = self._at
        chunk = next(self._source, None)
        if chunk is None:
            return False
        self._text = self._text[self._start :] + chunk
        self._at -= self._start
        self._start = 0
        return True

    def _line_end(self) -> int:
        while (end := self._text.find(b"\n", self._at)) < 0:
            self._at = len(self._text)
            if not self._more():
                return len(self._text)
        return end

    def _object_end(self) -> int:
        """Where the object ends that begins here, or breaks off."""
        depth = 0
        while (mark := self._next(_OUTSIDE_STRING)) >= 0:
            match self._text[mark : mark + 1]:
                case b'"':
                    if not self._pass_string():
                        return self._at
                case b"{":
                    depth += 1
                case b"}":
                    depth -= 1
                    if depth == 0:
                        return self._at
                case _:
                    if self._record_follows():
                        return self._at
        return len(self._text)

    def _next(self, pattern: re.Pattern[bytes]) -> int:
        """Position of the next mark, having passed it; -1 at the end of the source."""
        while (match := pattern.search(self._text, self._at)) is None:
            self._at = len(self._text)
            if not self._more():
                return -1
        self._at = match.end()
        return match.start()

    def _pass_string(self) -> bool:
        """Pass the rest of a string; false, at the line end, where one breaks it off."""
        while (mark := self._next(_INSIDE_STRING)) >= 0:
            found = self._text[mark : mark + 1]
            if found == b'"':
                return True
            if found == b"\n":
                self._at = mark
                return False
            if self._at == len(self._text) and not self._more():
                return True
            self._at += self._text[self._at : self._at + 1] != b"\n"
        return True

    def _record_follows(self) -> bool:
        """Whether the line that begins here is a record by itself, so that the present one broke off."""
        while self._begins_object() and (end := self._text.find(b"\n", self._at)) < 0:
            if len(self._text) - self._at > self._limit or not self._more():
                end = len(self._text)
                break
        if not self._begins_object():
            return False
        try:
            found = _OBJECT.decode(self._text[self._at : end].rstrip(b", \r\n"))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False
        return any(key in found for key in _RECORD_KEYS)

    def _begins_object(self) -> bool:
        return b'{"'.startswith(self._text[self._at : self._at + 2])
