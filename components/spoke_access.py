"""How hub and spokes let each other in: SpokeWriteRole in the hub, the metrics reader in a spoke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import policies
from components.access_policies import METRICS_READER, Writer, metrics_trust, read_metrics, writer_trust
from components.iam_documents import as_json, document
from components.naming import HubNames, SpokeNames


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokeAccessArgs:
    """Arguments of the hub's side. `writers` by the spoke's name, or by None for an organization's spokes."""

    names: HubNames
    writers: Mapping[str | None, Writer]


class SpokeAccess(pulumi.ComponentResource):
    """SpokeWriteRole, one for each spoke or one for an organization. `roles` are they, keyed as `writers`."""

    def __init__(self, name: str, args: SpokeAccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:SpokeAccess", name, None, opts)
        self.roles = {
            spoke: self._declare_role(name, args.names, spoke, writer)
            for spoke, writer in args.writers.items()
        }
        self.register_outputs({})

    def _declare_role(self, name: str, hub: HubNames, spoke: str | None, writer: Writer) -> aws.iam.Role:
        part = f"{name}-{spoke}" if spoke else f"{name}-organization"
        role = aws.iam.Role(
            f"{part}-role",
            name=hub.write_role(spoke),
            description=f"Lets {f'the spoke {spoke}' if spoke else 'spokes'} put calls on {hub.stream}",
            assume_role_policy=as_json(writer_trust(hub, writer)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(
            f"{part}-policy",
            name="write",
            role=role.name,
            policy=as_json(document(*policies.write_events(hub))),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return role


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsReaderArgs:
    """Arguments of the spoke's side."""

    names: SpokeNames
    hub: HubNames
    external_id: str


class MetricsReader(pulumi.ComponentResource):
    """The role through which the hub's dashboard reads Bedrock's metrics in a spoke."""

    def __init__(
        self, name: str, args: MetricsReaderArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bedrock-analytics:index:MetricsReader", name, None, opts)
        self.role = aws.iam.Role(
            f"{name}-role",
            name=args.names.iam_role(METRICS_READER),
            description="Lets the hub's dashboard read CloudWatch metrics",
            assume_role_policy=as_json(metrics_trust(args.hub, args.external_id)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(
            f"{name}-policy",
            name="read",
            role=self.role.name,
            policy=as_json(read_metrics()),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"role_arn": self.role.arn})
