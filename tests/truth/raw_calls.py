"""Log objects of an invented office, and a reading of their lines that shares no code with the product.

The calls lie around two changes of clocks (Vienna on 26 October 2025, St. John's on 2 November), and in the
last two days, which are not closed yet.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

SEED: Final = 5
FIRST, LAST = datetime(2025, 10, 24, 20, tzinfo=UTC), datetime(2025, 11, 3, 6, tzinfo=UTC)
NONE: Final = "(none)"

PLACES: Final = (
    ("111122223333", "us-east-1"),
    ("111122223333", "eu-central-1"),
    ("444455556666", "us-west-2"),
    ("777788889999", "ap-south-1"),
)
MODELS: Final[Mapping[str, tuple[str, str]]] = {
    "us.amazon.nova-pro-v1:0": ("amazon.nova-pro-v1:0", "us"),
    "amazon.nova-micro-v1:0": ("amazon.nova-micro-v1:0", "regional"),
    "eu.amazon.nova-lite-v1:0": ("amazon.nova-lite-v1:0", "eu"),
    "us.meta.llama3-3-70b-instruct-v1:0": ("meta.llama3-3-70b-instruct-v1:0", "us"),
    "global.anthropic.claude-sonnet-4-5-20250929-v1:0": (
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "global",
    ),
    "us.anthropic.claude-haiku-4-5-20251001-v1:0": ("anthropic.claude-haiku-4-5-20251001-v1:0", "us"),
    "mistral.meridian-large-2611-v1:0": ("mistral.meridian-large-2611-v1:0", "regional"),
}
"""Canonical model and route of each id as it is logged; the last one is in no price list."""
UNPRICED: Final = "mistral.meridian-large-2611-v1:0"
CALLERS: Final[Mapping[str, str]] = {
    "assumed-role/checkout-api/worker": "checkout-api/worker",
    "assumed-role/agents/i-0123456789abcdef0": "agents/*",
    "assumed-role/AWSReservedSSO_Developer_0123456789abcdef/mira": "sso/Developer/mira",
    "user/notebooks": "user/notebooks",
    "assumed-role/etl/3f2504e0-4f89-41d3-9a0c-0305e82c3301": "etl/*",
    "assumed-role/bots/lena": "bots/lena",
    "assumed-role/bots/omar": "bots/omar",
    "assumed-role/bots/ravi": "bots/ravi",
}
"""Caller of each principal as it is logged."""
TEAMS: Final = ("search", "shop", "support")
ERRORS: Final = ("ThrottlingException", "ValidationException", "ModelTimeoutException")


@dataclass(frozen=True, slots=True, kw_only=True)
class RawCall:
    """One call, as its line says it; `counts` are tokens by kind, times milliseconds."""

    account: str
    region: str
    request_id: str
    ts: datetime
    operation: str
    logged_model: str
    model: str
    route: str
    caller: str
    team: str
    counts: Mapping[str, int]
    error: str | None
    latency: int | None
    first_token: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRejection:
    """A line that is no call."""

    account: str
    region: str
    ts: datetime


def write_objects(folder: Path, now: datetime) -> None:
    """Write the log objects; one line in twelve is delivered a second time, in another object."""
    chance = random.Random(SEED)
    lines: dict[tuple[str, str, str, str], list[str]] = {}
    for number, ts in enumerate(_moments(chance, now)):
        account, region = chance.choice(PLACES)
        line = json.dumps(_record(chance, number, ts, account, region))
        for copy in ("a", "b")[: 2 if number % 12 == 0 else 1]:
            lines.setdefault((account, region, f"{ts:%Y/%m/%d}", copy), []).append(line)
    for (account, region, day, copy), of_object in lines.items():
        path = folder / f"AWSLogs/{account}/BedrockModelInvocationLogs/{region}/{day}/00"
        path.mkdir(parents=True, exist_ok=True)
        name = f"{day.replace('/', '')}T000500123Z_9b86bf4994c4ab1{copy}.json.gz"
        (path / name).write_bytes(gzip.compress("\n".join(of_object).encode(), mtime=0))


def _moments(chance: random.Random, now: datetime) -> Iterator[datetime]:
    """Moments of calls: on and beside the changes of clocks, and anywhere else."""
    second = timedelta(seconds=1)
    for change in (datetime(2025, 10, 26, 1, tzinfo=UTC), datetime(2025, 11, 2, 4, 30, tzinfo=UTC)):
        for half_hours in range(-6, 7):
            moment = change + half_hours * timedelta(minutes=30)
            yield from (moment - second, moment, moment + second)
    whole = int((LAST - FIRST).total_seconds())
    for _ in range(900):
        yield FIRST + timedelta(seconds=chance.randrange(whole))
    for _ in range(160):
        yield now.replace(microsecond=0) - timedelta(minutes=20, seconds=chance.randrange(45 * 3600))


def _record(chance: random.Random, number: int, ts: datetime, account: str, region: str) -> dict[str, Any]:
    logged = chance.choice([*MODELS])
    record: dict[str, Any] = {
        "timestamp": f"{ts:%Y-%m-%dT%H:%M:%SZ}",
        "accountId": account,
        "region": region,
        "requestId": f"00000000-0000-4000-8000-{number:012d}",
        "modelId": logged,
        "identity": {"arn": f"arn:aws:sts::{account}:{chance.choice([*CALLERS])}"},
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
    }
    if team := chance.choice([None, *TEAMS]):
        record["requestMetadata"] = {"team": team, "ticket": f"T-{number % 5}"}
    if number % 97 == 50:
        return {name: value for name, value in record.items() if name != "requestId"} | {
            "operation": "Converse"
        }
    if chance.random() < 0.08:
        return record | {"operation": "Converse", "errorCode": chance.choice(ERRORS), "input": {}}
    counts = {"input": chance.randrange(1, 9_000), "output": chance.randrange(2, 3_000)}
    if "claude" in logged:
        return record | _claude(chance, counts)
    return record | _converse(chance, counts)


def _converse(chance: random.Random, counts: Mapping[str, int]) -> dict[str, Any]:
    body = {
        "metrics": {"latencyMs": chance.randrange(80, 20_000)},
        "usage": {"inputTokens": counts["input"], "outputTokens": counts["output"]},
    }
    return {
        "operation": "Converse",
        "input": {"inputTokenCount": counts["input"]},
        "output": {"outputTokenCount": counts["output"], "outputBodyJson": body},
    }


def _claude(chance: random.Random, counts: Mapping[str, int]) -> dict[str, Any]:
    """A call of InvokeModel, or its stream, which tells its times."""
    five, hour = chance.choice([(0, 0), (chance.randrange(1, 4_000), 0), (700, chance.randrange(1, 900))])
    read = chance.choice([0, chance.randrange(1, 30_000)])
    usage = {
        "input_tokens": counts["input"],
        "cache_creation_input_tokens": five + hour,
        "cache_read_input_tokens": read,
        "cache_creation": {"ephemeral_5m_input_tokens": five, "ephemeral_1h_input_tokens": hour},
        "output_tokens": counts["output"],
    }
    sides: dict[str, dict[str, Any]] = {
        "input": {
            "inputTokenCount": counts["input"],
            "cacheReadInputTokenCount": read,
            "cacheWriteInputTokenCount": five + hour,
        },
        "output": {"outputTokenCount": counts["output"], "outputBodyJson": {"usage": usage}},
    }
    if chance.random() < 0.4:
        return {"operation": "InvokeModel"} | sides
    first = chance.randrange(60, 2_000)
    sides["output"]["outputBodyJson"] = [
        {"type": "message_start", "message": {"usage": usage}},
        {
            "type": "message_stop",
            "amazon-bedrock-invocationMetrics": {
                "inputTokenCount": counts["input"],
                "outputTokenCount": counts["output"],
                "cacheReadInputTokenCount": read,
                "cacheWriteInputTokenCount": five + hour,
                "invocationLatency": first + chance.randrange(100, 30_000),
                "firstByteLatency": first,
            },
        },
    ]
    return {"operation": "InvokeModelWithResponseStream"} | sides


def read_objects(folder: Path) -> tuple[list[RawCall], list[RawRejection]]:
    """Every call once, and the lines that are none."""
    calls: dict[tuple[str, str, str, datetime], RawCall] = {}
    rejections: list[RawRejection] = []
    for path in sorted(folder.rglob("*.json.gz")):
        for line in gzip.decompress(path.read_bytes()).splitlines():
            record = json.loads(line)
            ts = datetime.strptime(record["timestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
            account, region = record["accountId"], record["region"]
            if "requestId" not in record:
                rejections.append(RawRejection(account=account, region=region, ts=ts))
                continue
            call = _call(record, ts)
            calls[account, region, call.request_id, ts] = call
    return list(calls.values()), rejections


def _call(record: Mapping[str, Any], ts: datetime) -> RawCall:
    model, route = MODELS[record["modelId"]]
    output = record.get("output", {})
    body = output.get("outputBodyJson", {})
    latency, first = _times(body)
    return RawCall(
        account=record["accountId"],
        region=record["region"],
        request_id=record["requestId"],
        ts=ts,
        operation=record["operation"],
        logged_model=record["modelId"],
        model=model,
        route=route,
        caller=CALLERS[record["identity"]["arn"].split(":", 5)[5]],
        team=record.get("requestMetadata", {}).get("team", NONE),
        counts=_counts(record, body),
        error=record.get("errorCode"),
        latency=latency,
        first_token=first,
    )


def _counts(record: Mapping[str, Any], body: Any) -> dict[str, int]:
    given, usage = record["input"], _usage(body)
    split = usage.get("cache_creation", {})
    counts = {
        "input": given.get("inputTokenCount", 0),
        "output": record.get("output", {}).get("outputTokenCount", 0),
        "cache_read": given.get("cacheReadInputTokenCount", 0),
        "cache_write_5m": split.get("ephemeral_5m_input_tokens", 0),
        "cache_write_1h": split.get("ephemeral_1h_input_tokens", 0),
    }
    return {kind: count for kind, count in counts.items() if count}


def _usage(body: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = (
        body[0]["message"]["usage"] if isinstance(body, list) else body.get("usage", {})
    )
    return found


def _times(body: Any) -> tuple[int | None, int | None]:
    if isinstance(body, list):
        metrics = body[-1]["amazon-bedrock-invocationMetrics"]
        return metrics["invocationLatency"], metrics["firstByteLatency"]
    return body.get("metrics", {}).get("latencyMs"), None


def between(calls: Iterable[RawCall], start: datetime, end: datetime) -> list[RawCall]:
    """The calls of start <= ts < end."""
    return [call for call in calls if start <= call.ts < end]


def of_sets(calls: Iterable[RawCall], wanted: Mapping[str, Sequence[str]]) -> list[RawCall]:
    """The calls whose attributes are among the wanted values, by attribute; an empty list wants all."""
    return [
        call
        for call in calls
        if all(not values or getattr(call, name) in values for name, values in wanted.items())
    ]
