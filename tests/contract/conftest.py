"""Every lake in turn, empty."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.lakes import LAKES, LoadedLake


@pytest.fixture(params=sorted(LAKES))
def loaded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LoadedLake]:
    found = LAKES[request.param](tmp_path)
    yield found
    found.close()
