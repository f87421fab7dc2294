"""Tickets: everything that is needed to poll and fetch an answer, as one text for a browser to keep.

A ticket names the query and carries the question, so that any process can read the answer. It is no
secret and is trusted no further than a new question would be: its values are bound as parameters again.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from bedrock_analytics.domain.errors import TicketGone
from bedrock_analytics.reporting.lake_questions import QUESTIONS, Question

MAX_DOCUMENT_BYTES = 200_000
_BROKEN = "This is no ticket of a question to the lake; ask again."
_NAMES = {kind: name for name, kind in QUESTIONS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A question that was handed in."""

    query_id: str
    question: Question
    classes: str = ""
    """Digest of the price classes that the statement groups by; empty where prices do not matter."""
    revision: int = 0
    """Revision of the usage pages at that time."""
    searched_from: datetime | None = None
    """Where only the end of the question's range was searched: from when on."""


class _Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    query_id: str
    kind: str
    question: msgspec.Raw
    classes: str = ""
    revision: int = 0
    searched_from: datetime | None = None


def ticket_text(ticket: Ticket) -> str:
    """The ticket as URL-safe text."""
    document = _Document(
        query_id=ticket.query_id,
        kind=_NAMES[type(ticket.question)],
        question=msgspec.Raw(msgspec.json.encode(ticket.question, enc_hook=_encoded)),
        classes=ticket.classes,
        revision=ticket.revision,
        searched_from=ticket.searched_from,
    )
    return base64.urlsafe_b64encode(zlib.compress(msgspec.json.encode(document))).decode()


def read_ticket(text: str) -> Ticket:
    """The ticket of a text; TicketGone where it is none."""
    try:
        unpacker = zlib.decompressobj()
        plain = unpacker.decompress(base64.urlsafe_b64decode(text.encode()), MAX_DOCUMENT_BYTES)
        document = msgspec.json.decode(plain, type=_Document)
        kind = QUESTIONS[document.kind]
        question = msgspec.json.decode(document.question, type=kind, dec_hook=_decoded)
    except (binascii.Error, zlib.error, msgspec.MsgspecError, KeyError, ValueError) as error:
        raise TicketGone(_BROKEN) from error
    return Ticket(
        query_id=document.query_id,
        question=question,
        classes=document.classes,
        revision=document.revision,
        searched_from=document.searched_from,
    )


def _encoded(value: object) -> object:
    if isinstance(value, ZoneInfo):
        return value.key
    raise TypeError(f"a question holds a {type(value).__name__}")


def _decoded(kind: type, value: Any) -> Any:
    if kind is not ZoneInfo:
        raise TypeError(f"a question holds a {kind.__name__}")
    try:
        return ZoneInfo(value)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError(f"no time zone {value!r}") from error


assert set(get_args(Question)) == set(_NAMES)  # noqa: S101 - a new kind of question needs a name here
