"""Questions of one moment read the checkpoint once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

from bedrock_analytics.domain.dimensions import CALLER, MODEL
from bedrock_analytics.reporting.moments import checkpoint_of, one_moment
from bedrock_analytics.reporting.usage_filter import Bucket
from bedrock_analytics.reporting.usage_reader import UsageReader
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import Checkpoint, UsageTable
from tests.unit.reporting.test_usage_reader import MIXED, NOW, between
from tests.unit.reporting.written_usage import WrittenUsage


class CountedTable(UsageTable):
    """A table that counts how often its checkpoint is read."""

    reads = 0

    def checkpoint(self) -> Checkpoint:
        self.reads += 1
        return super().checkpoint()


def counted() -> tuple[WrittenUsage, CountedTable, UsageReader]:
    usage = WrittenUsage(now=NOW, closed_through=date(2026, 11, 23), retention=Retention())
    usage.write(MIXED)
    table = CountedTable(usage.memory, Retention())
    return usage, table, UsageReader(table, lambda: NOW, pause=lambda _: None)


def test_questions_of_one_moment_whose_pages_are_there_read_the_checkpoint_once() -> None:
    _, table, reader = counted()
    wanted = between("2026-11-20", "2026-11-25")
    before = [reader.breakdown(wanted, MODEL), reader.breakdown(wanted, CALLER)]
    table.reads = 0
    with one_moment():
        assert [reader.breakdown(wanted, MODEL), reader.breakdown(wanted, CALLER)] == before
        reader.trend(wanted, Bucket.DAY, MODEL)
        assert reader.checkpoint().revision == before[0].revision
    assert table.reads == 1


def test_a_moment_that_others_have_overtaken_is_given_up() -> None:
    usage, table, reader = counted()
    wanted = between("2026-11-20", "2026-11-25")
    with one_moment(), ThreadPoolExecutor(1) as elsewhere:
        held = checkpoint_of(table)
        usage.write([MIXED[-1]])
        newer = elsewhere.submit(reader.breakdown, wanted, MODEL).result(20)
        table.reads = 0
        assert reader.breakdown(wanted, MODEL) == newer
    assert newer.revision == held.revision + 1
    assert newer.total.invocations == len(MIXED) + 1
    assert table.reads == 1


def test_without_a_moment_each_question_reads_it_anew() -> None:
    usage, table, _ = counted()
    first = checkpoint_of(table)
    usage.write([MIXED[-1]])
    assert checkpoint_of(table).revision == first.revision + 1
