"""`verify` as a command: whom it asks, what it prints, and its exit code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner, Result
from moto import mock_aws

from bedrock_analytics.cli.main import main
from bedrock_analytics.cli.verification import Step, Verification

ACCOUNT, REGION = "123456789012", "us-east-1"
SETTINGS = {
    "log_bucket": "our-logs",
    "log_prefix": "bedrock/",
    "usage_table": "stats",
    "workgroup": "people",
    "table_bucket": f"arn:aws:s3tables:{REGION}:{ACCOUNT}:bucket/lake",
    "namespace": "bedrock_analytics",
}
SPOKE = f"""\
config:
  bedrock-analytics:role: spoke
  bedrock-analytics:accountId: "{ACCOUNT}"
  bedrock-analytics:region: eu-west-1
  bedrock-analytics:spokeName: lab
  bedrock-analytics:externalId: a-random-text
  bedrock-analytics:hubAccountId: "HUB"
  bedrock-analytics:hubRegion: {REGION}
"""


@pytest.fixture
def seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Verification]]:
    """The verifications that commands make; each passes its object and nothing more."""
    monkeypatch.chdir(tmp_path)
    made: list[Verification] = []

    def steps(self: Verification) -> Iterator[Step]:
        made.append(self)
        yield Step(name="object", passed=True, told="it is there")
        yield Step(name="parsed", passed=len(made) > 1, told="a reason")

    monkeypatch.setattr(Verification, "steps", steps)
    with mock_aws():
        boto3.client("ssm", region_name=REGION).put_parameter(
            Name=f"/bedrock-analytics/hub/{REGION}/settings", Type="String", Value=json.dumps(SETTINGS)
        )
        yield made


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["verify", *arguments])


def test_where_it_stopped_is_printed_and_is_a_failure(seen: list[Verification]) -> None:
    result = run("--aws-region", REGION)

    assert result.exit_code == 1, result.output
    assert result.stdout.splitlines() == ["ok   object    it is there", "STOP parsed    a reason"]
    assert seen[0].site.bucket == "our-logs"
    assert seen[0].mark.key.startswith(f"bedrock/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}/")
    assert seen[0].diagnosis.errors_bucket == "our-logs"


def test_a_script_reads_every_step(seen: list[Verification]) -> None:
    run("--aws-region", REGION)
    result = run("--aws-region", REGION, "--json")

    assert result.exit_code == 0
    assert json.loads(result.stdout)[1] == {"name": "parsed", "passed": True, "told": "a reason"}


def test_a_spokes_object_is_followed_into_its_hub(seen: list[Verification], tmp_path: Path) -> None:
    (tmp_path / "Pulumi.spoke-lab.yaml").write_text(SPOKE.replace("HUB", ACCOUNT))

    run("--stack", "spoke-lab", "--timeout", "3")

    (found,) = seen
    assert found.site.bucket == f"bedrock-analytics-spoke-{ACCOUNT}-eu-west-1-logs"
    assert (found.site.names.region, found.site.hub.region) == ("eu-west-1", REGION)
    assert found.timeout.total_seconds() == 180


def test_a_spoke_needs_the_hubs_credentials_too(seen: list[Verification], tmp_path: Path) -> None:
    (tmp_path / "Pulumi.spoke-lab.yaml").write_text(SPOKE.replace("HUB", "999988887777"))

    result = run("--stack", "spoke-lab")

    assert result.exit_code == 2
    assert "the hub belongs to account 999988887777" in result.stderr
    assert seen == []
