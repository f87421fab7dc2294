"""Which deployment a command line means."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bedrock_analytics.cli.deployment_options import (
    AwsChoice,
    AwsNames,
    DeploymentChoice,
    EmbeddedChoice,
    deployment_options,
)
from bedrock_analytics.domain.errors import ConfigurationError


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def choose(*arguments: str, **environment: str) -> DeploymentChoice:
    """The choice that a command with the deployment's options is handed."""
    seen: list[DeploymentChoice] = []

    @click.command()
    @deployment_options
    def command(choice: DeploymentChoice) -> None:
        seen.append(choice)

    variables = {f"BEDROCK_ANALYTICS_{name}": value for name, value in environment.items()}
    result = CliRunner().invoke(command, arguments, env=variables)
    if result.exception is not None:
        raise result.exception
    return seen[0]


def test_a_data_directory_is_an_embedded_deployment() -> None:
    assert choose("--data-dir", "d") == EmbeddedChoice(data_dir=Path("d"))
    assert choose(DATA_DIR="d") == EmbeddedChoice(data_dir=Path("d"))


def test_a_stack_is_an_aws_deployment_with_names_still_to_be_asked() -> None:
    assert choose("--stack", "hub") == AwsChoice(stack="hub", names=AwsNames())
    assert choose(STACK="hub") == AwsChoice(stack="hub", names=AwsNames())


def test_every_name_can_be_a_flag_or_a_variable() -> None:
    names = AwsNames(usage_table="u", price_table="p", workgroup="w", table_bucket="t", namespace="n")

    variables = {
        "USAGE_TABLE": "u",
        "PRICE_TABLE": "p",
        "WORKGROUP": "w",
        "TABLE_BUCKET": "t",
        "NAMESPACE": "n",
    }
    flags = [f"--{name.lower().replace('_', '-')}={value}" for name, value in variables.items()]

    assert choose(*flags) == AwsChoice(stack=None, names=names)
    assert choose(**variables) == AwsChoice(stack=None, names=names)


def test_profile_and_region_alone_mean_aws() -> None:
    wanted = AwsChoice(stack=None, names=AwsNames(profile="dev", region="eu-west-1"))

    assert choose("--profile", "dev", "--region", "eu-west-1") == wanted
    assert choose("--profile", "dev", "--aws-region", "eu-west-1") == wanted


def test_a_flag_beats_the_environment() -> None:
    assert choose("--data-dir", "d", STACK="hub") == EmbeddedChoice(data_dir=Path("d"))
    assert choose("--stack", "hub", DATA_DIR="d") == AwsChoice(stack="hub", names=AwsNames())


def test_a_flag_and_a_variable_of_one_deployment_join() -> None:
    names = AwsNames(usage_table="u", price_table="p")

    assert choose("--usage-table", "u", PRICE_TABLE="p") == AwsChoice(stack=None, names=names)


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [(["--data-dir", "d", "--stack", "s"], {}), ([], {"DATA_DIR": "d", "USAGE_TABLE": "u"})],
)
def test_two_deployments_at_once_are_refused(arguments: list[str], environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="either --data-dir or the names of an AWS deployment"):
        choose(*arguments, **environment)


@pytest.mark.parametrize("name", ["demo", "local"])
def test_the_only_usual_directory_is_meant_when_nothing_is_said(tmp_path: Path, name: str) -> None:
    (tmp_path / ".data" / name).mkdir(parents=True)

    assert choose() == EmbeddedChoice(data_dir=Path(".data") / name)


def test_between_two_usual_directories_the_person_chooses(tmp_path: Path) -> None:
    for name in ("demo", "local"):
        (tmp_path / ".data" / name).mkdir(parents=True)

    with pytest.raises(ConfigurationError, match=r"--data-dir \.data/local, --data-dir \.data/demo"):
        choose()


def test_without_any_deployment_the_next_step_is_named() -> None:
    with pytest.raises(ConfigurationError, match="run `bedrock-analytics demo`"):
        choose()


def test_a_command_may_keep_region_for_itself() -> None:
    @click.command()
    @click.option("--region", default="none")
    @deployment_options(region_means_aws=False)
    def command(region: str, choice: DeploymentChoice) -> None:
        click.echo(f"{region} {choice}")

    result = CliRunner().invoke(
        command, ["--region", "eu-west-1", "--aws-region", "us-east-1", "--usage-table", "u"]
    )

    assert result.output.startswith("eu-west-1 ")
    assert "region='us-east-1'" in result.output


def test_a_name_given_beats_the_stacks_output() -> None:
    names = AwsNames(usage_table="mine").over({"usage_table": "theirs", "price_table": "p", "other": 3})

    assert names == AwsNames(usage_table="mine", price_table="p")


def test_a_missing_name_is_asked_for_in_each_way_it_can_be_given() -> None:
    with pytest.raises(ConfigurationError, match="--usage-table, BEDROCK_ANALYTICS_USAGE_TABLE or --stack"):
        AwsNames().required("usage_table")
    assert AwsNames(usage_table="u").required("usage_table") == "u"
