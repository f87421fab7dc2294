"""What an existing log bucket lacks for the pipeline, merged into what it has.

A bucket has one policy and one notification configuration, and writing either replaces it as a whole. So
both are read, only added to, and written back; what others put there stays.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from botocore.exceptions import ClientError

from bedrock_analytics.cli.aws_session import aws_faults, error_code
from bedrock_analytics.cli.log_site import LogSite
from bedrock_analytics.domain.errors import ConfigurationError
from components.iam_documents import VERSION, Document, Statement
from components.policies import bedrock_writes

BEDROCK: Final = "bedrock.amazonaws.com"
_NO_POLICY: Final = "NoSuchBucketPolicy"
_NO_ENCRYPTION: Final = "ServerSideEncryptionConfigurationNotFoundError"


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketState:
    """What a bucket has now."""

    region: str
    policy: Document | None
    notification: Mapping[str, Any]
    key_arn: str | None
    """The KMS key that encrypts it, where it is not S3's own."""

    @property
    def announces(self) -> bool:
        """Whether it tells EventBridge of new objects."""
        return "EventBridgeConfiguration" in self.notification


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketPlan:
    """What is missing, and what a person should look at."""

    statement: Statement | None
    """To be added to the policy."""
    announce: bool
    """Whether EventBridge is to be switched on."""
    notes: tuple[str, ...] = ()

    @property
    def is_connected(self) -> bool:
        return self.statement is None and not self.announce


class BucketConnection:
    """The log bucket of a site."""

    def __init__(self, site: LogSite) -> None:
        self._site = site
        self._s3 = site.session.client("s3")
        self._owned = {"Bucket": site.bucket, "ExpectedBucketOwner": site.names.account}

    def state(self) -> BucketState:
        """What the bucket has; ConfigurationError where it is not there, or another account's or Region's."""
        try:
            location = self._s3.get_bucket_location(**self._owned).get("LocationConstraint")
        except ClientError as error:
            if error_code(error) in {"NoSuchBucket", "404", "AccessDenied", "403"}:
                raise ConfigurationError(
                    f"bucket {self._site.bucket} is not there, not of account {self._site.names.account}, or "
                    f"may not be looked at by {self._site.session.identity}"
                ) from error
            raise
        region = {None: "us-east-1", "EU": "eu-west-1"}.get(location, location)
        if region != self._site.names.region:
            raise ConfigurationError(
                f"bucket {self._site.bucket} is in {region}; its announcements reach "
                f"{self._site.names.region} only from a bucket there"
            )
        with aws_faults():
            return BucketState(
                region=str(region),
                policy=self._policy(),
                notification=self._notification(),
                key_arn=self._key_arn(),
            )

    def plan(self, state: BucketState) -> BucketPlan:
        """What the bucket lacks."""
        wanted = bedrock_writes(self._site.names, self._site.bucket, self._site.records_prefix)
        present = statements_of(state.policy)
        lacks = not any(grants(statement, wanted) for statement in present)
        return BucketPlan(
            statement=_named_apart(wanted, present) if lacks else None,
            announce=not state.announces,
            notes=tuple(_notes(state, present)),
        )

    def apply(self, plan: BucketPlan) -> None:
        """Add what is missing to what is there at this moment."""
        with aws_faults():
            if plan.statement is not None:
                policy = with_statement(self._policy(), plan.statement)
                self._s3.put_bucket_policy(**self._owned, Policy=json.dumps(policy))
            if plan.announce:
                self._s3.put_bucket_notification_configuration(
                    **self._owned,
                    NotificationConfiguration={**self._notification(), "EventBridgeConfiguration": {}},
                    SkipDestinationValidation=True,  # others' destinations are theirs to keep in order
                )

    def _policy(self) -> Document | None:
        try:
            found: Document = json.loads(self._s3.get_bucket_policy(**self._owned)["Policy"])
        except ClientError as error:
            if error_code(error) == _NO_POLICY:
                return None
            raise
        return found

    def _notification(self) -> dict[str, Any]:
        answer = self._s3.get_bucket_notification_configuration(**self._owned)
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}

    def _key_arn(self) -> str | None:
        try:
            answer = self._s3.get_bucket_encryption(**self._owned)
        except ClientError as error:
            if error_code(error) == _NO_ENCRYPTION:
                return None
            raise
        for rule in answer["ServerSideEncryptionConfiguration"]["Rules"]:
            default = rule.get("ApplyServerSideEncryptionByDefault", {})
            if default.get("SSEAlgorithm", "").startswith("aws:kms"):
                return str(default.get("KMSMasterKeyID") or "the AWS managed key aws/s3")
        return None


def statements_of(policy: Document | None) -> list[Statement]:
    """The statements of a policy."""
    return _many(policy.get("Statement")) if policy else []


def with_statement(policy: Document | None, statement: Statement) -> Document:
    """The policy with one more statement; everything that it has stays."""
    if policy is None:
        return {"Version": VERSION, "Statement": [statement]}
    return {**policy, "Statement": [*statements_of(policy), statement]}


def grants(statement: Statement, wanted: Statement) -> bool:
    """Whether a statement already lets Bedrock do what the wanted one would, under no other conditions."""
    if statement.get("Effect") != "Allow" or "NotResource" in statement or "NotAction" in statement:
        return False
    principal = statement.get("Principal")
    services = _many(principal.get("Service")) if isinstance(principal, dict) else []
    return (
        BEDROCK in services
        and _covers(_many(statement.get("Action")), _many(wanted["Action"]))
        and _covers(_many(statement.get("Resource")), _many(wanted["Resource"]))
        and _conditions_hold(statement.get("Condition", {}), wanted["Condition"])
    )


def _conditions_hold(conditions: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Whether what Bedrock sends for this account and Region meets the conditions."""
    account = ours["StringEquals"]["aws:SourceAccount"]
    source = ours["ArnLike"]["aws:SourceArn"]
    for operator, pairs in conditions.items():
        for key, value in pairs.items():
            texts = _many(value)
            name = key.lower()
            if (
                name == "aws:sourceaccount"
                and operator in {"StringEquals", "StringLike"}
                and account in texts
            ):
                continue
            like = operator in {"ArnLike", "StringLike", "ArnEquals"}
            if name == "aws:sourcearn" and like and any(fnmatchcase(source, text) for text in texts):
                continue
            return False
    return True


def _covers(patterns: Sequence[Any], wanted: Sequence[Any]) -> bool:
    return all(any(fnmatchcase(str(one), str(pattern)) for pattern in patterns) for one in wanted)


def _named_apart(statement: Statement, present: Sequence[Statement]) -> Statement:
    """The statement under a name that no other has."""
    taken = {other.get("Sid") for other in present}
    name, number = str(statement["Sid"]), 2
    while name in taken:
        name, number = f"{statement['Sid']}{number}", number + 1
    return {**statement, "Sid": name}


def _notes(state: BucketState, present: Sequence[Statement]) -> Iterator[str]:
    if state.key_arn is not None:
        yield (
            f"It is encrypted with {state.key_arn}: set existingLogBucketKeyArn to its ARN, and let "
            f"{BEDROCK} use kms:GenerateDataKey in the key's policy."
        )
    for statement in present:
        refused = statement.get("Effect") == "Deny" and _covers(
            _many(statement.get("Action")), ["s3:PutObject"]
        )
        if refused and "aws:SecureTransport" not in json.dumps(statement.get("Condition", {})):
            name = statement.get("Sid", "(unnamed)")
            yield f"Its statement {name} denies writing: see that it lets Bedrock write."


def _many(value: Any) -> list[Any]:
    """IAM writes a list of one as the one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
