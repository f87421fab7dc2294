"""Files of log records, or standard input, into events: what `parse FILE…` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bedrock_analytics.domain.log_key import ObjectKind
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.embedded.log_folder import LogFolder, single_file
from bedrock_analytics.jobs.parse_object import ParseOptions, ParseSummary, ParseTools, events_of
from bedrock_analytics.storage.log_objects import LogObject
from bedrock_analytics.storage.object_text import ByteStream

STANDARD_INPUT = "-"

_NO_RECORDS = frozenset({ObjectKind.OFFLOADED_BODY, ObjectKind.PERMISSION_CHECK})


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseFiles:
    """Iterates over the rows of files, rejections among them (`rejection` is set), in constant memory.

    Reads gzip (any number of members) and plain files of one record a line, concatenated or
    pretty-printed records, and arrays of records. The name `-` is standard input. LogObjectError names
    the file that cannot be read.
    """

    names: Sequence[str]
    stdin: ByteStream
    """A binary stream."""
    now: Callable[[], datetime]
    options: ParseOptions = field(default_factory=ParseOptions)
    summary: ParseSummary = field(default_factory=ParseSummary)
    """Sums over what has been read so far."""
    passed_over: list[str] = field(default_factory=list)
    """Files that hold no records by their name: moved-out bodies and permission checks."""

    def __iter__(self) -> Iterator[UsageEvent]:
        for name in self.names:
            yield from self._stdin() if name == STANDARD_INPUT else self._file(Path(name))

    def _stdin(self) -> Iterator[UsageEvent]:
        log_object = LogObject(bucket="", key=STANDARD_INPUT, source=STANDARD_INPUT, modified_at=self.now())
        # Standard input has no neighbours among which its moved-out bodies could be found.
        options = replace(self.options, follow_offloaded=False)
        return self._rows(self.stdin, log_object, Path(), options)

    def _file(self, path: Path) -> Iterator[UsageEvent]:
        log_object = single_file(path)
        if log_object.facts.kind in _NO_RECORDS:
            self.passed_over.append(str(path))
            return
        with LogFolder(path.parent, path.parent).open(log_object) as stream:
            yield from self._rows(stream, log_object, path.parent, self.options)

    def _rows(
        self, stream: ByteStream, log_object: LogObject, folder: Path, options: ParseOptions
    ) -> Iterator[UsageEvent]:
        tools = ParseTools(store=LogFolder(folder, folder), now=self.now, options=options)
        return events_of(stream, log_object, tools, self.summary)
