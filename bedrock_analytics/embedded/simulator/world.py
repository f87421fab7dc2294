"""The organisation that the demo observes: accounts, Regions, and what each of its apps does.

Everything in it is invented: account ids are the documentation's, people are named for numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from itertools import accumulate

from bedrock_analytics.embedded.simulator.models import Target

PRODUCT, PLATFORM, DATA, SANDBOX = "111122223333", "444455556666", "777788889999", "000011112222"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """One account and Region with a logging configuration of its own.

    `bodies` says whether request and response bodies are delivered; `lag` is how long after the end
    of a minute its log object appears, another for each source, so that something new arrives every
    few seconds.
    """

    account_id: str
    region: str
    lag: timedelta
    bodies: bool = True

    @property
    def name(self) -> str:
        return f"{self.account_id}/{self.region}"


PRODUCT_US = LogSource(account_id=PRODUCT, region="us-east-1", lag=timedelta(seconds=5, milliseconds=212))
PRODUCT_EU = LogSource(account_id=PRODUCT, region="eu-central-1", lag=timedelta(seconds=14, milliseconds=871))
PLATFORM_WEST = LogSource(
    account_id=PLATFORM, region="us-west-2", lag=timedelta(seconds=23, milliseconds=405)
)
PLATFORM_EAST = LogSource(account_id=PLATFORM, region="us-east-1", lag=timedelta(seconds=32, milliseconds=58))
DATA_EU = LogSource(account_id=DATA, region="eu-central-1", lag=timedelta(seconds=41, milliseconds=640))
SANDBOX_JP = LogSource(
    account_id=SANDBOX, region="ap-northeast-1", lag=timedelta(seconds=49, milliseconds=336), bodies=False
)

SOURCES: tuple[LogSource, ...] = (
    PRODUCT_US,
    PRODUCT_EU,
    PLATFORM_WEST,
    PLATFORM_EAST,
    DATA_EU,
    SANDBOX_JP,
)


class Operation(StrEnum):
    """The four operations that Bedrock logs."""

    CONVERSE = "Converse"
    CONVERSE_STREAM = "ConverseStream"
    INVOKE = "InvokeModel"
    INVOKE_STREAM = "InvokeModelWithResponseStream"

    @property
    def is_converse(self) -> bool:
        return self in (Operation.CONVERSE, Operation.CONVERSE_STREAM)


class Rhythm(StrEnum):
    """When in its local day an app is busy."""

    OFFICE = "office"
    DAYTIME = "daytime"
    NIGHT = "night"
    ALWAYS = "always"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Token counts around a median; `spread` is the standard deviation of their logarithm."""

    median: float
    spread: float = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptCache:
    """How a kind of call uses the prompt cache.

    A share `hits` of the calls reads the `prefix` and appends `step` tokens to the cache; the others
    write the prefix. A share `one_hour` of the writes is kept for an hour, the rest five minutes.
    """

    prefix: Size
    step: Size
    hits: float
    one_hour: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallKind:
    """One kind of call that an app makes, with its share of the app's calls."""

    target: Target
    operation: Operation
    share: float
    prompt: Size
    answer: Size | None
    max_tokens: int = 4096
    cache: PromptCache | None = None
    guarded: float = 0.0
    """Share of the calls that a guardrail blocks."""
    offloaded: float = 0.0
    """Share of the calls with a body too large for the record."""
    tools: float = 0.0
    """Share of the answers that ask for a tool."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A principal: an ARN in which `{run}` and `{instance}` are drawn for each call."""

    arn: str
    share: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """One application: where, when and how it calls Bedrock, and on whose behalf."""

    name: str
    team: str
    environment: str
    source: LogSource
    zone: str
    rhythm: Rhythm
    calls_a_day: float
    weekend: float
    kinds: tuple[CallKind, ...]
    callers: tuple[Caller, ...]
    tagged: float
    """Share of the calls that carry request metadata."""
    errors: float = 0.008
    legacy_log: bool = False
    """The log has the envelope of 2024: no cache fields, another order of keys."""
    runaway: bool = False
    """May have a day of runaway use now and then."""
    kind_weights: tuple[float, ...] = field(init=False)
    caller_weights: tuple[float, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind_weights", tuple(accumulate(kind.share for kind in self.kinds)))
        object.__setattr__(self, "caller_weights", tuple(accumulate(caller.share for caller in self.callers)))
