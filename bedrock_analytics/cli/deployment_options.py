"""The options that say which deployment a command is about, and what they mean together.

A flag beats an environment variable, and a name given beside `--stack` beats that output of the stack.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, TypeAlias

import click
from click.core import ParameterSource

from bedrock_analytics.domain.errors import ConfigurationError

DEMO_DIRECTORY: Final = Path(".data/demo")
LOCAL_DIRECTORY: Final = Path(".data/local")

DATA_DIR_VARIABLE: Final = "BEDROCK_ANALYTICS_DATA_DIR"
STACK_VARIABLE: Final = "BEDROCK_ANALYTICS_STACK"
USAGE_TABLE_VARIABLE: Final = "BEDROCK_ANALYTICS_USAGE_TABLE"
PRICE_TABLE_VARIABLE: Final = "BEDROCK_ANALYTICS_PRICE_TABLE"
WORKGROUP_VARIABLE: Final = "BEDROCK_ANALYTICS_WORKGROUP"
TABLE_BUCKET_VARIABLE: Final = "BEDROCK_ANALYTICS_TABLE_BUCKET"
NAMESPACE_VARIABLE: Final = "BEDROCK_ANALYTICS_NAMESPACE"
PREFIX_VARIABLE: Final = "BEDROCK_ANALYTICS_PREFIX"


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsNames:
    """Names of an AWS deployment's parts. A stack's outputs and a hub's settings have the same names.

    `workgroup` is the one for people; the functions have another.
    """

    usage_table: str | None = None
    price_table: str | None = None
    workgroup: str | None = None
    table_bucket: str | None = None
    """ARN of the S3 table bucket."""
    namespace: str | None = None
    region: str | None = None
    profile: str | None = None
    prefix: str | None = None
    """What the deployment's names begin with, where it is not the usual."""
    compute_minutes: str | None = None
    """How often the functions compute; this and what follows is told by the deployment alone."""
    hourly_days: str | None = None
    hours_days: str | None = None
    daily_days: str | None = None
    monthly_budget_usd: str | None = None

    @property
    def is_bare(self) -> bool:
        """No part is named: the hub of the Region is meant, which tells them itself."""
        parts = (self.usage_table, self.price_table, self.workgroup, self.table_bucket, self.namespace)
        return all(part is None for part in parts)

    def required(self, name: str) -> str:
        """The value under a name; ConfigurationError that says how to give it."""
        value = getattr(self, name)
        if value is None:
            raise ConfigurationError(
                f"the AWS deployment's {name} is unknown: give --{name.replace('_', '-')}, "
                f"BEDROCK_ANALYTICS_{name.upper()} or --stack, "
                "or only --profile and the hub's Region"
            )
        return str(value)

    def over(self, outputs: Mapping[str, object]) -> AwsNames:
        """These names, and where one is missing the output of the same name."""
        found = {}
        for field in fields(self):
            given, output = getattr(self, field.name), outputs.get(field.name)
            found[field.name] = given if given is not None else None if output is None else str(output)
        return AwsNames(**found)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedChoice:
    """A data directory on this machine."""

    data_dir: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsChoice:
    """A deployment on AWS; `stack` is the Pulumi stack to ask for the names that are missing."""

    stack: str | None
    names: AwsNames


DeploymentChoice: TypeAlias = EmbeddedChoice | AwsChoice

_NAMES = (
    "usage_table",
    "price_table",
    "workgroup",
    "table_bucket",
    "namespace",
    "prefix",
    "profile",
    "aws_region",
)


def deployment_options(
    command: Callable[..., Any] | None = None, *, region_means_aws: bool = True, optional: bool = False
) -> Callable[..., Any]:
    """Give a command the options of a deployment, and hand it a `choice: DeploymentChoice`.

    `--region` means the deployment's Region unless the command has another use for it; `--aws-region`
    always does. An `optional` choice is None where nothing is given.
    """
    if command is None:
        return functools.partial(deployment_options, region_means_aws=region_means_aws, optional=optional)

    @functools.wraps(command)
    @click.pass_context
    def choosing(ctx: click.Context, /, **options: Any) -> Any:
        given = {name: options.pop(name) for name in ("data_dir", "stack", *_NAMES)}
        nothing = all(value is None for value in given.values())
        choice = None if optional and nothing else chosen(given, _from_flags(ctx, given))
        return command(choice=choice, **options)

    decorated: Callable[..., Any] = choosing
    for option in reversed(_options(region_means_aws)):
        decorated = option(decorated)
    return decorated


def chosen(given: Mapping[str, Any], from_flags: frozenset[str]) -> DeploymentChoice:
    """The deployment meant by the values given, of which those named in `from_flags` are flags.

    ConfigurationError where they contradict each other, or say nothing and there is no usual directory.
    """
    present = frozenset(name for name, value in given.items() if value is not None)
    embedded, aws = {"data_dir"}, {"stack", *_NAMES}
    for names in (present & from_flags, present - from_flags):
        if names & embedded and names & aws:
            raise ConfigurationError(
                "give either --data-dir or the names of an AWS deployment, not both: "
                + ", ".join(sorted(names))
            )
        if names & embedded:
            return EmbeddedChoice(data_dir=given["data_dir"])
        if names & aws:
            return _aws(given)
    return EmbeddedChoice(data_dir=_usual_directory())


def _aws(given: Mapping[str, Any]) -> AwsChoice:
    values = {name: given[name] for name in _NAMES if name != "aws_region"}
    return AwsChoice(stack=given["stack"], names=AwsNames(region=given["aws_region"], **values))


def _usual_directory() -> Path:
    found = [path for path in (LOCAL_DIRECTORY, DEMO_DIRECTORY) if path.is_dir()]
    if len(found) == 1:
        return found[0]
    if found:
        raise ConfigurationError(
            f"say which deployment: --data-dir {found[0]}, --data-dir {found[1]}, or --stack of one on AWS"
        )
    raise ConfigurationError(
        "there is no deployment here yet: run `bedrock-analytics demo` or `bedrock-analytics local PATH`, "
        "or name one with --data-dir or --stack"
    )


def _from_flags(ctx: click.Context, names: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(name for name in names if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE)


def _options(region_means_aws: bool) -> list[Callable[..., Any]]:
    region = ("--aws-region", "--region") if region_means_aws else ("--aws-region",)
    return [
        click.option(
            "--data-dir",
            type=click.Path(path_type=Path, file_okay=False),
            envvar=DATA_DIR_VARIABLE,
            help="Data directory of `demo` or `local`.",
        ),
        click.option("--stack", envvar=STACK_VARIABLE, help="Pulumi stack of an AWS deployment."),
        click.option(
            "--usage-table", envvar=USAGE_TABLE_VARIABLE, help="DynamoDB table with the usage pages."
        ),
        click.option("--price-table", envvar=PRICE_TABLE_VARIABLE, help="DynamoDB table with the prices."),
        click.option("--workgroup", envvar=WORKGROUP_VARIABLE, help="Athena workgroup for queries."),
        click.option(
            "--table-bucket", envvar=TABLE_BUCKET_VARIABLE, help="ARN of the lake's S3 table bucket."
        ),
        click.option("--namespace", envvar=NAMESPACE_VARIABLE, help="Namespace of the lake in that bucket."),
        click.option("--prefix", envvar=PREFIX_VARIABLE, help="What the names of the deployment begin with."),
        click.option("--profile", help="AWS profile; the AWS SDK's own choice if not given."),
        click.option(
            *region,
            "aws_region",
            help="AWS Region of the deployment; the SDK's if not given. Profile and Region are enough: "
            "the hub there tells the names.",
        ),
    ]
