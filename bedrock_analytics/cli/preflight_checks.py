"""The checks of `preflight`. Each looks, says what it found, and what of the stack file fits; none changes
anything. A look that is denied is a note that names what may not be looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import boto3
from botocore.exceptions import ClientError

from bedrock_analytics.cli.account_facts import AccountFacts, SeenAccount, found, is_iam_mode
from bedrock_analytics.cli.aws_session import AwsSession, error_code
from bedrock_analytics.cli.bucket_connection import BucketConnection
from bedrock_analytics.cli.deployer_actions import denied_actions, deployer_actions
from bedrock_analytics.cli.hub_settings import find_hub_settings
from bedrock_analytics.cli.log_site import LogSite
from bedrock_analytics.cli.preflight_report import Finding, Level
from bedrock_analytics.domain.errors import ConfigurationError
from components.account_check import ExistingLogging, check_account
from components.naming import CATALOG, HubNames
from components.settings import HubSettings, SpokeSettings, StackSettings

TABLE_BUCKETS: Final = 10
"""S3 table buckets that an account has in a Region, by default."""
OTHER_FUNCTIONS: Final = 3
"""Functions of a hub that may run beside the parsers."""


@dataclass(frozen=True, kw_only=True)
class Preflight:
    """The checks of one stack's settings against the account of a session."""

    settings: StackSettings
    session: AwsSession
    facts: AccountFacts

    def findings(self) -> list[Finding]:
        """Everything, in the order in which it matters."""
        if self.session.account != self.settings.target.account_id:
            return [self._wrong_account()]
        deployed = self._is_deployed()
        checks: list[Callable[[], Iterator[Finding]]] = [
            self._identity,
            self._region,
            lambda: iter([_state(deployed)]),
            self._logging,
            self._bucket,
            self._catalog,
            self._quotas,
            self._permissions,
        ]
        if not deployed:
            checks.insert(6, self._names)
        return [finding for check in checks for finding in _as_far_as_allowed(check)]

    def _wrong_account(self) -> Finding:
        return _problem(
            "identity",
            f"the credentials are of {self.session.identity}, and the stack is for account "
            f"{self.settings.target.account_id}: give --profile of that account, or correct accountId",
        )

    def _identity(self) -> Iterator[Finding]:
        yield _ok("identity", self.session.identity)

    def _region(self) -> Iterator[Finding]:
        region = self.settings.target.region
        if region not in boto3.Session().get_available_regions("bedrock"):
            yield _note("region", f"{region} is not among the Regions that this SDK knows Bedrock in")
        elif isinstance(self.settings, HubSettings):
            yield _ok("region", f"{region} has Bedrock, and Firehose writes to Iceberg tables there")
        else:
            yield _ok("region", f"{region} has Bedrock")

    def _is_deployed(self) -> bool:
        names = self.settings.names
        if isinstance(names, HubNames):
            return find_hub_settings(self.session, names.prefix) is not None
        client = self.session.client("sqs")
        return found(lambda: client.get_queue_url(QueueName=names.log_queue)) is not None

    def _logging(self) -> Iterator[Finding]:
        seen = self.facts.logging()
        told = _logging_told(seen)
        try:
            check_account(self.settings, SeenAccount(account_id=self.session.account, seen_logging=seen))
        except ConfigurationError as error:
            yield _problem("Bedrock logging", str(error), _fitting_logging(seen))
            return
        if seen is None and not self.settings.logs.manage_bedrock_logging:
            yield _problem("Bedrock logging", "it is off, and bedrockLogging is leave: nobody switches it on")
        elif not self.settings.logs.manage_bedrock_logging and seen is not None:
            yield self._left_logging(seen)
        else:
            yield _ok("Bedrock logging", told)

    def _left_logging(self, seen: ExistingLogging) -> Finding:
        """Logging that the stack leaves alone must be what the stack reads."""
        reads = (self.settings.log_bucket, self.settings.logs.prefix)
        if (seen.bucket, seen.prefix) == reads:
            return _ok("Bedrock logging", _logging_told(seen))
        return _problem(
            "Bedrock logging",
            f"{_logging_told(seen)}, and the stack reads s3://{reads[0]}/{reads[1]}",
            _fitting_logging(seen),
        )

    def _bucket(self) -> Iterator[Finding]:
        bucket = self.settings.logs.existing_bucket
        if bucket is None:
            return
        connection = BucketConnection(self._site())
        try:
            state = connection.state()
        except ConfigurationError as error:
            yield _problem("log bucket", str(error))
            return
        plan = connection.plan(state)
        others = sorted(name for name in state.notification if name != "EventBridgeConfiguration")
        kept = f"; its {', '.join(others)} stay" if others else ""
        if plan.is_connected:
            yield _ok("log bucket", f"{bucket} is connected{kept}")
        else:
            yield _problem(
                "log bucket",
                f"{bucket} lacks {_lacks(plan.statement is not None, plan.announce)}: run `bedrock-analytics "
                f"connect-bucket --apply`{kept}",
            )
        for note in plan.notes:
            yield _note("log bucket", note)
        key = self.settings.logs.existing_bucket_key_arn
        if state.key_arn is not None and state.key_arn.startswith("arn:") and key is None:
            told = "the parser may not use the bucket's key"
            yield _problem("log bucket", told, {"existingLogBucketKeyArn": state.key_arn})

    def _site(self) -> LogSite:
        settings = self.settings
        names = settings.names
        hub = settings.hub if isinstance(settings, SpokeSettings) else names
        if not isinstance(hub, HubNames):
            raise TypeError("a stack is a hub or a spoke")
        return LogSite(
            names=names,
            hub=hub,
            bucket=settings.log_bucket,
            log_prefix=settings.logs.prefix,
            session=self.session,
        )

    def _catalog(self) -> Iterator[Finding]:
        if not isinstance(self.settings, HubSettings):
            return
        catalog = self.facts.catalog()
        mine = self.settings.names.table_bucket_arn in self.facts.table_buckets()
        account = SeenAccount(account_id=self.session.account, catalog=catalog is not None, table_bucket=mine)
        try:
            check_account(_without_logging(self.settings), account)
        except ConfigurationError as error:
            yield _problem("catalog", str(error), {"s3TablesCatalog": "existing"})
        if catalog is None and not self.settings.manage_catalog:
            yield _problem("catalog", f"there is no {CATALOG} to use", {"s3TablesCatalog": "manage"})
        elif catalog is None:
            yield _ok("catalog", f"there is no {CATALOG} yet; the stack makes it")
        elif is_iam_mode(catalog):
            yield _ok("catalog", f"{CATALOG} is there, and IAM alone decides who reads it")
        else:
            yield _problem(
                "catalog",
                f"{CATALOG} is in Lake Formation's mode: after `make up`, grant the stream's and the "
                "functions' roles on the table, as docs/deploy.md says, or they are refused",
            )

    def _names(self) -> Iterator[Finding]:
        makes = None if self.settings.logs.existing_bucket else self.settings.log_bucket
        taken = self.facts.taken_names(self.settings.names, makes)
        if not taken:
            yield _ok("names", "none of the names that the stack gives is taken")
            return
        yield _problem(
            "names",
            f"taken already: {', '.join(taken)}. Of an earlier deployment, `make up` with its old state "
            "takes them up again, or import them (docs/deploy.md); else set namePrefix",
        )

    def _quotas(self) -> Iterator[Finding]:
        concurrency = self.facts.concurrency()
        wanted = self.settings.parser.concurrency + OTHER_FUNCTIONS
        if concurrency < wanted:
            yield _problem(
                "quotas",
                f"{concurrency} functions may run at once, and {wanted} are wanted: ask for more, or set "
                "parseConcurrency",
                {"parseConcurrency": max(2, concurrency - OTHER_FUNCTIONS)},
            )
        else:
            yield _ok("quotas", f"{concurrency:,} functions may run at once; {wanted} are wanted")
        if not isinstance(self.settings, HubSettings):
            return
        buckets = self.facts.table_buckets()
        if len(buckets) >= TABLE_BUCKETS and self.settings.names.table_bucket_arn not in buckets:
            yield _problem(
                "quotas", f"{len(buckets)} table buckets are there; by default an account has {TABLE_BUCKETS}"
            )

    def _permissions(self) -> Iterator[Finding]:
        actions = deployer_actions(self.settings.names.role)
        denied = denied_actions(self.session, actions)
        if not denied:
            yield _ok("permissions", f"all {len(actions)} actions of a deployment are allowed")
            return
        yield _note(
            "permissions",
            f"{len(denied)} of {len(actions)} actions are not allowed on every resource, among them "
            f"{', '.join(denied[:8])}: see that they are on the stack's names (docs/deploy.md)",
        )


