"""The document of a usage page: rows of counters as compressed columns.

Format, version 1: zlib over one JSON object.

- `v`: 1
- `keys`: one list of texts for each key column of the dimension
- `slots`: half hour of each row within the page's period, or 0 where every row has slot 0
- `counters`: name -> list of whole numbers, or one number where all rows have it. A counter that is
  missing is unknown.
- `count_maps`, `money_maps`: name -> code, reason or kind -> [row indexes, counts or decimal texts]
- `cost_upper_usd`: [row indexes, decimal texts]
- `distributions`: name -> [row indexes, counts, sums, least, greatest, histograms], a histogram being
  [zero count, first bucket, count, count, …], or null where the page keeps none
  (bucket i of scale 3 holds values in (2^(i/8), 2^((i+1)/8)])

Rows are sorted by key and slot, so equal rows give equal bytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from bedrock_analytics.domain.errors import PageError
from bedrock_analytics.domain.histogram import ZERO_BUCKET, Distribution
from bedrock_analytics.domain.usage_stats import COUNT_MAPS, COUNTERS, DISTRIBUTIONS, MONEY_MAPS, UsageStats

CODEC_VERSION = 1
_COMPRESSION_LEVEL = 6

RowKey = tuple[tuple[str, ...], int]
"""Key of a row (one text for each key column) and its half-hour slot within the page's period."""
Rows = Mapping[RowKey, UsageStats]


class Document(msgspec.Struct):
    """A page's document as columns; see the module's text."""

    v: int
    keys: list[list[str]]
    slots: list[int] | int
    counters: dict[str, list[int | None] | int]
    count_maps: dict[str, dict[str, tuple[list[int], list[int]]]]
    money_maps: dict[str, dict[str, tuple[list[int], list[str]]]]
    cost_upper_usd: tuple[list[int], list[str]]
    distributions: dict[str, tuple[list[int], list[int], list[int], list[int], list[int], list[Any] | None]]


class _PlainDocument(Document):
    """The same, whose histograms stay encoded: reading them takes most of the time."""

    distributions: dict[str, tuple[list[int], list[int], list[int], list[int], list[int], msgspec.Raw]]  # type: ignore[assignment]


_DECODER = msgspec.json.Decoder(Document)
_PLAIN_DECODER = msgspec.json.Decoder(_PlainDocument)


def encode_rows(rows: Rows, key_width: int) -> bytes:
    """The document of the rows of one page; `key_width` is the number of key columns."""
    ordered = sorted(rows.items(), key=lambda entry: entry[0])
    stats = [row for _, row in ordered]
    slots = [slot for (_, slot), _ in ordered]
    document = Document(
        v=CODEC_VERSION,
        keys=[[key[column] for (key, _), _ in ordered] for column in range(key_width)],
        slots=slots if any(slots) else 0,
        counters=_encode_counters(stats),
        count_maps={name: _sparse(stats, name) for name in COUNT_MAPS},
        money_maps={name: _sparse_money(stats, name) for name in MONEY_MAPS},
        cost_upper_usd=_uppers(stats),
        distributions={name: _encode_distributions(stats, name) for name in DISTRIBUTIONS},
    )
    return zlib.compress(msgspec.json.encode(document), _COMPRESSION_LEVEL)


def decode_document(data: bytes, *, histograms: bool = True) -> Document:
    """The columns of a document; PageError where it is damaged or of another version.

    Without `histograms`, what stands in their place is not to be read.
    """
    decoder: msgspec.json.Decoder[Document] = _DECODER if histograms else _PLAIN_DECODER  # type: ignore[assignment]
    try:
        document = decoder.decode(zlib.decompress(data))
    except (zlib.error, msgspec.MsgspecError) as error:
        raise PageError(f"a usage page cannot be decoded: {error}") from error
    if document.v != CODEC_VERSION:
        raise PageError(f"a usage page has codec version {document.v}; this release reads {CODEC_VERSION}")
    return document


def decode_rows(data: bytes) -> dict[RowKey, UsageStats]:
    """The rows of a document; PageError where it is damaged or of another version."""
    document = decode_document(data)
    size = row_count(document)
    rows = [UsageStats() for _ in range(size)]
    _decode_counters(document, rows)
    _decode_maps(document, rows)
    for name, columns in document.distributions.items():
        for index, distribution in _decode_distributions(columns):
            setattr(rows[index], name, distribution)
    slots = document.slots if isinstance(document.slots, list) else [document.slots] * size
    keys = list(zip(*document.keys, strict=True)) if document.keys else [()] * size
    return dict(zip(zip(keys, slots, strict=True), rows, strict=True))


