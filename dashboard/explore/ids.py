"""Ids of the components of the page of people's own queries."""

from __future__ import annotations

from typing import Final

SQL: Final = "explore-sql"
RUN: Final = "explore-run"
CANCEL: Final = "explore-cancel"
TICKET: Final = "explore-ticket"
"""The query that was begun last: its ticket, and the page of rows that follows."""
POLL: Final = "explore-poll"
STATUS: Final = "explore-status"
BUDGET: Final = "explore-budget"
GRID: Final = "explore-grid"
RESULT: Final = "explore-result"
MORE: Final = "explore-more"
CSV: Final = "explore-csv"
DOWNLOAD: Final = "explore-download"
