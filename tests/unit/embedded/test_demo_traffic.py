"""Simulated traffic in a folder: what a restart, a crash or another seed does to it."""

from __future__ import annotations

import gzip
import hashlib
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bedrock_analytics.domain.errors import ConfigurationError, DataDirectoryError
from bedrock_analytics.domain.log_key import ObjectKind, read_key
from bedrock_analytics.embedded.demo_traffic import DemoTraffic

NOW = datetime(2026, 11, 24, 3, 10, tzinfo=UTC)


def resume(folder: Path, now: datetime = NOW, seed: int | None = 7, days: int | None = 1) -> DemoTraffic:
    return DemoTraffic.resume(folder / "logs", folder / "simulation.json", seed=seed, days=days, now=now)


def write_all(traffic: DemoTraffic, now: datetime = NOW) -> int:
    return traffic.write_until(now, lambda: False, lambda _: None)


def content(folder: Path) -> dict[str, tuple[str, int]]:
    """Digest and time of change of each file, by its path."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted((folder / "logs").rglob("*"))
        if path.is_file()
    }


def test_the_past_begins_whole_days_before_today(tmp_path: Path) -> None:
    traffic = resume(tmp_path, days=3)

    assert traffic.simulation.start == datetime(2026, 11, 21, tzinfo=UTC)
    assert resume(tmp_path, days=None).simulation.start == datetime(2026, 10, 20, tzinfo=UTC)


def test_objects_lie_where_bedrock_puts_them_under_the_time_of_their_delivery(tmp_path: Path) -> None:
    assert write_all(resume(tmp_path)) == len(content(tmp_path)) > 100

    for name, (_, changed_ns) in content(tmp_path).items():
        key = read_key(name)
        if key.kind is ObjectKind.RECORDS:
            assert key.stamped_at is not None
            assert abs(key.stamped_at.timestamp() - changed_ns / 1e9) < 0.002


def test_a_restart_writes_only_what_was_delivered_since(tmp_path: Path) -> None:
    write_all(resume(tmp_path))
    before = content(tmp_path)
    later = NOW + timedelta(minutes=20)

    write_all(resume(tmp_path, now=later, days=None, seed=None), later)

    after = content(tmp_path)
    assert before.items() < after.items()
    assert write_all(resume(tmp_path, now=later), later) == 0


def test_a_crash_in_the_middle_leaves_nothing_behind_once_it_is_written_again(
    tmp_path: Path,
) -> None:
    clean, crashed = tmp_path / "clean", tmp_path / "crashed"
    write_all(resume(clean))
    steps = iter([False] * 50)
    assert resume(crashed).write_until(NOW, lambda: next(steps, True), lambda _: None) == 50
    assert 0 < len(content(crashed)) < len(content(clean))

    write_all(resume(crashed))

    assert content(crashed) == content(clean)


def request_ids(folder: Path) -> set[bytes]:
    """Every request id in the records below a folder."""
    found: set[bytes] = set()
    for path in (folder / "logs").rglob("*.json.gz"):
        if "data" not in path.parts:
            found |= set(re.findall(rb'"requestId":"([^"]+)"', gzip.decompress(path.read_bytes())))
    return found


def test_the_same_calls_are_delivered_wherever_the_runs_are_cut(tmp_path: Path) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    write_all(resume(whole))
    for moment in (NOW - timedelta(hours=7, minutes=13), NOW - timedelta(minutes=30), NOW):
        write_all(resume(cut), moment)

    assert request_ids(cut) == request_ids(whole)
    assert len(request_ids(whole)) > 1_000


def test_another_seed_than_the_folders_is_refused(tmp_path: Path) -> None:
    write_all(resume(tmp_path))

    with pytest.raises(ConfigurationError, match="seed 7: leave out --seed"):
        resume(tmp_path, seed=8)
    assert resume(tmp_path, seed=None).simulation.seed == 7


def test_the_gap_is_what_has_not_been_written(tmp_path: Path) -> None:
    traffic = resume(tmp_path, days=2)
    assert traffic.gap(NOW) == timedelta(days=2, hours=3, minutes=10)
    moments: list[datetime] = []

    traffic.write_until(NOW, lambda: False, moments.append)

    assert traffic.gap(NOW) == timedelta(0)
    assert traffic.simulation.start <= moments[0] <= moments[-1] < NOW
    assert moments == sorted(moments)


def test_a_damaged_state_is_named(tmp_path: Path) -> None:
    (tmp_path / "simulation.json").write_text("{}")

    with pytest.raises(DataDirectoryError, match=r"simulation\.json cannot be read"):
        resume(tmp_path)