def row_count(document: Document) -> int:
    """Number of rows of a document."""
    if document.keys:
        return len(document.keys[0])
    if isinstance(document.slots, list):
        return len(document.slots)
    first = document.counters.get("invocations")
    return len(first) if isinstance(first, list) else 1


def _encode_counters(stats: Sequence[UsageStats]) -> dict[str, list[int | None] | int]:
    found: dict[str, list[int | None] | int] = {}
    for name in COUNTERS:
        column = [getattr(row, name) for row in stats]
        if None in column:
            if any(value is not None for value in column):
                found[name] = column
            continue
        # "invocations" stays a list: it tells how many rows a page without keys and slots has
        constant = name != "invocations" and len(set(column)) == 1
        found[name] = column[0] if constant else column
    return found


def _decode_counters(document: Document, rows: list[UsageStats]) -> None:
    for name in COUNTERS:
        column = document.counters.get(name)
        if column == 0:
            continue
        values = column if isinstance(column, list) else [column] * len(rows)
        for row, value in zip(rows, values, strict=True):
            setattr(row, name, value)


def _sparse(stats: Sequence[UsageStats], name: str) -> dict[str, tuple[list[int], list[int]]]:
    found: dict[str, tuple[list[int], list[int]]] = {}
    for index, row in enumerate(stats):
        for key, count in sorted(getattr(row, name).items()):
            indexes, counts = found.setdefault(key, ([], []))
            indexes.append(index)
            counts.append(count)
    return dict(sorted(found.items()))


def _sparse_money(stats: Sequence[UsageStats], name: str) -> dict[str, tuple[list[int], list[str]]]:
    found: dict[str, tuple[list[int], list[str]]] = {}
    for index, row in enumerate(stats):
        for kind, amount in getattr(row, name).items():
            indexes, amounts = found.setdefault(kind, ([], []))
            indexes.append(index)
            amounts.append(money_text(amount))
    return dict(sorted(found.items()))


def _uppers(stats: Sequence[UsageStats]) -> tuple[list[int], list[str]]:
    found = [(index, money_text(row.cost_upper_usd)) for index, row in enumerate(stats) if row.cost_upper_usd]
    return [index for index, _ in found], [amount for _, amount in found]


def _decode_maps(document: Document, rows: list[UsageStats]) -> None:
    for name, counts_by_key in document.count_maps.items():
        for key, (indexes, counts) in counts_by_key.items():
            for index, count in zip(indexes, counts, strict=True):
                getattr(rows[index], name)[key] = count
    for name, amounts_by_kind in document.money_maps.items():
        for kind, (indexes, amounts) in amounts_by_kind.items():
            for index, amount in zip(indexes, amounts, strict=True):
                getattr(rows[index], name)[kind] = Decimal(amount)
    for index, amount in zip(*document.cost_upper_usd, strict=True):
        rows[index].cost_upper_usd = Decimal(amount)


def money_text(amount: Decimal) -> str:
    """Plain decimal text without trailing zeros: equal amounts give equal texts."""
    text = f"{amount:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _encode_distributions(
    stats: Sequence[UsageStats], name: str
) -> tuple[list[int], list[int], list[int], list[int], list[int], list[Any] | None]:
    kept = [(index, getattr(row, name)) for index, row in enumerate(stats)]
    filled = [(index, found) for index, found in kept if found.count]
    histograms = [_encode_histogram(found.buckets) for _, found in filled]
    return (
        [index for index, _ in filled],
        [found.count for _, found in filled],
        [found.sum for _, found in filled],
        [found.min for _, found in filled],
        [found.max for _, found in filled],
        None if any(found is None for found in histograms) else histograms,
    )


def _encode_histogram(buckets: Mapping[int, int] | None) -> list[int] | None:
    if buckets is None:
        return None
    indexes = [index for index in buckets if index != ZERO_BUCKET]
    zeros = buckets.get(ZERO_BUCKET, 0)
    if not indexes:
        return [zeros, 0]
    first = min(indexes)
    return [zeros, first, *(buckets.get(index, 0) for index in range(first, max(indexes) + 1))]


def _decode_distributions(
    columns: tuple[list[int], list[int], list[int], list[int], list[int], list[Any] | None],
) -> list[tuple[int, Distribution]]:
    indexes, counts, sums, least, greatest, histograms = columns
    found = []
    for position, index in enumerate(indexes):
        buckets = None if histograms is None else _decode_histogram(histograms[position])
        found.append(
            (
                index,
                Distribution(counts[position], sums[position], least[position], greatest[position], buckets),
            )
        )
    return found


def _decode_histogram(histogram: Sequence[int]) -> dict[int, int]:
    zeros, first, *counts = histogram
    buckets = {first + offset: count for offset, count in enumerate(counts) if count}
    if zeros:
        buckets[ZERO_BUCKET] = zeros
    return buckets
