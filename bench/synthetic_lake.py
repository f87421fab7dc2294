"""A lake that answers grouped queries for a steady load without holding a single row.

It lets the serving side be measured at loads whose rows would not fit on this machine: the groups have
the number, sizes and histograms that real calls of that load would give.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from bedrock_analytics.domain import periods
from bedrock_analytics.domain.histogram import Distribution
from bedrock_analytics.domain.periods import Span
from bedrock_analytics.storage.lake import (
    ARRIVAL_BUCKET,
    Arrivals,
    Fingerprint,
    QueryResult,
    UsageGroup,
    UsageQuery,
)

MODELS = (
    "anthropic.claude-sonnet-4-6",
    "anthropic.claude-haiku-4-5-20251001-v1:0",
    "anthropic.claude-opus-4-6-v1",
    "amazon.nova-pro-v1:0",
    "amazon.nova-lite-v1:0",
    "meta.llama3-3-70b-instruct-v1:0",
)
DELIVERY = timedelta(minutes=2)
"""From a call to its row in the lake."""


@dataclass(frozen=True, kw_only=True)
class Load:
    """A steady load. Each caller uses `models_of_a_caller` of the models; `scopes` are account-Regions."""

    events_a_day: int
    scopes: int = 1
    callers: int = 20
    models: int = 6
    models_of_a_caller: int = 6
    teams: int = 5

    def model(self, number: int) -> str:
        return MODELS[number % len(MODELS)] + ("" if number < len(MODELS) else f"-{number}")


@dataclass
class SyntheticLake:
    """EventLake of a load that began at `start`; `now` is moved by the benchmark."""

    load: Load
    start: datetime
    now: datetime
    _pool: dict[int, list[Distribution]] = field(default_factory=dict)

    def version(self) -> str:
        return self.now.isoformat()

    def arrivals(self, since: datetime | None) -> Arrivals:
        """Rows arrive evenly, DELIVERY after their calls."""
        width = int(ARRIVAL_BUCKET.total_seconds())
        rows = self.load.events_a_day * width // 86_400
        moment = since if since is not None else self.start
        counts: dict[tuple[datetime, datetime], int] = {}
        while moment < self.now:
            end = min(moment + ARRIVAL_BUCKET, self.now)
            share = int(rows * (end - moment).total_seconds() / width)
            hour = periods.hour_of(max(moment - DELIVERY, self.start))
            counts[hour, moment] = share
            moment += ARRIVAL_BUCKET
        return Arrivals(counts, self.now - timedelta(seconds=1), self.now - DELIVERY)

    def usage(self, query: UsageQuery) -> Iterator[UsageGroup]:
        for span in query.spans:
            moment = span.start
            while moment < span.end:
                elapsed = min(max(self.now - DELIVERY - moment, timedelta(0)), periods.HALF_HOUR)
                events = self.load.events_a_day * elapsed.total_seconds() / 86_400
                if events >= 1 and moment >= self.start:
                    yield from self._groups(moment, events, query.metadata_keys)
                moment += periods.HALF_HOUR

    def _groups(self, half_hour: datetime, events: float, keys: tuple[str, ...]) -> Iterator[UsageGroup]:
        load = self.load
        random = Random(half_hour.isoformat())  # noqa: S311 - a repeatable load, no secret
        pairs = [
            (scope, caller, load.model((caller * 7 + choice) % load.models))
            for scope in range(load.scopes)
            for caller in range(load.callers)
            for choice in range(load.models_of_a_caller)
        ]
        weights = [1 / (1 + caller % load.callers) + 0.02 for _, caller, _ in pairs]
        factor = events / sum(weights)
        by_team: dict[tuple[int, str, int], UsageGroup] = {}
        for (scope, caller, model), weight in zip(pairs, weights, strict=True):
            calls = int(weight * factor + random.random())
            if calls:
                group = self._group(half_hour, scope, caller, model, calls)
                yield group
                team = (scope, model, caller % load.teams)
                if keys and team not in by_team:
                    by_team[team] = group
        for (_, _, team_number), group in by_team.items():
            yield _tagged(group, keys[0], f"team-{team_number}")

    def _group(self, half_hour: datetime, scope: int, caller: int, model: str, calls: int) -> UsageGroup:
        latency = self._distribution(calls, caller)
        return UsageGroup(
            account_id=f"{111122220000 + scope // 2}",
            region=("us-east-1", "eu-central-1")[scope % 2],
            half_hour=half_hour,
            metadata_key=None,
            metadata_value=None,
            caller=f"role/application-{caller:03d}",
            operation=("Converse", "InvokeModelWithResponseStream")[caller % 2],
            inference_region="us-west-2",
            model_id=model,
            route="us",
            logged_model_id=f"us.{model}",
            service_tier=None,
            latency_optimized=None,
            cache_ttl_known=True,
            cache_write_other_ttl=None,
            inference_profile_arn=None,
            inference_profile_name=None,
            profile_model_id=None,
            response_model_id=None,
            image_size=None,
            image_quality=None,
            image_steps=None,
            token_source="envelope",  # noqa: S106 - where token counts come from, no password
            error_code=None,
            rejection=None,
            context_class=0,
            price_epoch=0,
            usage_kinds=0b1111,
            calls=calls,
            input_tokens=1_713 * calls,
            output_tokens=389 * calls,
            cache_read_tokens=9_871 * calls,
            cache_write_5m_tokens=713 * calls,
            cache_write_1h_tokens=0,
            cache_write_other_tokens=0,
            input_images=0,
            output_images=0,
            output_video_ms=0,
            query_units=0,
            newest_ts=half_hour,
            newest_parsed_at_ms=int(half_hour.timestamp() * 1000),
            latency_ms=latency,
            time_to_first_token_ms=latency,
            time_per_output_token_us=latency,
            latency_per_output_token_us=latency,
        )

    def _distribution(self, calls: int, caller: int) -> Distribution:
        """Log-normal times of so many calls; a few samples of each size are made and shared."""
        size = min(calls, 400)
        pool = self._pool.setdefault(size, [])
        if len(pool) < 8:
            random = Random(size * 8 + len(pool))  # noqa: S311 - a repeatable load, no secret
            pool.append(Distribution.of(int(random.lognormvariate(8, 0.7)) for _ in range(size)))
        return pool[caller % len(pool)]

    def fingerprints(self, span: Span) -> Mapping[datetime, Fingerprint]:
        raise AssertionError("the benchmark reconciles nothing")

    def names(self, span: Span) -> Sequence[str]:
        return ()

    def hours(
        self, span: Span, names: Sequence[str] | None = None, *, account_id: str | None = None
    ) -> Sequence[datetime]:
        return ()

    def days(self) -> Sequence[date]:
        return ()

    def query(self, sql: str, *, max_rows: int) -> QueryResult:
        raise AssertionError("the benchmark asks nothing in SQL")


def _tagged(group: UsageGroup, key: str, value: str) -> UsageGroup:
    values = {name: getattr(group, name) for name in UsageGroup.__dataclass_fields__}
    tagged = {"metadata_key": key, "metadata_value": value, "caller": None, "operation": None}
    return UsageGroup(**(values | tagged | {"inference_region": None}))


MIDNIGHT = datetime(2026, 3, 10, tzinfo=UTC)
