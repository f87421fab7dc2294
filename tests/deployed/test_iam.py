"""The evaluator of IAM documents judges as AWS does, or refuses to judge."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.deployed.iam import Request, allowed, granted

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::logs/a/*"}
ASK = Request(action="s3:GetObject", resource="arn:aws:s3:::logs/a/b")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def test_what_nobody_allows_is_refused() -> None:
    assert not allowed([], ASK)
    assert allowed([document(READ)], ASK)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:PutObject", "arn:aws:s3:::logs/a/b"),
        ("s3:GetObject", "arn:aws:s3:::logs/b"),
        ("s3:GetObject", "arn:aws:s3:::logs/a"),
        ("s3:GetObjectAcl", "arn:aws:s3:::logs/a/b"),
    ],
)
def test_another_action_or_resource_is_refused(action: str, resource: str) -> None:
    assert not allowed([document(READ)], Request(action=action, resource=resource))


def test_a_denial_outweighs_any_permission() -> None:
    deny = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
    assert not allowed([document(READ), document(deny)], ASK)


@pytest.mark.parametrize(
    ("operator", "wanted", "given", "holds"),
    [
        ("StringEquals", "a", ["a"], True),
        ("StringEquals", "a", ["b"], False),
        ("StringEquals", "a", [], False),
        ("StringLike", "a*", ["abc"], True),
        ("ArnLike", "arn:aws:iam::*:role/x-*", ["arn:aws:iam::1:role/x-y"], True),
        ("ArnLike", "arn:aws:iam::*", ["arn:aws:iam::1:role/x"], False),
        ("ArnEquals", "arn:aws:iam::1:role/x", ["arn:aws:iam::1:role/xy"], False),
        ("Bool", "false", ["true"], False),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], True),
        ("ForAllValues:StringEquals", ["a"], ["a", "b"], False),
        ("ForAllValues:StringEquals", ["a"], [], True),
        ("Null", "false", [], False),
        ("Null", "false", ["a"], True),
        ("Null", "true", [], True),
    ],
)
def test_a_condition_holds_as_aws_says(
    operator: str, wanted: str | list[str], given: list[str], *, holds: bool
) -> None:
    context = {"key": given} if given else {}
    ask = Request(action=ASK.action, resource=ASK.resource, context=context)
    assert allowed([document({**READ, "Condition": {operator: {"key": wanted}}})], ask) is holds


def test_an_operator_that_is_not_known_is_not_judged() -> None:
    odd = {**READ, "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    with pytest.raises(KeyError, match="IpAddress"):
        allowed([document(odd)], ASK)


def test_an_element_that_is_not_known_is_not_judged() -> None:
    with pytest.raises(AssertionError, match="NotAction"):
        allowed([document({**READ, "NotAction": "s3:GetObject"})], ASK)


@pytest.mark.parametrize(
    ("principal", "asks", "trusted"),
    [
        ({"Service": "lambda.amazonaws.com"}, "lambda.amazonaws.com", True),
        ({"Service": "lambda.amazonaws.com"}, "events.amazonaws.com", False),
        ({"AWS": "arn:aws:iam::111111111111:root"}, "arn:aws:iam::111111111111:role/a", True),
        ({"AWS": "arn:aws:iam::111111111111:root"}, "arn:aws:iam::222222222222:role/a", False),
        ({"AWS": "arn:aws:iam::111111111111:role/a"}, "arn:aws:iam::111111111111:role/b", False),
        ({"AWS": "*"}, "arn:aws:iam::222222222222:role/a", True),
    ],
)
def test_a_role_is_trusted_to_whom_its_trust_names(
    principal: dict[str, str], asks: str, *, trusted: bool
) -> None:
    trust = document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
    ask = Request(action="sts:AssumeRole", resource="arn:aws:iam::111111111111:role/x", principal=asks)
    assert granted(trust, ask) is trusted
