"""What an embedded deployment tells of its health: its writer's status, and the size of its lake."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bedrock_analytics.domain.errors import MetricsUnavailable
from bedrock_analytics.embedded.iceberg_catalog import metadata_location
from bedrock_analytics.embedded.pipeline_status import read_status
from bedrock_analytics.reporting.pipeline_health import RunnerHealth
from bedrock_analytics.storage.lake_size import LakeSize, size_of

if TYPE_CHECKING:
    from bedrock_analytics.embedded.data_directory import DataDirectory
    from bedrock_analytics.storage.pipeline_metrics import PlaceReading


class EmbeddedProbes:
    """`HealthProbes` of a data directory."""

    def __init__(self, directory: DataDirectory) -> None:
        self._directory = directory

    def lake_size(self) -> LakeSize | None:
        location = metadata_location(self._directory.lake)
        if location is None:
            return None
        try:
            return size_of(Path(location).read_bytes())
        except OSError as error:
            raise MetricsUnavailable(f"the lake's metadata cannot be read: {error}") from error

    def places(self) -> tuple[PlaceReading, ...]:
        return ()

    def runner(self) -> RunnerHealth | None:
        status = read_status(self._directory.status_file)
        if status is None:
            return None
        totals = status.totals
        return RunnerHealth(
            stage=status.stage.value,
            is_alive=_is_running(status.pid),
            updated_at=status.updated_at,
            objects=totals.objects,
            lines=totals.lines,
            events=totals.events,
            rejections=totals.rejections,
            skipped=totals.skipped,
            retrying=totals.retrying,
            failed=totals.failed,
            faults=status.faults,
            last_error=status.last_error,
        )


def _is_running(pid: int) -> bool:
    """Whether a process of that id lives; it may be another one, after a restart of the machine."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
