"""The key of pseudonyms, in a secret that one function may read.

A function's environment is shown to everyone who may look at functions, and a parameter to everyone who may
read parameters; AWS's own policies for looking around leave the values of secrets out.
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.iam_documents import Statement, allow
from components.naming import DeploymentNames


@dataclass(frozen=True, slots=True, kw_only=True)
class PseudonymKeyArgs:
    """Arguments of the key. `value` is a Pulumi secret, so that the state holds it encrypted."""

    names: DeploymentNames
    value: pulumi.Input[str]


class PseudonymKey(pulumi.ComponentResource):
    """The secret. `version` is its value's version: what reads the key waits for it."""

    def __init__(self, name: str, args: PseudonymKeyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:PseudonymKey", name, None, opts)
        self.secret = aws.secretsmanager.Secret(
            f"{name}-secret",
            name=args.names.pseudonym_secret,
            description="Key of the pseudonyms that stand for callers",
            # The stack's configuration keeps the value, and the name must be free for the next deployment.
            recovery_window_in_days=0,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.version = aws.secretsmanager.SecretVersion(
            f"{name}-version",
            secret_id=self.secret.id,
            secret_string=pulumi.Output.secret(args.value),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"secret_arn": self.secret.arn})


def read_pseudonym_key(names: DeploymentNames) -> Statement:
    """Reads the key. Secrets Manager ends a secret's ARN with six characters of its own."""
    return allow(
        "ReadPseudonymKey",
        ["secretsmanager:GetSecretValue"],
        [names.arn("secretsmanager", f"secret:{names.pseudonym_secret}-??????")],
    )
