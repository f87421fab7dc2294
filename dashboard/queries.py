"""The page's view models, from the serving tables. The dashboard reads usage here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Protocol

from bedrock_analytics.domain.dimensions import MODEL, OTHER, TOTAL
from bedrock_analytics.domain.periods import Span, day_start
from bedrock_analytics.domain.usage_stats import UsageStats
from bedrock_analytics.reporting.metrics import freshness
from bedrock_analytics.reporting.page_choice import answer_columns
from bedrock_analytics.reporting.price_reader import ListState
from bedrock_analytics.reporting.usage_filter import (
    EVERYTHING,
    Breakdown,
    Bucket,
    Greatest,
    Trend,
    TrendDetail,
    UsageFilter,
)
from bedrock_analytics.storage.usage_table import Checkpoint, DirtyRow, Scope
from dashboard.answer_memo import AnswerMemo
from dashboard.dimensions import series_key, stored_dimension
from dashboard.filters import is_filter
from dashboard.findings import findings, is_late
from dashboard.lake_source import starting_also
from dashboard.measures import Measure, amount
from dashboard.names import Names
from dashboard.page_state import Asked
from dashboard.ranges import bucket_end, buckets_for, resolve
from dashboard.settings import DashboardSettings
from dashboard.spikes import spike
from dashboard.view_models import (
    Baseline,
    Choice,
    Coverage,
    Finding,
    Mover,
    Overview,
    Pulse,
    Question,
    Series,
    UnpricedModel,
    UsageRows,
    UsageTrend,
)

MOST_SERIES = 7
"""Series drawn by themselves; what is beyond is drawn as Other."""
MOST_MOVERS = 5


class UsageSource(Protocol):
    """What answers questions about usage: a `UsageReader`, or a test's own."""

    def checkpoint(self) -> Checkpoint: ...

    def scopes(self) -> Sequence[Scope]: ...

    def breakdown(
        self, usage_filter: UsageFilter, dimension: str, *, histograms: bool = True
    ) -> Breakdown: ...

    def trend(
        self, usage_filter: UsageFilter, bucket: Bucket, dimension: str, detail: TrendDetail = EVERYTHING
    ) -> Trend: ...


