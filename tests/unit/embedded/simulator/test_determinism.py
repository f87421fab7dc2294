from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import datetime, timedelta

from bedrock_analytics.embedded.simulator import objects_between, objects_of_hour
from tests.unit.embedded.simulator.spans import MONDAY, SEED

_PROGRAM = """
import sys
from datetime import datetime
from tests.unit.embedded.simulator.test_determinism import digest
print(digest(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2])))
"""


def digest(seed: int, start: datetime) -> str:
    """A hash of names and bytes of all objects of two hours."""
    total = hashlib.sha256()
    for item in objects_between(seed, start, start + timedelta(hours=2)):
        total.update(item.key.encode() + item.written_at.isoformat().encode() + item.body)
    return total.hexdigest()


def _digest_in_another_process(hash_seed: str, zone: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": zone}
    arguments = [sys.executable, "-c", _PROGRAM, str(SEED), MONDAY.isoformat()]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_objects_are_the_same_bytes_in_any_process_hash_seed_and_zone() -> None:
    here = digest(SEED, MONDAY)

    assert _digest_in_another_process("1", "Asia/Kolkata") == here
    assert _digest_in_another_process("2", "America/New_York") == here


def test_hours_may_be_made_in_any_order() -> None:
    hours = [MONDAY + timedelta(hours=number) for number in range(4)]
    forwards = {hour: list(objects_of_hour(SEED, hour)) for hour in hours}
    backwards = {hour: list(objects_of_hour(SEED, hour)) for hour in reversed(hours)}

    assert forwards == backwards


def test_another_seed_gives_other_objects() -> None:
    assert digest(SEED, MONDAY) != digest(SEED + 1, MONDAY)
