"""One deployment whose usage pages and whose lake can both be asked, over the same calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import msgspec
from hypothesis import strategies as st

from bedrock_analytics.domain.price_book import EffectivePriceBook
from bedrock_analytics.domain.rate_card import Discount
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.reporting.lake_questions import Question
from bedrock_analytics.reporting.lake_reader import LakeReader
from bedrock_analytics.reporting.price_books import PriceBooks
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.lake_desk import AskState
from tests.contract.desks import AthenaDeskLoaded, LoadedDesk, finished
from tests.exactly_once.events import call
from tests.exactly_once.world import World
from tests.fakes.flat_prices import FlatPrices
from tests.pricing.books import card

FIRST = datetime(2026, 3, 7, 4, 0, tzinfo=UTC)
CHANGE = datetime(2026, 3, 8, 14, 17, 5, tzinfo=UTC)
SECOND_CHANGE = datetime(2026, 3, 10, 9, 40, tzinfo=UTC)
OWN_DISCOUNT = "444455556666"

BOOK = EffectivePriceBook(
    [
        card("model-a", input="3", output="15", cache_read="0.3", cache_write_5m="3.75", cache_write_1h="6"),
        card("model-a", since=CHANGE, input="2.5", output="12.5", cache_read="0.25", cache_write_5m="3.1"),
        card(
            "model-a",
            scope="geo:us",
            input="3.3",
            output="16.5",
            input_over_1000="6.6",
            output_over_1000="24.75",
        ),
        card("model-b", input="0.0375", output="0.15", input__flex="0.01875", output__flex="0.075"),
        card("model-b", since=SECOND_CHANGE, input="0.04", output="0.16"),
    ],
    version="1",
    discounts=[
        Discount(
            account_id=OWN_DISCOUNT, model_id=None, percent=Decimal("7.5"), effective_from=CHANGE, note=""
        )
    ],
)


class LakeWorld:
    """Calls are computed to pages by L2 and lie in a lake that Athena's stand-in answers for."""

    def __init__(
        self,
        events: Sequence[UsageEvent],
        book: EffectivePriceBook = BOOK,
        loaded: LoadedDesk | None = None,
    ) -> None:
        self.world = World(prices=FlatPrices(cast(Any, book)))
        self.world.deliver(*events)
        self.world.settle()
        self.loaded = loaded or AthenaDeskLoaded(Path())
        self.loaded.load(*events)
        self.loaded.clock.now = self.world.now
        self.pages = UsageReader(self.world.table(), lambda: self.world.now)
        prices = cast(Any, self.world.prices)
        self.lake = LakeReader(self.loaded.desk, self.pages, PriceBooks(prices), lambda: self.world.now)

    def answered(self, question: Question) -> str:
        """The ticket of a question that is answered."""
        ticket = self.lake.start(question)
        status = finished(self.lake, ticket)
        assert status.state is AskState.DONE, status.message
        return ticket


def metadata(**values: object) -> str:
    """Request metadata as the lake keeps it."""
    return msgspec.json.encode(values).decode()


_counts = st.one_of(st.none(), st.integers(0, 2_000))
_names = st.sampled_from([None, "role/app", "it's", "user/x", "(none)", "κλήση 🎈"])


@st.composite
def calls(draw: st.DrawFn) -> UsageEvent:
    """A call, a failed one, a rejected line, or a second parse of one."""
    kind = draw(st.sampled_from(["call"] * 6 + ["error", "rejection"]))
    ts = FIRST + timedelta(seconds=draw(st.integers(0, 86 * 3600)))
    fields: dict[str, object] = {
        "account_id": draw(st.sampled_from(["111122223333", OWN_DISCOUNT])),
        "region": draw(st.sampled_from(["us-east-1", "eu-west-1"])),
        "parsed_at": ts + timedelta(minutes=draw(st.integers(1, 50))),
        "schema_version": draw(st.sampled_from([1, 2])),
    }
    if kind == "rejection":
        return call(draw(st.integers(1, 40)), ts, **fields, **REJECTED)  # type: ignore[arg-type]
    fields |= {
        "model_id": draw(st.sampled_from(["model-a", "model-b", "model-new", None])),
        "route": draw(st.sampled_from(["us", "regional", "global", None])),
        "caller": draw(_names),
        "operation": draw(st.sampled_from(["Converse", "InvokeModel", None])),
        "service_tier": draw(st.sampled_from([None, "", "flex", "default"])),
        "inference_profile_arn": draw(st.sampled_from([None, "", "arn:aws:bedrock:profile/p"])),
        "inference_region": draw(st.sampled_from([None, "us-west-2"])),
        "request_metadata": draw(st.sampled_from(_METADATA)),
        "cache_ttl_known": draw(st.sampled_from([None, False])),
        "error_code": "ThrottlingException" if kind == "error" else None,
    }
    fields["logged_model_id"] = fields["model_id"]
    for name in ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "cache_write_other"):
        fields[f"{name}_tokens"] = draw(_counts)
    written = [fields[f"cache_write_{life}_tokens"] for life in ("5m", "1h", "other")]
    fields["cache_write_total_tokens"] = sum(cast(int, count) for count in written if count is not None)
    for name in ("latency_ms", "time_to_first_token_ms"):
        fields[name] = draw(st.one_of(st.none(), st.integers(0, 50_000)))
    return call(draw(st.integers(1, 40)), ts, **fields)  # type: ignore[arg-type]


def events(least: int, most: int) -> st.SearchStrategy[list[UsageEvent]]:
    """Rows of which no two are parses of one call that nothing puts in order."""
    return st.lists(calls(), min_size=least, max_size=most, unique_by=_rank)


def _rank(row: UsageEvent) -> tuple[object, ...]:
    return row.account_id, row.region, row.request_id, row.ts, row.schema_version, row.parsed_at


_METADATA = [
    None,
    metadata(team="blue"),
    metadata(team="red", env="test"),
    metadata(env="live"),
    metadata(team="it's"),
    "{}",
]
REJECTED: dict[str, object] = {
    "rejection": "not_json",
    "operation": "Rejected",
    "input_tokens": None,
    "output_tokens": None,
    "latency_ms": None,
    "model_id": None,
    "logged_model_id": None,
    "route": None,
    "caller": None,
    "token_source": None,
}
