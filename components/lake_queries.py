"""Who may ask the lake what: two Athena workgroups, saved queries, and a role for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components import policies
from components.iam_documents import account_trust, as_json
from components.naming import NAMESPACE, TABLE, HubNames
from components.people_queries import people_queries

GIGABYTE: Final = 1024**3
SESSION_SECONDS: Final = 12 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeQueriesArgs:
    """Arguments of the workgroups. A query that would scan more than its limit is stopped."""

    names: HubNames
    compute_limit_bytes: int = 1024 * GIGABYTE
    people_limit_bytes: int = 50 * GIGABYTE


class LakeQueries(pulumi.ComponentResource):
    """Workgroups `compute` and `people`, the managed policy and role `reader` for people's queries."""

    def __init__(self, name: str, args: LakeQueriesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:LakeQueries", name, None, opts)
        names = args.names
        self.compute = self._workgroup(
            f"{name}-compute", names.compute_workgroup, "The pipeline's queries", args.compute_limit_bytes
        )
        self.people = self._workgroup(
            f"{name}-people", names.people_workgroup, "People's queries", args.people_limit_bytes
        )
        self._declare_saved_queries(name, names)
        self.reader_policy = aws.iam.Policy(
            f"{name}-reader-policy",
            name=names.iam_policy("lake-reader"),
            description="Queries of the lake in the workgroup for people",
            policy=as_json(policies.lake_reader(names)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.reader = self._declare_reader(name, names)
        self.register_outputs({"compute_workgroup": self.compute.name, "people_workgroup": self.people.name})

    def _workgroup(self, name: str, physical: str, description: str, limit: int) -> aws.athena.Workgroup:
        """A workgroup whose results Athena keeps, encrypted, for a day, and nobody else's settings count."""
        return aws.athena.Workgroup(
            name,
            name=physical,
            description=description,
            configuration={
                "enforce_workgroup_configuration": True,
                "bytes_scanned_cutoff_per_query": limit,
                "managed_query_results_configuration": {"enabled": True},
                "publish_cloudwatch_metrics_enabled": False,
                "engine_version": {"selected_engine_version": "Athena engine version 3"},
            },
            force_destroy=True,  # it holds a history of queries, which would otherwise keep it
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _declare_saved_queries(self, name: str, names: HubNames) -> None:
        table = f'"{names.athena_catalog}"."{NAMESPACE}"."{TABLE}"'
        for query in people_queries(table):
            aws.athena.NamedQuery(
                f"{name}-{query.part}",
                name=query.name,
                description=query.description,
                workgroup=self.people.name,
                database=NAMESPACE,
                query=query.sql,
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _declare_reader(self, name: str, names: HubNames) -> aws.iam.Role:
        role = aws.iam.Role(
            f"{name}-reader",
            name=names.lake_reader,
            description="Assumed by people of this account to query the lake",
            assume_role_policy=as_json(account_trust(names.partition, names.account)),
            max_session_duration=SESSION_SECONDS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicyAttachment(
            f"{name}-reader-attachment",
            role=role.name,
            policy_arn=self.reader_policy.arn,
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role
