"""Which files a watched folder shows, and when again."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import LogObjectError
from bedrock_analytics.embedded.folder_watch import FULL_LISTING, FolderWatch

OLD = datetime(2026, 11, 1, tzinfo=UTC).timestamp()


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, tzinfo=UTC).timestamp()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def write(path: Path, text: str = "{}", moment: float = OLD) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    os.utime(path, (moment, moment))


def age(folder: Path, moment: float = OLD) -> None:
    """Let a folder look unchanged since long."""
    os.utime(folder, (moment, moment))


def look(watch: FolderWatch) -> list[str]:
    return sorted(found.key for found in watch.look())


def test_files_at_every_depth_are_found_with_size_and_time(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "a.json", "{}")
    write(tmp_path / "x" / "y" / "b.json.gz", "12345")

    found = {item.key: item for item in FolderWatch(tmp_path, clock=clock).look()}

    assert sorted(found) == ["a.json", "x/y/b.json.gz"]
    assert found["x/y/b.json.gz"].size == 5
    assert found["x/y/b.json.gz"].modified_at == datetime.fromtimestamp(OLD, UTC)
    assert found["x/y/b.json.gz"].source == str(tmp_path / "x" / "y" / "b.json.gz")


def test_what_holds_no_records_is_left_out(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "2026" / "11" / "01" / "10" / "data" / "r_input.json.gz")
    write(tmp_path / "amazon-bedrock-logs-permission-check")
    write(tmp_path / "notes.txt")
    write(tmp_path / ".hidden" / "a.json")
    write(tmp_path / ".b.json")
    write(tmp_path / "own" / "lake" / "metadata.json")

    assert look(FolderWatch(tmp_path, excluded=tmp_path / "own", clock=clock)) == []


def test_only_folders_that_changed_are_shown_again(tmp_path: Path, clock: Clock) -> None:
    for name in ("one", "two"):
        write(tmp_path / name / "a.json")
        age(tmp_path / name)
    age(tmp_path)
    watch = FolderWatch(tmp_path, clock=clock)
    assert look(watch) == ["one/a.json", "two/a.json"]
    assert look(watch) == []

    write(tmp_path / "two" / "b.json")

    assert look(watch) == ["two/a.json", "two/b.json"]


def test_a_folder_that_changed_a_moment_ago_is_listed_again(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "a.json")
    age(tmp_path, clock.now - 1)
    watch = FolderWatch(tmp_path, clock=clock)

    assert look(watch) == ["a.json"]
    assert look(watch) == ["a.json"]


def test_a_new_folder_is_found(tmp_path: Path, clock: Clock) -> None:
    age(tmp_path)
    watch = FolderWatch(tmp_path, clock=clock)
    assert look(watch) == []

    write(tmp_path / "new" / "a.json")

    assert look(watch) == ["new/a.json"]


def test_a_file_that_grows_in_place_is_found_by_the_full_listing(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "a.json")
    age(tmp_path)
    watch = FolderWatch(tmp_path, clock=clock)
    look(watch)
    write(tmp_path / "a.json", "{}{}")
    age(tmp_path)
    assert look(watch) == []

    clock.now += FULL_LISTING.total_seconds()

    assert [item.size for item in watch.look()] == [4]


def test_a_file_still_being_written_waits(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "a.json", moment=clock.now - 1)
    age(tmp_path)
    watch = FolderWatch(tmp_path, settle=timedelta(seconds=2), clock=clock)
    assert look(watch) == []

    clock.now += 2

    assert look(watch) == ["a.json"]


def test_a_folder_can_be_asked_for_again(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "x" / "a.json")
    for folder in (tmp_path / "x", tmp_path):
        age(folder)
    watch = FolderWatch(tmp_path, clock=clock)
    (found,) = watch.look()

    watch.look_again_at(found.source)

    assert look(watch) == ["x/a.json"]


def test_links_that_lead_upwards_end(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "x" / "a.json")
    (tmp_path / "x" / "loop").symlink_to(tmp_path)

    assert look(FolderWatch(tmp_path, clock=clock)) == ["x/a.json"]


def test_a_removed_folder_is_forgotten(tmp_path: Path, clock: Clock) -> None:
    write(tmp_path / "x" / "a.json")
    for folder in (tmp_path / "x", tmp_path):
        age(folder)
    watch = FolderWatch(tmp_path, clock=clock)
    look(watch)
    (tmp_path / "x" / "a.json").unlink()
    (tmp_path / "x").rmdir()
    age(tmp_path)

    assert look(watch) == []


def test_a_missing_root_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(LogObjectError, match="no such folder"):
        FolderWatch(tmp_path / "absent").look()


def test_after_a_failed_look_everything_is_shown_again(tmp_path: Path, clock: Clock) -> None:
    root, away = tmp_path / "root", tmp_path / "away"
    write(root / "a.json")
    age(root)
    watch = FolderWatch(root, clock=clock)
    assert look(watch) == ["a.json"]
    root.rename(away)
    with pytest.raises(LogObjectError):
        watch.look()
    away.rename(root)

    assert look(watch) == ["a.json"]
