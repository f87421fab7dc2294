"""IAM documents as plain data: statements, trust policies and resource policies.

A statement names its actions one by one. A resource is `*` only where IAM knows no narrower one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

Statement: TypeAlias = dict[str, Any]
Document: TypeAlias = dict[str, Any]
Conditions: TypeAlias = Mapping[str, Mapping[str, str | Sequence[str]]]

VERSION: Final = "2012-10-17"
ANY_RESOURCE: Final = "*"


def document(*statements: Statement) -> Document:
    """A policy of these statements."""
    return {"Version": VERSION, "Statement": list(statements)}


def as_json(policy: Document) -> str:
    """The policy as text, the same for the same policy."""
    return json.dumps(policy, sort_keys=True)


def allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], conditions: Conditions | None = None
) -> Statement:
    """A statement that grants actions on resources, in an order of its own so that plans never differ."""
    statement: Statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Action": sorted(actions),
        "Resource": sorted(resources),
    }
    if conditions:
        statement["Condition"] = {operator: dict(pairs) for operator, pairs in conditions.items()}
    return statement


def allow_service(service: str, sid: str, action: str, resource: str, conditions: Conditions) -> Statement:
    """A statement of a resource's own policy: what an AWS service may do, and on whose behalf."""
    return allow(sid, [action], [resource], conditions) | {"Principal": {"Service": service}}


def deny_plain_text(actions: str, resources: Sequence[str]) -> Statement:
    """A statement of a resource's own policy that refuses whatever comes without TLS."""
    return {
        "Sid": "DenyPlainText",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": actions,
        "Resource": list(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def service_trust(service: str, account: str, source_arn: str | None = None) -> Document:
    """Trust of a role that an AWS service assumes for this account, and for nobody else's resources."""
    conditions: dict[str, Mapping[str, str]] = {"StringEquals": {"aws:SourceAccount": account}}
    if source_arn is not None:
        conditions["ArnLike"] = {"aws:SourceArn": source_arn}
    return _trust({"Service": service}, conditions)


def lambda_trust() -> Document:
    """Trust of a function's role. Lambda passes no source when it assumes the role of a new function."""
    return _trust({"Service": "lambda.amazonaws.com"}, None)


def account_trust(partition: str, account: str) -> Document:
    """Trust of a role that people of the account assume, whom their own policies let do it."""
    return _trust({"AWS": f"arn:{partition}:iam::{account}:root"}, None)


def _trust(principal: Mapping[str, str], conditions: Conditions | None) -> Document:
    statement: Statement = {"Effect": "Allow", "Principal": dict(principal), "Action": "sts:AssumeRole"}
    if conditions:
        statement["Condition"] = {operator: dict(pairs) for operator, pairs in conditions.items()}
    return document(statement)
