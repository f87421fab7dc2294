"""A Python function on Lambda with its role, its log group and what becomes of runs that fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components import policies
from components.iam_documents import Document, as_json, document, lambda_trust
from components.naming import METRIC_NAMESPACE, DeploymentNames, FunctionName

RUNTIME: Final = "python3.13"
ARCHITECTURE: Final = "arm64"


@dataclass(frozen=True, slots=True, kw_only=True)
class AsynchronousRuns:
    """What becomes of runs that nobody waits for."""

    dead_letters_arn: pulumi.Input[str]
    """ARN of the queue that keeps failed runs."""
    retries: int = 0
    """0: the next scheduled run is the retry."""
    max_age_seconds: int = 300
    """How long a run may wait to be started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonFunctionArgs:
    """Arguments of a function. `code` is an archive that is there: this component builds none."""

    names: DeploymentNames
    function: FunctionName
    description: str
    code: pulumi.Archive
    policy: Document
    """What it may do, besides writing its own logs."""
    environment: Mapping[str, pulumi.Input[str]]
    timeout_seconds: int
    memory_mb: int
    log_days: int = 30
    tracing: bool = False
    asynchronous: AsynchronousRuns | None = None
    """None where runs are waited for, as a queue's poller does."""

    @property
    def module(self) -> str:
        """The handler's module."""
        return self.function.replace("-", "_")


class PythonFunction(pulumi.ComponentResource):
    """A function. `function` is the Lambda function, `role` what it runs as, `policy` what that may do."""

    def __init__(
        self, name: str, args: PythonFunctionArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("bedrock-analytics:index:PythonFunction", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.log_group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=args.names.function_log_group(args.function),
            retention_in_days=args.log_days,
            opts=child,
        )
        self.role = aws.iam.Role(
            f"{name}-role",
            name=args.names.iam_role(args.function),
            description=f"Runs {args.names.function(args.function)}",
            assume_role_policy=as_json(lambda_trust()),
            opts=child,
        )
        self.policy = aws.iam.RolePolicy(
            f"{name}-policy", name="function", role=self.role.name, policy=as_json(_policy(args)), opts=child
        )
        self.function = self._declare_function(name, args)
        if args.asynchronous is not None:
            self._declare_asynchronous_runs(name, args.asynchronous)
        self.register_outputs({"function_name": self.function.name, "role_arn": self.role.arn})

    def _declare_function(self, name: str, args: PythonFunctionArgs) -> aws.lambda_.Function:
        return aws.lambda_.Function(
            f"{name}-function",
            name=args.names.function(args.function),
            description=args.description,
            runtime=RUNTIME,
            architectures=[ARCHITECTURE],
            handler=f"lambdas.{args.module}.handler",
            code=args.code,
            role=self.role.arn,
            timeout=args.timeout_seconds,
            memory_size=args.memory_mb,
            environment={"variables": {**_powertools(args), **args.environment}},
            logging_config={
                "log_format": "JSON",
                "log_group": self.log_group.name,
                "application_log_level": "INFO",
                "system_log_level": "WARN",
            },
            tracing_config={"mode": "Active" if args.tracing else "PassThrough"},
            opts=pulumi.ResourceOptions(parent=self, depends_on=[self.policy]),
        )

    def _declare_asynchronous_runs(self, name: str, runs: AsynchronousRuns) -> None:
        aws.lambda_.FunctionEventInvokeConfig(
            f"{name}-runs",
            function_name=self.function.name,
            maximum_retry_attempts=runs.retries,
            maximum_event_age_in_seconds=runs.max_age_seconds,
            destination_config={"on_failure": {"destination": runs.dead_letters_arn}},
            opts=pulumi.ResourceOptions(parent=self),
        )


def _powertools(args: PythonFunctionArgs) -> dict[str, str]:
    return {
        "POWERTOOLS_SERVICE_NAME": args.module,
        "POWERTOOLS_METRICS_NAMESPACE": METRIC_NAMESPACE,
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def _policy(args: PythonFunctionArgs) -> Document:
    log_group = args.names.arn("logs", f"log-group:{args.names.function_log_group(args.function)}")
    own = [policies.function_logs(log_group), *([policies.tracing()] if args.tracing else [])]
    return document(*args.policy["Statement"], *own)
