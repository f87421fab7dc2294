"""The text of a stored object, decompressed as it is read: gzip (any number of members) or plain."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import Protocol

from isal import igzip
from isal.igzip_lib import IsalError

from bedrock_analytics.domain.errors import LogObjectError

_CHUNK_BYTES = 256 * 1024
_GZIP_MAGIC = b"\x1f\x8b"


class ByteStream(Protocol):
    """What is read from: a file, or the body of an S3 object."""

    def read(self, size: int, /) -> bytes: ...


class _Peeked(io.RawIOBase):
    """A stream whose first bytes were read already."""

    def __init__(self, first: bytes, rest: ByteStream) -> None:
        super().__init__()
        self._first = first
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # any writable buffer
        data = self._first[: len(buffer)] or self._rest.read(len(buffer))
        self._first = self._first[len(data) :]
        buffer[: len(data)] = data
        return len(data)


def text_chunks(stream: ByteStream, name: str) -> Iterator[bytes]:
    """Chunks of the decompressed text; LogObjectError names what is broken or cut off."""
    first = stream.read(len(_GZIP_MAGIC))
    while 0 < len(first) < len(_GZIP_MAGIC) and (more := stream.read(len(_GZIP_MAGIC) - len(first))):
        first += more
    peeked = _Peeked(first, stream)
    reader = io.BufferedReader(peeked, _CHUNK_BYTES)
    source: ByteStream = reader
    if first == _GZIP_MAGIC:
        source = igzip.IGzipFile(fileobj=reader, mode="rb")  # type: ignore[no-untyped-call]
    try:
        while chunk := source.read(_CHUNK_BYTES):
            yield chunk
    except (EOFError, igzip.BadGzipFile, IsalError, zlib.error) as error:  # type: ignore[misc]  # isal's stub
        raise LogObjectError(f"cannot read {name}: broken gzip data: {error}") from error


def read_text(stream: ByteStream, max_bytes: int) -> bytes | None:
    """The whole decompressed text, None if it is longer than allowed or broken."""
    found = bytearray()
    try:
        for chunk in text_chunks(stream, "text"):
            found += chunk
            if len(found) > max_bytes:
                return None
    except LogObjectError:
        return None
    return bytes(found)
