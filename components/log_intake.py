"""The part that hub and spoke share: Bedrock's logs, from the bucket to the stream's door.

Hub and spoke differ in where `parse_log` puts events, and as whom; that is its `EventsTo`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pulumi

from components import policies
from components.iam_documents import Statement
from components.invocation_logging import (
    InvocationLogging,
    InvocationLoggingArgs,
    LogRetention,
    records_prefix,
)
from components.log_parser import LogParser, LogParserArgs
from components.naming import REJECTED_PREFIX, FunctionName
from components.policies import LogAccess
from components.pseudonym_key import PseudonymKey, PseudonymKeyArgs, read_pseudonym_key
from components.python_function import PythonFunctionArgs
from components.settings import StackSettings
from lambdas.settings import ParseLogVariable

PARSE_TIMEOUT_SECONDS: Final = 300
PARSE_MEMORY_MB: Final = 1024
"""Enough for the largest record that Bedrock writes; Lambda's processor grows with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsTo:
    """Where events go: the environment that says it, and what the function may do for it."""

    environment: Mapping[str, pulumi.Input[str]]
    statements: Sequence[Statement]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIntakeArgs:
    """Arguments of the intake."""

    settings: StackSettings
    code: pulumi.Archive
    events_to: EventsTo


class LogIntake(pulumi.ComponentResource):
    """`logging` is the bucket and Bedrock's order to write there, `parser` reads it."""

    def __init__(self, name: str, args: LogIntakeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("bedrock-analytics:index:LogIntake", name, None, opts)
        settings = args.settings
        self.pseudonym_key = self._declare_pseudonym_key(name, settings)
        self.parser = LogParser(
            f"{name}-parser",
            LogParserArgs(
                names=settings.names,
                log_bucket=settings.log_bucket,
                records_prefix=records_prefix(settings.logs.prefix),
                function=self._function(args),
                max_concurrency=settings.parser.concurrency,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.logging = InvocationLogging(
            f"{name}-logging",
            _logging(settings, after=(self.parser, *([self.pseudonym_key] if self.pseudonym_key else []))),
            pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({"log_bucket": settings.log_bucket})

    def _declare_pseudonym_key(self, name: str, settings: StackSettings) -> PseudonymKey | None:
        value = settings.parser.pseudonym_key
        if value is None:
            return None
        return PseudonymKey(
            f"{name}-pseudonyms",
            PseudonymKeyArgs(names=settings.names, value=pulumi.Output.secret(value)),
            pulumi.ResourceOptions(parent=self),
        )

    def _function(self, args: LogIntakeArgs) -> PythonFunctionArgs:
        settings = args.settings
        statements = [*args.events_to.statements]
        if self.pseudonym_key is not None:
            statements.append(read_pseudonym_key(settings.names))
        return PythonFunctionArgs(
            names=settings.names,
            function=FunctionName.PARSE_LOG,
            description="Reads Bedrock's invocation logs",
            code=args.code,
            policy=policies.parse_log(settings.names, _access(settings), statements),
            environment={**_environment(settings), **args.events_to.environment},
            timeout_seconds=PARSE_TIMEOUT_SECONDS,
            memory_mb=PARSE_MEMORY_MB,
            log_days=settings.operation.log_retention_days,
            tracing=settings.operation.tracing,
        )


def _environment(settings: StackSettings) -> dict[str, str]:
    variable, parser = ParseLogVariable, settings.parser
    environment = {
        variable.LOG_PREFIX: settings.logs.prefix,
        variable.REJECTED_PREFIX: REJECTED_PREFIX,
        variable.KEEP_REJECTED_LINES: str(parser.keep_rejected_lines).lower(),
        variable.FOLLOW_OFFLOADED: str(parser.follow_offloaded).lower(),
        variable.CALLER_DETAIL: parser.caller_detail.value,
    }
    if parser.pseudonym_key is not None:
        environment[variable.PSEUDONYM_SECRET] = settings.names.pseudonym_secret
    return {name.value: value for name, value in environment.items()}


def _access(settings: StackSettings) -> LogAccess:
    key = settings.logs.existing_bucket_key_arn
    return LogAccess(
        bucket=settings.log_bucket,
        records_prefix=records_prefix(settings.logs.prefix),
        kms_key_arns=(key,) if key else (),
        keep_rejected=settings.parser.keep_rejected_lines,
    )


def _logging(settings: StackSettings, after: tuple[pulumi.Resource, ...]) -> InvocationLoggingArgs:
    logs = settings.logs
    return InvocationLoggingArgs(
        names=settings.names,
        existing_bucket=logs.existing_bucket,
        prefix=logs.prefix,
        retention=LogRetention(
            days=logs.retention_days or None, transition_days=logs.infrequent_access_days or None
        ),
        configure_bedrock=logs.manage_bedrock_logging,
        modalities=frozenset(logs.modalities),
        after=after,
        protect=settings.operation.protect_data,
        retain=settings.operation.retain_data,
    )
