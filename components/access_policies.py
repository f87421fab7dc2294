"""Who else may use a deployment, and how: spokes, the hub's dashboard, people. Pure IAM documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from components.iam_documents import ANY_RESOURCE, Document, Statement, allow, document
from components.naming import FunctionName, HubNames, SpokeNames, any_spokes_role_arn
from components.policies import query_lake

METRICS_READER: Final = "metrics-reader"
SHARED_PARTITIONS: Final = ("SCANS#*", "BILLED")
"""Partitions of the price table where whoever looks counts what queries read, and keeps what is billed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Who may put a spoke's calls on the stream."""

    external_id: str
    spoke: SpokeNames | None = None
    """One spoke, or with None all of an organization's."""
    organization_id: str | None = None


def writer_trust(hub: HubNames, writer: Writer) -> Document:
    """Trust of SpokeWriteRole: the forwarder's role of a spoke, only with its external id, and nobody else.

    The principal is the account and the role a condition, so that a role that is made again keeps its access
    and the hub can be deployed first.
    """
    conditions: dict[str, Mapping[str, str]] = {"StringEquals": {"sts:ExternalId": writer.external_id}}
    if writer.spoke is not None:
        principal = f"arn:{hub.partition}:iam::{writer.spoke.account}:root"
        conditions["ArnEquals"] = {"aws:PrincipalArn": writer.spoke.parse_log_role_arn}
        return _trust(principal, conditions)
    if writer.organization_id is None:
        raise ValueError("a writer is one spoke, or of an organization")
    conditions["StringEquals"] = {
        **conditions["StringEquals"],
        "aws:PrincipalOrgID": writer.organization_id,
    }
    conditions["ArnLike"] = {"aws:PrincipalArn": any_spokes_role_arn(hub, FunctionName.PARSE_LOG)}
    return _trust("*", conditions)


def metrics_trust(hub: HubNames, external_id: str) -> Document:
    """Trust of a spoke's metrics reader: whom the hub's account lets, with the spoke's external id."""
    return _trust(
        f"arn:{hub.partition}:iam::{hub.account}:root", {"StringEquals": {"sts:ExternalId": external_id}}
    )


def read_metrics() -> Document:
    """Reads CloudWatch metrics, which know no resources."""
    return document(
        allow("ReadMetrics", ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"], [ANY_RESOURCE])
    )


def reader(hub: HubNames, metrics_readers: Sequence[str]) -> Document:
    """What a person needs to look: the dashboard, reports, and queries of the lake.

    `metrics_readers`: ARNs of the spokes' roles that show Bedrock's metrics.
    """
    tables = [hub.table_arn(hub.usage_table), hub.table_arn(hub.price_table)]
    spokes = hub.arn("ssm", f"parameter{hub.spokes_parameters}")
    statements = [
        allow("FindHub", ["ssm:GetParameter"], [hub.settings_parameter_arn]),
        allow("FindSpokes", ["ssm:GetParametersByPath"], [spokes, f"{spokes}/*"]),
        allow("ReadPages", ["dynamodb:GetItem", "dynamodb:Query"], tables),
        _keep_count(hub),
        *query_lake(hub, hub.people_workgroup),
        allow("ReadMetrics", ["cloudwatch:GetMetricData", "cloudwatch:ListMetrics"], [ANY_RESOURCE]),
    ]
    if metrics_readers:
        statements.append(allow("ReadSpokesMetrics", ["sts:AssumeRole"], metrics_readers))
    return document(*statements)


def _keep_count(hub: HubNames) -> Statement:
    return allow(
        "KeepCount",
        ["dynamodb:BatchWriteItem"],
        [hub.table_arn(hub.price_table)],
        {
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": SHARED_PARTITIONS},
            "Null": {"dynamodb:LeadingKeys": "false"},
        },
    )


def editor(hub: HubNames) -> Document:
    """What a person needs beside `reader` to change prices, and to ask for hours to be computed again."""
    return document(
        allow(
            "ChangePrices",
            ["dynamodb:BatchWriteItem", "dynamodb:DeleteItem", "dynamodb:PutItem"],
            [hub.table_arn(hub.price_table)],
        ),
        allow(
            "AskForRuns",
            ["lambda:InvokeFunction"],
            [hub.function_arn(FunctionName.AGGREGATE_STATS), hub.function_arn(FunctionName.SYNC_PRICING)],
        ),
    )


def _trust(principal: str, conditions: Mapping[str, Mapping[str, str]]) -> Document:
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": principal},
        "Action": "sts:AssumeRole",
        "Condition": {operator: dict(pairs) for operator, pairs in conditions.items()},
    }
    return document(statement)