def _as_far_as_allowed(check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    """What a check finds; where it may not look, a note of that."""
    done: list[Finding] = []
    try:
        done.extend(check())
    except ClientError as error:
        if error_code(error) not in {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}:
            raise
        done.append(_note("rights", f"{error.operation_name} is not allowed, so this was not looked at"))
    return done


def _without_logging(settings: HubSettings) -> HubSettings:
    return replace(settings, logs=replace(settings.logs, manage_bedrock_logging=False))


def _logging_told(seen: ExistingLogging | None) -> str:
    if seen is None:
        return "it is off; the stack switches it on"
    places = [f"s3://{seen.bucket}/{seen.prefix}"] if seen.bucket else []
    places += [f"the log group {seen.log_group}"] if seen.log_group else []
    return f"Bedrock logs to {' and '.join(places) or 'nowhere that can be told'}"


def _fitting_logging(seen: ExistingLogging | None) -> Mapping[str, object]:
    if seen is None or seen.bucket is None:
        return {}
    return {
        "existingLogBucket": seen.bucket,
        "logPrefix": seen.prefix.rstrip("/"),
        "bedrockLogging": "leave",
    }


def _lacks(statement: bool, announcements: bool) -> str:
    parts = ["a statement that lets Bedrock write"] if statement else []
    parts += ["announcements to EventBridge"] if announcements else []
    return " and ".join(parts)


def _state(deployed: bool) -> Finding:
    return _ok("state", "deployed already; `make up` changes it" if deployed else "not deployed yet")


def _ok(what: str, told: str) -> Finding:
    return Finding(what=what, level=Level.OK, told=told)


def _note(what: str, told: str) -> Finding:
    return Finding(what=what, level=Level.NOTE, told=told)


def _problem(what: str, told: str, suggestion: Mapping[str, object] | None = None) -> Finding:
    return Finding(what=what, level=Level.PROBLEM, told=told, suggestion=suggestion or {})
