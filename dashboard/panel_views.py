"""What a panel shows, before it is told to the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dash.development.base_component import Component

from dashboard.widgets.legend import Entry

Row = Mapping[str, Any]
"""A row of a table by column: exact values (text, Decimal, int, None), and `<column>_text` as it is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table: columns of ag-grid, rows, and the rows of its foot."""

    columns: Sequence[Mapping[str, Any]]
    rows: Sequence[Row]
    totals: Sequence[Row] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelView:
    """A chart with its legend, a table, or nothing that fits; `notes` are footnotes.

    `extra` are the values of the panel's further outputs; without them these stay.
    """

    figure: Mapping[str, Any] | None = None
    legend: Sequence[Entry] = ()
    is_legend_beside: bool = False
    table: Table | None = None
    notes: Sequence[str] = ()
    extra: Sequence[Any] = ()
    told: Component | None = None
    """What is said where there is neither chart nor table; None says that no usage matches."""

    @classmethod
    def of_figure(
        cls,
        figure: Mapping[str, Any],
        legend: Sequence[Entry] = (),
        notes: Sequence[str] = (),
        *,
        beside: bool = False,
        extra: Sequence[Any] = (),
    ) -> PanelView:
        """A chart; its legend above it or beside it."""
        return cls(figure=figure, legend=legend, is_legend_beside=beside, notes=notes, extra=extra)

    @classmethod
    def of_table(cls, table: Table, notes: Sequence[str] = (), *, extra: Sequence[Any] = ()) -> PanelView:
        """A table."""
        return cls(table=table, notes=notes, extra=extra)

    @classmethod
    def nothing(cls, notes: Sequence[str] = (), *, extra: Sequence[Any] = ()) -> PanelView:
        """No usage matches."""
        return cls(notes=notes, extra=extra)

    @classmethod
    def of_words(cls, told: Component, notes: Sequence[str] = (), *, extra: Sequence[Any] = ()) -> PanelView:
        """Words in the place of chart and table."""
        return cls(told=told, notes=notes, extra=extra)


def sent_rows(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Rows as the browser takes them: exact decimals become plain numbers, by which a grid sorts."""
    return [
        {name: float(value) if isinstance(value, Decimal) else value for name, value in row.items()}
        for row in rows
    ]
