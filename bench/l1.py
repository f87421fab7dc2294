"""Speed and memory of L1, against a plain reader in the same run.

`python -m bench.l1` prints a table. The plain reader gunzips an object whole with the standard library,
parses each line with `json.loads` and builds a dict of the 19 columns that a reader needs at least. L1
is the job behind `parse_log`, with a sink that takes the rows and does nothing with them.
"""

from __future__ import annotations

import gzip
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.jobs.parse_object import ParseTools, parse_object
from bedrock_analytics.storage.event_stream import FirehoseStream
from bedrock_analytics.storage.lake import EventSink
from bedrock_analytics.storage.log_objects import LogObject, s3_object
from bedrock_analytics.storage.object_text import ByteStream
from bench.log_sample import LogSample

SEED = 20261120
SIZE = 80 * 1024 * 1024
GIB = 1024**3
ROUNDS = 5
MIB = 1024 * 1024
KEY = (
    "AWSLogs/111122223333/BedrockModelInvocationLogs/us-east-1/2026/11/20/10/"
    "20261120T110000000Z_9b86bf4994c4ab1c.json.gz"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One line of the table; `holds` is None where nothing was promised."""

    name: str
    value: str
    promise: str = ""
    holds: bool | None = None


class Repeated:
    """Gzip members of a file one after another, as many times as told."""

    def __init__(self, path: Path, times: int) -> None:
        self._path = path
        self._left = times - 1
        self._file = path.open("rb", buffering=0)

    def read(self, size: int, /) -> bytes:
        data = self._file.read(size)
        if not data and self._left:
            self._left -= 1
            self._file.seek(0)
            data = self._file.read(size)
        return data


@dataclass
class OneObject:
    """A store of one object; its moved-out bodies are missing."""

    stream: Callable[[], ByteStream]

    @contextmanager
    def open(self, log_object: LogObject) -> Iterator[ByteStream]:
        assert log_object.key == KEY
        yield self.stream()

    def read_body(self, log_object: LogObject, path: str, max_bytes: int) -> bytes | None:
        return None

    def keep_rejected(self, log_object: LogObject, content: bytes) -> str:
        return log_object.key


class Drain:
    """A sink that takes rows and forgets them."""

    def put(self, events: Iterable[UsageEvent]) -> int:
        return sum(1 for _ in events)


class Accepting:
    """A Firehose client that accepts everything."""

    def put_record_batch(self, **request: Any) -> dict[str, Any]:
        return {"FailedPutCount": 0, "RequestResponses": [{} for _ in request["Records"]]}


def now() -> datetime:
    return datetime.now(UTC)


def l1(stream: Callable[[], ByteStream], sink: EventSink) -> int:
    """Events that L1 finds."""
    log_object = s3_object("logs", KEY, now())
    return parse_object(log_object, sink, ParseTools(store=OneObject(stream), now=now)).events


def plain(data: bytes) -> int:
    """Events that the plain reader finds."""
    return sum(1 for line in gzip.decompress(data).splitlines() if _plain_event(json.loads(line)))


def _plain_event(record: dict[str, Any]) -> dict[str, Any]:
    given, made = record.get("input") or {}, record.get("output") or {}
    body = made.get("outputBodyJson")
    usage = (body.get("usage") if isinstance(body, dict) else None) or {}
    metrics = (body.get("metrics") if isinstance(body, dict) else None) or {}
    if isinstance(body, list) and body:
        usage = body[0].get("message", {}).get("usage", {})
        metrics = body[-1].get("amazon-bedrock-invocationMetrics", {})
    split = usage.get("cache_creation") or {}
    return {
        "account_id": record["accountId"],
        "region": record["region"],
        "request_id": record["requestId"],
        "ts": record["timestamp"],
        "operation": record["operation"],
        "model_id": record["modelId"].split("/")[-1],
        "caller": record["identity"]["arn"].split(":")[-1],
        "input_tokens": given.get("inputTokenCount", 0),
        "output_tokens": made.get("outputTokenCount", 0),
        "cache_read_tokens": given.get("cacheReadInputTokenCount", 0),
        "cache_write_5m_tokens": split.get("ephemeral_5m_input_tokens", 0),
        "cache_write_1h_tokens": split.get("ephemeral_1h_input_tokens", 0),
        "cache_write_total_tokens": given.get("cacheWriteInputTokenCount", 0),
        "latency_ms": metrics.get("latencyMs") or metrics.get("invocationLatency"),
        "time_to_first_token_ms": metrics.get("firstByteLatency"),
        "error_code": record.get("errorCode"),
        "source_s3_key": KEY,
        "parsed_at": now(),
        "schema_version": 1,
    }


def run() -> list[Measurement]:
    """Measure; takes about a minute."""
    lines = list(LogSample(SEED).lines(SIZE))
    size = sum(map(len, lines))
    data = gzip.compress(b"".join(lines), 6)
    count = len(lines)
    del lines
    ours, theirs = _race(data, count)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sample.json.gz"
        path.write_bytes(data)
        growth = _growth(path, -(-GIB // size))
    ratio = theirs / ours
    return [
        Measurement(
            name="sample", value=f"{count:,} records, {size / MIB:.0f} MiB, {len(data) / MIB:.0f} MiB gzipped"
        ),
        Measurement(name="plain reader", value=f"{theirs * 1000:.0f} ms"),
        Measurement(name="L1", value=f"{ours * 1000:.0f} ms, {count / ours:,.0f} events/s"),
        Measurement(
            name="L1 against plain reader", value=f"{ratio:.2f}x", promise="at least 2x", holds=ratio >= 2
        ),
        Measurement(
            name="memory growth on 1 GiB",
            value=f"{growth / MIB:.0f} MiB",
            promise="at most 64 MiB",
            holds=growth <= 64 * MIB,
        ),
    ]


def _race(data: bytes, count: int) -> tuple[float, float]:
    """Best times in seconds of L1 and of the plain reader, run in turn."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        assert plain(data) == count
        middle = time.perf_counter()
        assert l1(lambda: io.BytesIO(data), Drain()) == count
        theirs.append(middle - start)
        ours.append(time.perf_counter() - middle)
    return min(ours), min(theirs)


def _growth(path: Path, times: int) -> int:
    """Bytes by which a process grows at most while L1 reads the file so many times as one object."""
    command = [sys.executable, "-m", "bench.l1", "grow", str(path), str(times)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return int(done.stdout)


def _grow(path: Path, times: int) -> int:
    """In a process of its own: growth of its greatest memory, rows encoded and sent to nowhere."""
    stream = FirehoseStream(cast("Any", Accepting()), "events", now=now, sleep=time.sleep)
    before = _peak_bytes()
    l1(lambda: Repeated(path, times), stream)
    return _peak_bytes() - before


def _peak_bytes() -> int:
    """The greatest resident memory of this process so far.

    Linux counts the parent's into `ru_maxrss` of a new process; its own is in /proc.
    """
    status = Path("/proc/self/status")
    if status.exists():
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def table(measurements: list[Measurement] | None = None) -> str:
    """Measurements, made now unless given, as a Markdown table."""
    marks = {None: "", True: "yes", False: "**no**"}
    rows = [
        f"| {m.name} | {m.value} | {m.promise} | {marks[m.holds]} |"
        for m in (run() if measurements is None else measurements)
    ]
    return "\n".join(["| L1 | measured | promised | holds |", "|---|---|---|---|", *rows])


def main() -> None:
    """Print the table; exit 1 where a promise does not hold."""
    if sys.argv[1:2] == ["grow"]:
        print(_grow(Path(sys.argv[2]), int(sys.argv[3])))
        return
    measurements = run()
    print(table(measurements))
    sys.exit(any(m.holds is False for m in measurements))


if __name__ == "__main__":
    main()
