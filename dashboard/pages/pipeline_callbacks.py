"""What the page of the pipeline's health answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import ClientsideFunction, Dash, Input, Output

from bedrock_analytics.reporting.pipeline_health import PipelineHealth, PipelineHealthReader
from dashboard.names import Names
from dashboard.pages.panels import PanelQuestion, Parts, answer_parts
from dashboard.pipeline import ids
from dashboard.pipeline.parts import lines, parts_of_places, periods, places, tile_row
from dashboard.pipeline.texts import job_lines, tiles
from dashboard.services import Services
from dashboard.widgets.panels import notes

_OUTPUTS = (
    (ids.TILES, "children"),
    (ids.PLACES, "children"),
    (ids.JOBS, "children"),
    (ids.PERIODS, "children"),
    (ids.PARTS, "children"),
    (ids.NOTES, "children"),
)


def register(app: Dash, services: Services, reader: PipelineHealthReader) -> None:
    """Register the page's callbacks with an app."""
    app.clientside_callback(
        ClientsideFunction("pipeline", "beat"), Output(ids.BEAT, "value"), Input(ids.TIMER, "n_intervals")
    )

    def load(asked: PanelQuestion) -> Sequence[Any]:
        """The health as it is now."""
        return health_view(reader.read(), datetime.now(UTC), services.queries.names, asked.question.zone)

    answer_parts(app, services, Parts(name=ids.HEALTH, outputs=_OUTPUTS, load=load, controls=(ids.BEAT,)))


def health_view(health: PipelineHealth, now: datetime, names: Names, zone: ZoneInfo) -> list[Any]:
    """The page's parts."""
    return [
        tile_row(tiles(health, now, zone)),
        places(health, names, zone),
        lines(job_lines(health, zone)),
        periods(health),
        parts_of_places(health.places, names),
        notes(health.notes),
    ]
