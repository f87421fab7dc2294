"""A session that acts as a role of another account, with credentials that renew themselves."""

from __future__ import annotations

import boto3
from botocore.credentials import (
    AssumeRoleCredentialFetcher,
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
)
from botocore.session import Session as BotocoreSession

from bedrock_analytics.domain.errors import ConfigurationError


class _AssumedRole(CredentialProvider):
    """The one source of credentials of the session."""

    METHOD = "assume-role"
    CANONICAL_NAME = "AssumedRole"

    def __init__(self, credentials: DeferredRefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> DeferredRefreshableCredentials:
        return self._credentials


def assumed_role_session(
    base: BotocoreSession, role_arn: str, *, external_id: str, session_name: str, region: str
) -> boto3.Session:
    """A session of the role, assumed when first used and again before its credentials expire."""
    source = base.get_credentials()
    if source is None:
        raise ConfigurationError(f"no AWS credentials to assume {role_arn} with")
    fetcher = AssumeRoleCredentialFetcher(
        client_creator=base.create_client,
        source_credentials=source,
        role_arn=role_arn,
        extra_args={"ExternalId": external_id, "RoleSessionName": session_name},
    )
    credentials = DeferredRefreshableCredentials(
        refresh_using=fetcher.fetch_credentials, method=_AssumedRole.METHOD
    )
    session = BotocoreSession()
    session.register_component("credential_provider", CredentialResolver([_AssumedRole(credentials)]))
    return boto3.Session(botocore_session=session, region_name=region)
