"""How people find a hub and get in: a parameter with its settings, and the policies `reader` and `editor`."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components import access_policies
from components.iam_documents import Document, as_json
from components.naming import HubNames


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsParameterArgs:
    """Arguments of the parameter. `settings` is what it holds, as JSON."""

    names: HubNames
    settings: Mapping[str, object]
    spokes: Mapping[str, Mapping[str, str]]
    """What each spoke's own parameter holds, as JSON, by its name: one for all would outgrow a parameter."""
    metrics_readers: Sequence[str]
    """ARNs of the roles through which Bedrock's metrics are read in spokes."""
    after: tuple[pulumi.Resource, ...] = ()
    """What must be there before a hub is found by its parameter: whoever finds one asks its lake."""


class SettingsParameter(pulumi.ComponentResource):
    """The parameters, and managed policies to attach to people's permission sets: `reader`, `editor`."""

    def __init__(
        self, name: str, args: SettingsParameterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bedrock-analytics:index:SettingsParameter", name, None, opts)
        names = args.names
        self.parameter = aws.ssm.Parameter(
            f"{name}-parameter",
            name=names.settings_parameter,
            type="String",
            description="Where the parts of this hub are; read by the command line",
            value=json.dumps(args.settings, sort_keys=True),
            opts=pulumi.ResourceOptions(parent=self, depends_on=list(args.after)),
        )
        for spoke, row in args.spokes.items():
            aws.ssm.Parameter(
                f"{name}-spoke-{spoke}",
                name=names.spoke_parameter(spoke),
                type="String",
                description=f"How the spoke {spoke} is found; read by the command line",
                value=json.dumps(row, sort_keys=True),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.reader = self._declare_policy(
            name,
            "reader",
            "Looks at usage, prices and the lake",
            names,
            access_policies.reader(names, args.metrics_readers),
        )
        self.editor = self._declare_policy(
            name, "editor", "Changes prices, besides what reader may", names, access_policies.editor(names)
        )
        self.register_outputs({"reader_policy_arn": self.reader.arn, "editor_policy_arn": self.editor.arn})

    def _declare_policy(
        self, name: str, part: str, description: str, names: HubNames, policy: Document
    ) -> aws.iam.Policy:
        return aws.iam.Policy(
            f"{name}-{part}",
            name=names.iam_policy(part),
            description=description,
            policy=as_json(policy),
            opts=pulumi.ResourceOptions(parent=self),
        )
