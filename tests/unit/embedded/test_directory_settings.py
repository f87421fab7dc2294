"""What a data directory remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import DataDirectoryError
from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.directory_settings import DirectorySettings, load_settings, save_settings


def test_settings_are_read_as_they_were_saved(tmp_path: Path) -> None:
    directory = DataDirectory.create(tmp_path / "data")
    assert load_settings(directory) == DirectorySettings()
    settings = DirectorySettings(
        metadata_keys=("team",), account_names={"111122223333": "Ünit"}, log_source="/logs"
    )

    save_settings(directory, settings)

    assert load_settings(DataDirectory.open(directory.path)) == settings


def test_damaged_settings_are_named(tmp_path: Path) -> None:
    directory = DataDirectory.create(tmp_path / "data")
    directory.settings_file.write_text('{"metadata_keys": 3}')

    with pytest.raises(DataDirectoryError, match=r"settings\.json cannot be read"):
        load_settings(directory)
