"""docs/data-model.md says what the code does."""

from __future__ import annotations

import re

import pytest

from bedrock_analytics.domain.dimensions import ALL, dimensions_of, scope_of
from bedrock_analytics.domain.usage_event import COLUMN_NAMES
from bedrock_analytics.domain.usage_stats import COUNT_MAPS, MONEY_MAPS
from bedrock_analytics.storage import page_codec, usage_table
from bedrock_analytics.storage.usage_pages import Granularity
from scripts.lake_columns import DOCUMENT, columns_table, with_columns

TEXT = DOCUMENT.read_text("utf-8")


def test_the_table_of_columns_is_up_to_date() -> None:
    assert with_columns(TEXT) == TEXT, "run `python -m scripts.lake_columns`"
    assert re.findall(r"^\| \d+ \| `(\w+)`", columns_table(), re.MULTILINE) == list(COLUMN_NAMES)


def test_a_document_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="lacks the marks"):
        with_columns("# Data model\n")


@pytest.mark.parametrize(
    "word",
    [
        *(f"`{granularity.value}`" for granularity in Granularity),
        *(f"`{dimension}`" for dimension in dimensions_of(ALL, ())),
        *(f"`{dimension}`" for dimension in dimensions_of(scope_of("1", "r"), ())),
        *(f"`{name}`" for name in (*COUNT_MAPS, *MONEY_MAPS)),
        *(f"`{field}`" for field in page_codec.Document.__struct_fields__),
        f"`{usage_table.CHECKPOINT}`",
        f"`{usage_table.LEASE}`",
        f"`{usage_table.ARRIVALS}`",
        f"`{usage_table.SCOPES}`",
    ],
)
def test_everything_that_is_stored_is_named(word: str) -> None:
    assert word in TEXT
