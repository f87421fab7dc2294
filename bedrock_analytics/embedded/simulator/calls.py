"""A simulated call: the facts that a log record is written from and that tests count."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from bedrock_analytics.embedded.simulator.world import App, CallKind, Operation


class Tokens(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Tokens of one call by kind; `input` is what was neither read from nor written to the cache."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0

    @property
    def cache_write(self) -> int:
        return self.cache_write_5m + self.cache_write_1h


NO_TOKENS = Tokens()


class Guardrail(StrEnum):
    """What a guardrail blocked."""

    INPUT = "input"
    OUTPUT = "output"


class Images(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an image model was asked for."""

    count: int
    width: int
    height: int
    quality: str


class LogForm(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """How much of an outcome the log record shows, and in which of the known variants."""

    cache_fields: bool = True
    """The envelope counts cache tokens."""
    cache_details: bool = False
    """A Converse body splits cache writes by lifetime."""
    input_offloaded: bool = False
    output_offloaded: bool = False


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What came of a call that did not fail.

    `latency_ms` runs from the request to the last token, `first_byte_ms` to the first one of a stream.
    `inference_region` is the Region that served the call, None where the log names none.
    """

    tokens: Tokens
    latency_ms: int
    first_byte_ms: int | None
    stop_reason: str
    inference_region: str | None
    guardrail: Guardrail | None
    images: Images | None
    form: LogForm


class SimulatedCall(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One call to Bedrock as it happened.

    `ts` is the start, aware UTC, whole seconds as in the log. A failed call has an `error_code` and no
    outcome, so no tokens and no latency.
    """

    ts: datetime
    request_id: str
    app: App
    kind: CallKind
    identity_arn: str
    request_metadata: dict[str, str] | None
    schema_first: bool
    error_code: str | None
    outcome: Outcome | None

    @property
    def account_id(self) -> str:
        return self.app.source.account_id

    @property
    def region(self) -> str:
        return self.app.source.region

    @property
    def operation(self) -> Operation:
        return self.kind.operation

    @property
    def model_id(self) -> str:
        """The foundation model behind whatever id is logged."""
        return self.kind.target.model.id

    @property
    def route(self) -> str:
        return self.kind.target.route

    @property
    def logged_model_id(self) -> str:
        """`modelId` of the log record."""
        return self.kind.target.logged_id(
            account_id=self.account_id, region=self.region, converse=self.operation.is_converse
        )

    @property
    def tokens(self) -> Tokens:
        return self.outcome.tokens if self.outcome else NO_TOKENS