class Queries:
    """View models of one deployment. Every method raises TableError where the tables do not answer.

    `parked` tells the periods that could not be computed, `price_list` which list is in force; `now` is
    the clock.
    """

    def __init__(
        self,
        source: UsageSource,
        settings: DashboardSettings,
        *,
        parked: Callable[[], Sequence[DirtyRow]] = tuple,
        price_list: Callable[[], ListState | None] = lambda: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._source = source
        self._parked = parked
        self._price_list = price_list
        self._now = now
        self._answers = AnswerMemo()
        self.settings = settings
        self.names = Names(settings)

    @property
    def source(self) -> UsageSource:
        """What answers; for queries of single pages, which live in modules of their own."""
        return self._source

    def now(self) -> datetime:
        """The time, aware, UTC."""
        return self._now()

    def pulse(self) -> Pulse:
        """How fresh the data is: one read of one row."""
        checkpoint = self._source.checkpoint()
        return Pulse(
            revision=checkpoint.revision,
            data_up_to=checkpoint.data_up_to,
            newest_call=checkpoint.newest_call,
            checked_at=checkpoint.checked_at,
            computing=checkpoint.run % 2 == 1,
            last_error=checkpoint.last_error,
            ever_used=checkpoint.first_day is not None,
        )

    def question(self, wanted: Asked, pulse: Pulse, attempt: int = 0) -> Question:
        """What is asked, at this moment and revision."""
        now = self._now()
        span = resolve(wanted.preset, now, wanted.zone, wanted.custom)
        until = min(now, pulse.data_up_to or now)
        return Question(
            preset=wanted.preset,
            span=span,
            zone=wanted.zone,
            filters=wanted.filters,
            compares=wanted.compares,
            revision=pulse.revision,
            complete_until=until.replace(minute=until.minute // 30 * 30, second=0, microsecond=0),
            attempt=attempt,
        )

    def accounts(self) -> tuple[Choice, ...]:
        """The accounts seen, by name."""
        seen = {scope.account_id for scope in self._source.scopes()}
        return _choices((account, self.names.account(account)) for account in seen)

    def regions(self) -> tuple[Choice, ...]:
        """The Regions seen, by name."""
        seen = {scope.region for scope in self._source.scopes()}
        return _choices((region, self.names.region(region)) for region in seen)

    def metadata_keys(self) -> tuple[str, ...]:
        """The request metadata keys by which usage is kept."""
        return tuple(self._source.checkpoint().metadata_keys)

    def models(self, question: Question) -> tuple[Choice, ...]:
        """The models in use, dearest first."""
        keys = dict.fromkeys(row.key[0] for row in self.usage_by(question, "model").rows)
        return tuple(Choice(value=key, name=self.names.model(key)) for key in keys)

    def callers(self, question: Question) -> tuple[Choice, ...]:
        """The callers in use, dearest first."""
        names = dict.fromkeys(row.name for row in self.usage_by(question, "caller").rows)
        return tuple(Choice(value=name, name=name) for name in names)

    def overview(self, question: Question) -> Overview:
        """Totals, their course, what changed, what is unpriced and what needs attention."""
        checkpoint = self._source.checkpoint()

        def course() -> UsageTrend:
            return self.trend(question, "model", Measure.COST)

        def earlier() -> Baseline | None:
            return self._baseline(question, checkpoint)

        with starting_also(course, earlier):
            models = self._source.breakdown(usage_filter(question), MODEL)
            trend, baseline = course(), earlier()
        unpriced = self._unpriced(models)
        return Overview(
            total=models.total,
            trend=trend,
            baseline=baseline,
            unpriced=unpriced,
            findings=self._findings(question, checkpoint, models.total, unpriced, trend),
            ever_used=checkpoint.first_day is not None or bool(models.rows),
            compares=question.compares,
            notes=models.notes,
        )

    def _findings(
        self,
        question: Question,
        checkpoint: Checkpoint,
        total: UsageStats,
        unpriced: Sequence[UnpricedModel],
        trend: UsageTrend,
    ) -> tuple[Finding, ...]:
        now = self._now()
        late = is_late(freshness(checkpoint, now, self.settings.compute_interval), question.zone)
        found = findings(total, unpriced, self._parked(), checkpoint, self._price_list())
        return (*late, *found, *spike(trend))

    def usage_by(self, question: Question, dimension: str, *, histograms: bool = False) -> UsageRows:
        """Usage by the values of a dimension (`dashboard.dimensions`), dearest first; `histograms` where
        percentiles are shown.

        UnsupportedCombination where neither pages nor lake answer it under the question's filters.
        """
        return self._answers.of(
            ("usage_by", question, dimension, histograms),
            lambda: self._usage_by(question, dimension, histograms=histograms),
            is_kept=_is_final,
        )

    def _usage_by(self, question: Question, dimension: str, *, histograms: bool) -> UsageRows:
        found = self._source.breakdown(
            usage_filter(question), stored_dimension(dimension), histograms=histograms
        )
        rows = [self.names.row(found.key_columns, key, stats) for key, stats in found.rows.items()]
        rows.sort(key=lambda row: (row.stats.total_list_cost_usd, row.stats.invocations or 0), reverse=True)
        return UsageRows(rows=tuple(rows), total=found.total, notes=found.notes)

    def total(self, question: Question) -> UsageRows:
        """Usage of everything asked for."""
        found = self._source.breakdown(usage_filter(question), TOTAL)
        return UsageRows(rows=(), total=found.total, notes=found.notes)

    def trend(
        self,
        question: Question,
        dimension: str,
        measure: Measure,
        *,
        bucket: Bucket | None = None,
        models: frozenset[str] = frozenset(),
        callers: frozenset[str] = frozenset(),
    ) -> UsageTrend:
        """Usage over time by the greatest values of a dimension, the others summed as Other."""
        fitting = buckets_for(question.span)
        width = bucket if bucket in fitting else fitting[0]
        return self._answers.of(
            ("trend", question, dimension, measure, width, models, callers),
            lambda: self._trend(
                question, _narrowed(usage_filter(question), models, callers), width, dimension, measure
            ),
            is_kept=_is_final,
        )

    def _trend(
        self, question: Question, wanted: UsageFilter, width: Bucket, dimension: str, measure: Measure
    ) -> UsageTrend:
        found = self._source.trend(
            wanted, width, stored_dimension(dimension), greatest_series(dimension, measure)
        )
        series = self._series(found, dimension, measure)
        return UsageTrend(
            bucket=width,
            zone=question.zone,
            starts=found.starts,
            series=series,
            totals=_totals(series, len(found.starts)),
            incomplete_from=_incomplete_from(found, question),
            notes=found.notes,
        )

    def _series(self, found: Trend, dimension: str, measure: Measure) -> tuple[Series, ...]:
        nothing = UsageStats()
        by_name: dict[str, list[UsageStats]] = {}
        for index, rows in enumerate(found.rows):
            together: dict[str, list[UsageStats]] = {}
            for key, stats in rows.items():
                name = series_key(found.key_columns, key, dimension)
                together.setdefault(name, []).append(stats)
            for name, parts in together.items():
                values = by_name.setdefault(name, [nothing] * len(found.starts))
                # what the source answers is shared: a sum is an object of its own
                values[index] = parts[0] if len(parts) == 1 else _sum(parts)
        ranked = sorted(by_name, key=lambda name: (-_weight(by_name[name], measure), name))
        kept = [name for name in ranked if name != OTHER][:MOST_SERIES]
        rest = [name for name in ranked if name not in kept]
        if len(rest) == 1 and rest[0] != OTHER:
            kept, rest = ranked, []
        series = [self._one_series(dimension, name, by_name[name]) for name in kept]
        if rest:
            columns = zip(*(by_name[name] for name in rest), strict=True)
            series.append(Series(name="Other", colour_key=OTHER, values=tuple(_sum(row) for row in columns)))
        return tuple(series)

    def _one_series(self, dimension: str, key: str, values: Sequence[UsageStats]) -> Series:
        return Series(
            name=self.names.value(dimension, key),
            colour_key=key,
            values=tuple(values),
            filter_value=key if is_filter(dimension) and dimension != "caller" else "",
        )

    def _unpriced(self, models: Breakdown) -> tuple[UnpricedModel, ...]:
        found: dict[str, tuple[int, int]] = {}
        for key, stats in models.rows.items():
            if stats.unpriced_invocation_count:
                name = self.names.model(key[0])
                calls, tokens = found.get(name, (0, 0))
                found[name] = (
                    calls + stats.unpriced_invocation_count,
                    tokens + stats.unpriced_token_count,
                )
        ranked = sorted(found.items(), key=lambda item: (-item[1][1], item[0]))
        return tuple(
            UnpricedModel(name=name, invocations=calls, tokens=tokens) for name, (calls, tokens) in ranked
        )

    def _baseline(self, question: Question, checkpoint: Checkpoint) -> Baseline | None:
        comparison = question.comparison
        if comparison is None:
            return None

        def before() -> Breakdown:
            return self._source.breakdown(usage_filter(question, comparison.previous), MODEL)

        with starting_also(before):
            current = self._source.breakdown(usage_filter(question, comparison.current), MODEL)
            previous = before()
        return Baseline(
            comparison=comparison,
            current=current.total,
            previous=previous.total,
            coverage=_coverage(comparison.previous, checkpoint),
            movers=self._movers(current, previous),
        )

    def _movers(self, current: Breakdown, previous: Breakdown) -> tuple[Mover, ...]:
        nothing = UsageStats()
        movers = []
        for key in current.rows.keys() | previous.rows.keys():
            stats = current.rows.get(key, nothing)
            before = previous.rows.get(key, nothing).total_list_cost_usd
            row = self.names.row(current.key_columns, key, stats)
            movers.append(Mover(row=row, before=before, after=stats.total_list_cost_usd))
        movers = [mover for mover in movers if mover.change]
        movers.sort(key=lambda mover: (-abs(mover.change), mover.row.key))
        return tuple(movers[:MOST_MOVERS])


def usage_filter(question: Question, span: Span | None = None) -> UsageFilter:
    """The filter of a question, or of another span under the same conditions."""
    wanted, filters = span or question.span, question.filters
    return UsageFilter(
        start=wanted.start,
        end=wanted.end,
        zone=question.zone,
        accounts=filters.accounts,
        regions=filters.regions,
        models=filters.models,
        routes=filters.routes,
        callers=filters.callers,
        operations=filters.operations,
        metadata=filters.metadata,
    )


def _narrowed(wanted: UsageFilter, models: frozenset[str], callers: frozenset[str]) -> UsageFilter:
    """The filter with a panel's own model and caller in place of the page's."""
    return replace(wanted, models=models or wanted.models, callers=callers or wanted.callers)


def greatest_series(dimension: str, measure: Measure) -> TrendDetail:
    """What a chart of the greatest values needs: one value more than it draws, which may be drawn, too."""
    columns = answer_columns(stored_dimension(dimension))
    return TrendDetail(
        greatest=Greatest(
            most=MOST_SERIES + 1,
            group=lambda key: series_key(columns, key, dimension),
            weight=lambda stats: amount(measure, stats) or 0,
        ),
        histograms=False,
    )


def _choices(pairs: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
    ordered = sorted(pairs, key=lambda pair: (pair[1].casefold(), pair[0]))
    return tuple(Choice(value=value, name=name) for value, name in ordered)


def _sum(rows: Iterable[UsageStats]) -> UsageStats:
    total = UsageStats()
    for row in rows:
        total.merge(row)
    return total


def _totals(series: Sequence[Series], buckets: int) -> tuple[UsageStats, ...]:
    """The sum of all series in each bucket."""
    return tuple(_sum(each.values[index] for each in series) for index in range(buckets))


def _is_final(answer: UsageRows | UsageTrend) -> bool:
    """Whether an answer stays as it is at its revision: those that do not say so in a note."""
    return not answer.notes


def _weight(values: Iterable[UsageStats], measure: Measure) -> Decimal:
    return Decimal(sum(amount(measure, stats) or 0 for stats in values))


def _incomplete_from(found: Trend, question: Question) -> int:
    for index, start in enumerate(found.starts):
        if bucket_end(start, found.bucket, question.zone) > question.complete_until:
            return index
    return len(found.starts)


def _coverage(span: Span, checkpoint: Checkpoint) -> Coverage:
    if checkpoint.first_day is None or span.end <= day_start(checkpoint.first_day):
        return Coverage.NONE
    return Coverage.FULL if span.start >= day_start(checkpoint.first_day) else Coverage.PART
