"""Format, lock and whole-file writes of a data directory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import DataDirectoryBusy, DataDirectoryError
from bedrock_analytics.embedded.data_directory import DataDirectory, WriterLock, replace_text


def test_a_new_directory_is_made_and_can_be_opened_again(tmp_path: Path) -> None:
    made = DataDirectory.create(tmp_path / "a" / "b")

    assert DataDirectory.open(made.path).path == made.path
    assert DataDirectory.create(made.path).path == made.path


def test_reading_makes_no_directory(tmp_path: Path) -> None:
    with pytest.raises(DataDirectoryError, match=r"does not exist; `bedrock-analytics demo`"):
        DataDirectory.open(tmp_path / "absent")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_other_files_is_not_taken_for_a_data_directory(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")

    with pytest.raises(DataDirectoryError, match="holds other files"):
        DataDirectory.create(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_no_data_directory(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")

    with pytest.raises(DataDirectoryError, match="cannot be made a data directory"):
        DataDirectory.create(file)


def test_a_directory_of_another_format_is_refused_by_both_numbers(tmp_path: Path) -> None:
    (tmp_path / "format.json").write_text('{"format": 99}')

    with pytest.raises(DataDirectoryError, match="has format 99, this version reads format 1"):
        DataDirectory.open(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", "not json"])
def test_a_damaged_format_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "format.json").write_text(text)

    with pytest.raises(DataDirectoryError, match=r"format\.json cannot be read"):
        DataDirectory.open(tmp_path)


def test_a_second_writer_is_refused_by_the_first_ones_process_id(tmp_path: Path) -> None:
    directory = DataDirectory.create(tmp_path / "data")

    with WriterLock(directory), pytest.raises(DataDirectoryBusy, match=f"process {os.getpid()} is writing"):
        WriterLock(directory)


def test_the_lock_is_free_again_once_released(tmp_path: Path) -> None:
    directory = DataDirectory.create(tmp_path / "data")
    WriterLock(directory).release()

    with WriterLock(directory) as lock:
        assert lock.descriptor > 2


def test_a_child_that_inherits_the_descriptor_keeps_the_lock(tmp_path: Path) -> None:
    directory = DataDirectory.create(tmp_path / "data")
    lock = WriterLock(directory)
    child = subprocess.Popen(
        [sys.executable, "-c", "import sys; sys.stdin.read()"],
        stdin=subprocess.PIPE,
        pass_fds=[lock.descriptor],
    )
    lock.release()

    with pytest.raises(DataDirectoryBusy):
        WriterLock(directory)
    child.communicate()
    WriterLock(directory).release()


def test_a_file_is_replaced_as_a_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    path = tmp_path / "status.json"

    replace_text(path, "old")
    replace_text(path, "new")

    assert path.read_text() == "new"
    assert [found.name for found in tmp_path.iterdir()] == ["status.json"]
