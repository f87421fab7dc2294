"""Where log objects come in: a hub's or a spoke's log bucket and queue, with credentials for its account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.deployment_options import AwsNames
from bedrock_analytics.cli.hub_settings import hub_settings
from bedrock_analytics.cli.stack_files import StackFiles
from bedrock_analytics.domain.errors import ConfigurationError
from components.naming import DEFAULT_PREFIX, DeploymentNames, HubNames
from components.settings import SpokeSettings, StackSettings


@dataclass(frozen=True, kw_only=True)
class LogSite:
    """A deployment's way in."""

    names: DeploymentNames
    hub: HubNames
    """Names in the hub that its calls go to; its own in a hub."""
    bucket: str
    log_prefix: str
    """Empty, or ending in a slash."""
    session: AwsSession

    @property
    def records_prefix(self) -> str:
        """What the keys of log objects begin with."""
        return f"{self.log_prefix}AWSLogs/"

    @cached_property
    def queue_url(self) -> str:
        """Address of the queue of new log objects."""
        return self.names.queue_url(self.names.log_queue)

    def hub_session(self, profile: str | None = None) -> AwsSession:
        """A session in the hub; ConfigurationError where the credentials are another account's."""
        if self.names == self.hub:
            return self.session
        return _checked(AwsSession(profile, self.hub.region), self.hub.account, "the hub")


def site_of_stack(files: StackFiles, stack: str, profile: str | None = None) -> LogSite:
    """The site of a stack file. ConfigurationError where the credentials are another account's."""
    settings = files.settings(stack)
    return LogSite(
        names=settings.names,
        hub=settings.hub if isinstance(settings, SpokeSettings) else settings.names,
        bucket=settings.log_bucket,
        log_prefix=settings.logs.prefix,
        session=session_of(settings, profile),
    )


def session_of(settings: StackSettings, profile: str | None = None) -> AwsSession:
    """A session in the stack's Region; ConfigurationError where it is not the stack's account."""
    target = settings.target
    session = AwsSession(profile or target.profile, target.region, target.deploy_role_arn)
    return _checked(session, settings.target.account_id, "the stack")


def _checked(session: AwsSession, account: str, what: str) -> AwsSession:
    if session.account != account:
        raise ConfigurationError(
            f"{what} belongs to account {account}, and {session.identity} to {session.account}: "
            "give the profile of the right account"
        )
    return session


def site_of_hub(names: AwsNames) -> LogSite:
    """The site of the hub that a profile and a Region name."""
    session = AwsSession(names.profile, names.region)
    return site_of_settings(hub_settings(names, session), session, names.prefix)


def site_of_settings(
    settings: Mapping[str, object], session: AwsSession, prefix: str | None = None
) -> LogSite:
    """The site that a hub's settings tell."""
    names = HubNames(account=session.account, region=session.region, prefix=prefix or DEFAULT_PREFIX)
    bucket = settings.get("log_bucket")
    if not isinstance(bucket, str):
        raise ConfigurationError("the hub's settings name no log bucket: run `make up` for the hub again")
    return LogSite(
        names=names,
        hub=names,
        bucket=bucket,
        log_prefix=str(settings.get("log_prefix") or ""),
        session=session,
    )
