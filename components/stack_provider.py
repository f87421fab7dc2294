"""The one provider of a stack: AWS in the stack's own account and Region, and nowhere else."""

from __future__ import annotations

from typing import Final

import pulumi_aws as aws

from components.settings import PROJECT, StackSettings

SESSION_NAME: Final = PROJECT


def stack_provider(settings: StackSettings) -> aws.Provider:
    """The provider. With credentials of any other account it refuses to do anything."""
    target = settings.target
    role = target.deploy_role_arn
    return aws.Provider(
        "aws",
        region=target.region,
        profile=target.profile,
        # A provider writes its settings as JSON, in which a plain map would keep names that nobody reads.
        assume_roles=[_assumed(role)] if role else None,
        allowed_account_ids=[target.account_id],
        default_tags=aws.ProviderDefaultTagsArgs(tags=default_tags(settings)),
    )


def _assumed(role: str) -> aws.ProviderAssumeRoleArgs:
    return aws.ProviderAssumeRoleArgs(role_arn=role, session_name=SESSION_NAME)


def default_tags(settings: StackSettings) -> dict[str, str]:
    """The tags of everything: whose it is, and what the settings say."""
    own = {"application": settings.name_prefix, "deployment": settings.names.role.value}
    return {**own, **settings.tags}
