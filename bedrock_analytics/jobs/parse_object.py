"""L1: one log object into events, and what became of each of its lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import datetime

from bedrock_analytics.domain.caller import CallerDetail
from bedrock_analytics.domain.errors import DeliveryError
from bedrock_analytics.domain.invocation_log import call_of, read_line, with_profile
from bedrock_analytics.domain.lenient_json import NotAnObject, NotJson
from bedrock_analytics.domain.log_key import ObjectKind
from bedrock_analytics.domain.log_record import LogRecord, decode_request, decode_response
from bedrock_analytics.domain.offloaded import bodies_to_follow
from bedrock_analytics.domain.rejection import LineContext, Rejection, SkipRule, rejection_row
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.jobs.rejected_lines import RejectedLines
from bedrock_analytics.storage.inference_profiles import NoProfiles, ProfileResolver
from bedrock_analytics.storage.lake import EventSink
from bedrock_analytics.storage.log_objects import LogObject, LogStore
from bedrock_analytics.storage.object_text import ByteStream, text_chunks
from bedrock_analytics.storage.record_lines import MAX_RECORD_BYTES, TooLarge, records, side_by_side

MAX_BODY_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseOptions:
    """How log objects are read."""

    follow_offloaded: bool = True
    """Read moved-out bodies that a price depends on."""
    keep_rejected_lines: bool = True
    """Store the text of rejected lines, which may hold prompts, beside the logs."""
    caller_detail: CallerDetail = CallerDetail.FULL
    pseudonym_key: bytes = b""
    max_record_bytes: int = MAX_RECORD_BYTES
    max_body_bytes: int = MAX_BODY_BYTES
    """Longest moved-out body that is read, decompressed."""


@dataclass(slots=True, kw_only=True)
class ParseSummary:
    """What became of the lines of an object: lines = events + rejections + skipped.

    A marked record of `bedrock-analytics verify` counts as skipped, though it is a row, too.
    """

    lines: int = 0
    events: int = 0
    rejections: Counter[str] = field(default_factory=Counter)
    """Rejected lines by reason."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Lines left out by rule."""
    passed_over: ObjectKind | None = None
    """Set where the whole object holds no records by its key, and was not read."""
    offloaded_followed: int = 0
    offloaded_missing: int = 0
    """Moved-out bodies that were wanted and could not be had."""
    profiles_unresolved: int = 0
    """Calls whose application inference profile could not be resolved."""
    rejected_lines_at: str | None = None
    """Where the rejected lines are kept."""
    rejected_lines_dropped: int = 0
    """Rejected lines that were too many or too large to keep."""

    @property
    def rejected(self) -> int:
        return self.rejections.total()

    @property
    def left_out(self) -> int:
        return self.skipped.total()

    @property
    def rows(self) -> int:
        """Rows handed to the lake."""
        return self.events + self.rejected + self.skipped[SkipRule.VERIFICATION.value]

    def as_json(self) -> dict[str, object]:
        """The summary for a log entry, without what is zero or unset."""
        found = {field.name: getattr(self, field.name) for field in fields(self)}
        plain = {name: dict(value) if isinstance(value, Counter) else value for name, value in found.items()}
        return {name: value for name, value in plain.items() if value or name == "lines"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseTools:
    """What a parse works with. `now` gives aware UTC times."""

    store: LogStore
    now: Callable[[], datetime]
    profiles: ProfileResolver = field(default_factory=NoProfiles)
    options: ParseOptions = field(default_factory=ParseOptions)


def parse_object(log_object: LogObject, sink: EventSink, tools: ParseTools) -> ParseSummary:
    """Hand every row of a log object to the sink, in constant memory, and account for every line.

    LogObjectError where the object cannot be read as a whole and DeliveryError where rows were not
    accepted; rows handed over before that are handed over again by the next delivery.
    """
    summary = ParseSummary()
    kind = log_object.facts.kind
    if kind is not ObjectKind.RECORDS:
        summary.passed_over = kind
        return summary
    kept = RejectedLines() if tools.options.keep_rejected_lines else None
    with tools.store.open(log_object) as stream:
        accepted = sink.put(events_of(stream, log_object, tools, summary, kept))
    if accepted != summary.rows:
        raise DeliveryError(f"{accepted} of {summary.rows} rows were accepted")
    if kept is not None and kept.count:
        summary.rejected_lines_at = tools.store.keep_rejected(log_object, kept.content())
        summary.rejected_lines_dropped = kept.dropped
    return summary


def events_of(
    stream: ByteStream,
    log_object: LogObject,
    tools: ParseTools,
    summary: ParseSummary,
    kept: RejectedLines | None = None,
) -> Iterator[UsageEvent]:
    """Rows of an object's stream, as they are read; the summary and the kept lines fill on the way."""
    return _Parse(log_object, tools, summary, kept).rows(stream)


class _Parse:
    """The reading of one object."""

    def __init__(
        self, log_object: LogObject, tools: ParseTools, summary: ParseSummary, kept: RejectedLines | None
    ) -> None:
        self._object = log_object
        self._tools = tools
        self._summary = summary
        self._kept = kept
        options = tools.options
        self._context = LineContext(
            source=log_object.source,
            key=log_object.facts,
            object_time=log_object.modified_at,
            parsed_at=tools.now(),
            caller_detail=options.caller_detail,
            pseudonym_key=options.pseudonym_key,
        )

    def rows(self, stream: ByteStream) -> Iterator[UsageEvent]:
        chunks = text_chunks(stream, self._object.source)
        for record in records(chunks, self._tools.options.max_record_bytes):
            number = self._next_number()
            if isinstance(record, TooLarge):
                yield self._rejected(rejection_row(Rejection.TOO_LARGE, number, self._context), b"", number)
                continue
            found = self._read(record, number)
            if isinstance(found, UsageEvent) and found.rejection is None:
                yield self._call(found)
            else:
                yield from self._no_call(found, record, number)

    def _no_call(self, found: UsageEvent | SkipRule, line: bytes, number: int) -> Iterator[UsageEvent]:
        """A line that is no call; several objects side by side are lines of their own."""
        parts = side_by_side(line) if _is_not_json(found) else []
        if len(parts) < 2:
            yield from self._left_over(found, line, number)
            return
        self._summary.lines -= 1
        for part in parts:
            number = self._next_number()
            found = self._read(part, number)
            if isinstance(found, UsageEvent) and found.rejection is None:
                yield self._call(found)
            else:
                yield from self._left_over(found, part, number)

    def _left_over(self, found: UsageEvent | SkipRule, line: bytes, number: int) -> Iterator[UsageEvent]:
        if isinstance(found, SkipRule):
            self._summary.skipped[found.value] += 1
        elif found.rejection == SkipRule.VERIFICATION:
            self._summary.skipped[SkipRule.VERIFICATION.value] += 1
            yield found
        else:
            yield self._rejected(found, line, number)

    def _call(self, event: UsageEvent) -> UsageEvent:
        self._summary.events += 1
        return event if event.inference_profile_arn is None else self._resolved(event)

    def _next_number(self) -> int:
        self._summary.lines += 1
        return self._summary.lines

    def _read(self, line: bytes, number: int) -> UsageEvent | SkipRule:
        record = read_line(line, number, self._context)
        if not isinstance(record, LogRecord):
            return record
        if self._tools.options.follow_offloaded:
            self._follow(record)
        return call_of(record, number, self._context)

    def _rejected(self, row: UsageEvent, line: bytes, number: int) -> UsageEvent:
        reason = row.rejection or ""
        self._summary.rejections[reason] += 1
        if self._kept is not None:
            self._kept.add(number, reason, line)
        return row

    def _resolved(self, event: UsageEvent) -> UsageEvent:
        profile = self._tools.profiles.resolve(event.inference_profile_arn or "")
        if profile is None:
            self._summary.profiles_unresolved += 1
            return event
        return with_profile(event, profile)

    def _follow(self, record: LogRecord) -> None:
        """Put moved-out bodies that a price depends on back into the record."""
        wanted = bodies_to_follow(record)
        if wanted is None:
            return
        if wanted.request and record.input is not None and (body := self._body(wanted.request)) is not None:
            try:
                record.input.body = decode_request(body)
            except (NotJson, NotAnObject):
                self._count_unreadable()
        if (
            wanted.response
            and record.output is not None
            and (body := self._body(wanted.response)) is not None
        ):
            try:
                record.output.body = decode_response(body)
            except (NotJson, NotAnObject):
                self._count_unreadable()

    def _body(self, path: str) -> bytes | None:
        body = self._tools.store.read_body(self._object, path, self._tools.options.max_body_bytes)
        if body is None:
            self._summary.offloaded_missing += 1
        else:
            self._summary.offloaded_followed += 1
        return body

    def _count_unreadable(self) -> None:
        self._summary.offloaded_followed -= 1
        self._summary.offloaded_missing += 1


def _is_not_json(found: UsageEvent | SkipRule) -> bool:
    return isinstance(found, UsageEvent) and found.rejection == Rejection.NOT_JSON
