from __future__ import annotations

from datetime import timedelta

import pytest

from bedrock_analytics.domain.price_subject import may_mean
from bedrock_analytics.jobs.affected_hours import MOST_NAMES, AffectedHours
from bedrock_analytics.storage.price_meta import RepriceRequest
from tests.exactly_once.events import call
from tests.exactly_once.world import START
from tests.fakes.memory_lake import MemoryLake

SONNET = "anthropic.claude-sonnet-4-5-20250929-v1:0"
ARN = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/a"
HOUR = timedelta(hours=1)


def request(model_id: str | None = SONNET, **fields: object) -> RepriceRequest:
    wanted = {"start": START - 9 * HOUR, "end": None, "reason": "price entered", "id": "r"} | fields
    return RepriceRequest(model_id=model_id, **wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "means"),
    [
        (SONNET, True),
        (f"us.{SONNET}", True),
        ("global.anthropic.claude-sonnet-4-5", True),
        ("anthropic.claude-sonnet-4-5-20250929", True),
        ("claude-sonnet-4-5-20250929", True),
        ("claude-sonnet-4-5", True),
        ("claude-sonnet-4-5-v1:0", True),
        (f"arn:aws:bedrock:us-east-1:1:inference-profile/eu.{SONNET}", True),
        ("anthropic.claude-sonnet-4-5-20260101-v1:0", False),
        ("claude-sonnet-4", False),
        ("claude-haiku-4-5", False),
        (ARN, False),
    ],
)
def test_a_model_goes_by_its_id_by_shorter_spellings_and_by_profiles_of_it(name: str, means: bool) -> None:
    assert may_mean(name, SONNET) is means


def test_an_arn_is_meant_by_itself_alone() -> None:
    assert may_mean(ARN, ARN)
    assert not may_mean(f"{ARN}b", ARN)


def test_hours_are_found_through_learnt_profiles() -> None:
    lake = MemoryLake()
    lake.append([call(1, inference_profile_arn=ARN, model_id=ARN), call(2, START - HOUR, model_id="other")])
    wanted = request()
    for profiles, hours in (({ARN: f"us.{SONNET}"}, [START]), ({ARN: "other"}, []), ({}, [])):
        affected = AffectedHours(lake, [wanted], START, lambda known=profiles: known)  # type: ignore[misc]
        assert affected.of(wanted) == hours


def test_the_span_of_a_request_decides_from_its_first_hour_on_to_its_end() -> None:
    lake = MemoryLake()
    lake.append(call(number, START + number * HOUR, model_id=SONNET) for number in range(-4, 1))
    wanted = request(start=START - 3 * HOUR + timedelta(minutes=59), end=START - HOUR)
    future = request(start=START + 48 * HOUR)
    affected = AffectedHours(lake, [wanted, future], START, dict)
    assert affected.of(wanted) == [START - 3 * HOUR, START - 2 * HOUR]
    assert affected.of(future) == ()


def test_requests_for_every_model_ask_for_no_names() -> None:
    lake = MemoryLake()
    lake.append([call(1)])
    everything = request(None)
    affected = AffectedHours(lake, [everything, request(None, id="b")], START, dict)
    assert lake.queries == 0
    assert affected.of(everything) == [START]


def test_a_model_of_very_many_names_is_looked_for_in_every_hour() -> None:
    lake = MemoryLake()
    arns = [f"{ARN}{number}" for number in range(MOST_NAMES + 1)]
    lake.append(call(number, model_id=arn, logged_model_id=arn) for number, arn in enumerate(arns))
    lake.append([call(999, START - HOUR, model_id="other")])
    wanted = request()
    many = AffectedHours(lake, [wanted], START, lambda: dict.fromkeys(arns, SONNET))
    fewer = AffectedHours(lake, [wanted], START, lambda: dict.fromkeys(arns[1:], SONNET))
    assert (many.of(wanted), fewer.of(wanted)) == ([START - HOUR, START], [START])


def test_requests_of_one_span_and_account_are_one_question() -> None:
    lake = MemoryLake()
    lake.append([call(1, model_id="a"), call(2, START - HOUR, model_id="b"), call(3, START - 2 * HOUR)])
    asked = [request("a"), request("b", id="s"), request("b", id="t", account_id="111122223333")]
    affected = AffectedHours(lake, asked, START, dict)
    assert lake.queries == 1
    found = [affected.of(one) for one in asked]
    assert found == [[START - HOUR, START], [START - HOUR, START], [START - HOUR]]
    assert lake.queries == 3


def test_a_span_of_no_hour_is_no_question() -> None:
    lake = MemoryLake()
    lake.append([call(1, model_id=SONNET)])
    nothing = [request(end=START - 9 * HOUR), request(None, id="b", end=START - 9 * HOUR)]
    affected = AffectedHours(lake, nothing, START, dict)
    assert [affected.of(one) for one in nothing] == [(), ()]
    assert lake.queries == 0


def test_a_request_for_every_model_is_not_narrowed_by_one_for_a_model_of_the_same_span() -> None:
    lake = MemoryLake()
    lake.append([call(1, model_id=SONNET), call(2, START - HOUR, model_id="other")])
    asked = [request(), request(None, id="b")]
    affected = AffectedHours(lake, asked, START, dict)
    assert [affected.of(one) for one in asked] == [[START], [START - HOUR, START]]


def test_two_hundred_names_fit_a_query() -> None:
    assert MOST_NAMES == 200
