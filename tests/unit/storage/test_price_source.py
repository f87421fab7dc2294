from __future__ import annotations

import io
import os
import urllib.request
from datetime import UTC, datetime
from email.message import Message
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import ConfigurationError, PriceListError
from bedrock_analytics.storage import price_source
from bedrock_analytics.storage.bundled_prices import bundled_list
from bedrock_analytics.storage.price_source import OnlyHttps, PriceSource

NOW = datetime(2026, 11, 24, tzinfo=UTC)


class Answer:
    """An answer over https."""

    def __init__(self, body: bytes, **headers: str) -> None:
        self._body = body
        self.headers = Message()
        for name, value in headers.items():
            self.headers[name.replace("_", "-")] = value

    def read(self, amount: int, /) -> bytes:
        return self._body[:amount]

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *unused: object) -> None:
        pass


def answered(answer: Answer) -> PriceSource:
    return PriceSource("https://prices.example/list.json", lambda: NOW, lambda address: answer)


def source(place: str) -> PriceSource:
    return PriceSource(place, lambda: NOW)


def test_a_file_is_read_by_path_or_address_and_dated_by_its_last_change(tmp_path: Path) -> None:
    path = tmp_path / "prices of mine.json"
    path.write_bytes(b"{}")
    os.utime(path, (0, datetime(2026, 3, 4, 5, tzinfo=UTC).timestamp()))

    for place in (str(path), path.as_uri()):
        read = source(place).read()
        assert (read.document, read.date, read.origin) == (b"{}", "2026-03-04", str(path))


def test_a_file_that_is_not_there_is_a_price_list_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(PriceListError, match="cannot be read: No such file"):
        source(str(tmp_path / "none.json")).read()


@pytest.mark.parametrize(
    "place", ["http://example.com/a.json", "s3://bucket/key", "ftp://x/y", "file://host/x"]
)
def test_only_https_and_files_are_read(place: str) -> None:
    with pytest.raises(ConfigurationError, match="neither https nor a file"):
        source(place).read()


def test_an_address_that_does_not_answer_is_a_price_list_that_cannot_be_fetched() -> None:
    with pytest.raises(PriceListError, match="cannot be fetched"):
        source("https://127.0.0.1:9/prices.json").read()


def test_the_bundled_list_says_where_it_comes_from() -> None:
    bundled = bundled_list()

    assert (bundled.date, bundled.origin) == ("2026-10-21", "bundled snapshot of litellm 1.106.2")
    assert len(bundled.document) > 400_000


@pytest.mark.parametrize(
    ("headers", "date"),
    [
        ({}, "2026-11-24"),
        ({"Last_Modified": "Wed, 21 Oct 2026 07:28:00 GMT"}, "2026-10-21"),
        ({"Last_Modified": "Wed, 21 Oct 2099 07:28:00 GMT"}, "2026-11-24"),
        ({"Last_Modified": "yesterday"}, "2026-11-24"),
    ],
)
def test_a_download_is_dated_as_the_server_says_or_today(headers: dict[str, str], date: str) -> None:
    read = answered(Answer(b"{}", Content_Length="2", **headers)).read()

    assert (read.document, read.date, read.origin) == (b"{}", date, "https://prices.example/list.json")


def test_a_download_that_breaks_off_is_refused() -> None:
    with pytest.raises(PriceListError, match="broke off after 2 bytes"):
        answered(Answer(b"{}", Content_Length="3")).read()


def test_a_download_stops_at_the_size_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_source, "MAX_BYTES", 4)

    assert answered(Answer(b"x" * 100)).read().document == b"xxxxx"


def test_a_redirect_stays_on_https() -> None:
    request = urllib.request.Request("https://prices.example/a")
    follow = OnlyHttps().redirect_request

    followed = follow(request, io.BytesIO(), 302, "Found", Message(), "https://mirror.example/b")
    assert followed is not None
    assert followed.full_url == "https://mirror.example/b"
    with pytest.raises(PriceListError, match="not https"):
        follow(request, io.BytesIO(), 302, "Found", Message(), "http://mirror.example/b")
