from __future__ import annotations

import re
from collections import Counter
from random import Random

import pytest

from bedrock_analytics.embedded.simulator.streams import hexadecimal, poisson, request_id, stream
from tests.unit.embedded.simulator.spans import MONDAY, SEED


def test_a_stream_depends_on_seed_moment_and_name() -> None:
    first = stream(SEED, MONDAY, "calls").random()

    assert stream(SEED, MONDAY, "calls").random() == first
    assert stream(SEED + 1, MONDAY, "calls").random() != first
    assert stream(SEED, MONDAY.replace(minute=1), "calls").random() != first
    assert stream(SEED, MONDAY, "faults").random() != first


def test_digits_are_sixteen_as_in_the_names_of_log_objects() -> None:
    assert re.fullmatch(r"[0-9a-f]{16}", hexadecimal(SEED, MONDAY, "object"))


def test_request_ids_are_random_uuids() -> None:
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}", request_id(Random(1))
    )


@pytest.mark.parametrize("mean", [0.0, 0.4, 3.0, 40.0])
def test_poisson_numbers_have_their_mean_and_variance(mean: float) -> None:
    rng = Random(1)
    numbers = Counter(poisson(rng, mean) for _ in range(20_000))
    average = sum(number * times for number, times in numbers.items()) / 20_000
    variance = sum((number - average) ** 2 * times for number, times in numbers.items()) / 20_000

    assert average == pytest.approx(mean, rel=0.05, abs=0.001)
    assert variance == pytest.approx(mean, rel=0.08, abs=0.001)
