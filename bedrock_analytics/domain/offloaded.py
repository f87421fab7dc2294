"""Which moved-out bodies carry facts that a price depends on.

Bedrock moves bodies above about 100 KB out of the record. What is then missing is the lifetime split of
cache writes (response), the service tier of a Converse call, and the images and documents of models that
are not priced by token (request).
"""

from __future__ import annotations

from dataclasses import dataclass

from bedrock_analytics.domain.log_record import LogRecord
from bedrock_analytics.domain.model_id import resolve_model
from bedrock_analytics.domain.request_body import Modality, modality_of

_CONVERSE = frozenset({"Converse", "ConverseStream"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OffloadedBodies:
    """The s3:// paths of the bodies to read, None where none is needed."""

    request: str | None
    response: str | None


def bodies_to_follow(record: LogRecord) -> OffloadedBodies | None:
    """The moved-out bodies that a record's price depends on; None where it depends on none."""
    request, response = _request_path(record), _response_path(record)
    return OffloadedBodies(request=request, response=response) if request or response else None


def _request_path(record: LogRecord) -> str | None:
    given = record.input
    if given is None or given.body is not None or not given.body_path:
        return None
    if record.operation in _CONVERSE:
        return given.body_path
    model = resolve_model(record.model_id).model_id if record.model_id else ""
    return None if modality_of(model) is Modality.TEXT else given.body_path


def _response_path(record: LogRecord) -> str | None:
    made, given = record.output, record.input
    if made is None or made.body is not None or not made.body_path:
        return None
    written = given.cache_write_input_token_count if given else None
    return None if written == 0 else made.body_path
