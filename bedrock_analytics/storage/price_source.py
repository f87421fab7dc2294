"""Fetching a price list from an https address or a file; nothing is fetched unless asked for."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException
from pathlib import Path
from typing import IO, Protocol
from urllib.parse import urlsplit
from urllib.request import url2pathname

from bedrock_analytics.domain.errors import ConfigurationError, PriceListError
from bedrock_analytics.storage.bundled_prices import ListDocument
from bedrock_analytics.storage.price_list import MAX_BYTES

DEFAULT_URL = "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json"
TIMEOUT_SECONDS = 30


class OnlyHttps(urllib.request.HTTPRedirectHandler):
    """Follows redirects, but not away from https."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: Message,
        newurl: str,
    ) -> urllib.request.Request | None:
        if urlsplit(newurl).scheme != "https":
            raise PriceListError(f"the price list was redirected to {newurl[:100]!r}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


class Response(Protocol):
    """What is used of an answer over https."""

    headers: Message

    def read(self, amount: int, /) -> bytes: ...
    def __enter__(self) -> Response: ...
    def __exit__(self, *unused: object) -> None: ...


def open_https(address: str) -> Response:
    """Ask an address; urllib's errors, or PriceListError where it leads away from https."""
    response: Response = urllib.request.build_opener(OnlyHttps).open(address, timeout=TIMEOUT_SECONDS)
    return response


@dataclass(frozen=True, slots=True)
class PriceSource:
    """Where a price list is read from: an https address, a file: address or a path."""

    place: str
    now: Callable[[], datetime]
    open_address: Callable[[str], Response] = open_https

    def read(self) -> ListDocument:
        """The document; PriceListError where it cannot be had, ConfigurationError for another scheme."""
        parts = urlsplit(self.place)
        if parts.scheme == "https":
            return self._download()
        if parts.scheme == "file" and parts.netloc in {"", "localhost"}:
            return self._open(Path(url2pathname(parts.path)))
        if "://" in self.place:
            raise ConfigurationError(f"priceListUrl {self.place!r} is neither https nor a file")
        return self._open(Path(self.place))

    def _open(self, path: Path) -> ListDocument:
        try:
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            with path.open("rb") as file:
                document = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise PriceListError(f"the price list {path} cannot be read: {error.strerror}") from error
        return ListDocument(document=document, date=changed.date().isoformat(), origin=str(path))

    def _download(self) -> ListDocument:
        try:
            with self.open_address(self.place) as response:
                document = response.read(MAX_BYTES + 1)
                modified = response.headers.get("Last-Modified")
                length = response.headers.get("Content-Length")
        except (urllib.error.URLError, HTTPException, OSError) as error:
            raise PriceListError(f"the price list {self.place} cannot be fetched: {error}") from error
        if length is not None and length.isdecimal() and int(length) > len(document):
            raise PriceListError(f"the price list {self.place} broke off after {len(document)} bytes")
        return ListDocument(document=document, date=self._date(modified), origin=self.place)

    def _date(self, modified: str | None) -> str:
        """The day that the server names; the day of the fetch where it names none."""
        moment = self.now()
        if modified is not None:
            try:
                moment = min(parsedate_to_datetime(modified).astimezone(UTC), moment)
            except ValueError:
                return moment.date().isoformat()
        return moment.date().isoformat()
