"""Ids of the components of the page of the pipeline's health."""

from __future__ import annotations

from typing import Final

BEAT: Final = "pipeline-beat"
TIMER: Final = "pipeline-timer"
"""Hidden: changes once a minute while the page is looked at."""
HEALTH: Final = "pipeline-health"
TILES: Final = "pipeline-tiles"
PLACES: Final = "pipeline-places"
JOBS: Final = "pipeline-jobs"
PERIODS: Final = "pipeline-periods"
PARTS: Final = "pipeline-parts"
NOTES: Final = "pipeline-notes"
