"""Spokes are added to the stack files, which people write and comment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from bedrock_analytics.cli.main import main
from bedrock_analytics.cli.spoke import NewSpoke, add_spoke
from bedrock_analytics.cli.stack_files import StackFiles
from bedrock_analytics.domain.errors import ConfigurationError
from components.settings import HubSettings, SpokeSettings

HUB = """\
# Our hub.
config:
  pulumi:disable-default-providers: ["*"]
  bedrock-analytics:role: hub # of everything
  bedrock-analytics:accountId: "111122223333"
  bedrock-analytics:region: us-east-1
"""
WITH_SPOKES = f"""{HUB}\
  # Who sends calls:
  bedrock-analytics:spokes:
    # the lab
    - name: lab
      accountId: "444455556666"
      region: us-west-2
      externalId: a-random-text
    # add more above

  bedrock-analytics:metadataKeys: [team]
encryptionsalt: v1:abc
"""
LAB = NewSpoke(name="lab", account_id="444455556666", region="us-west-2", external_id="a-random-text")
EDGE = NewSpoke(name="edge", account_id="012345678901", region="eu-west-1")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "Pulumi.hub.yaml").write_text(HUB)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hub_of(folder: Path) -> HubSettings:
    return StackFiles(folder).hub("hub")


def test_hub_and_spoke_agree_after_adding(folder: Path) -> None:
    add_spoke(StackFiles(folder), "hub", EDGE)

    spoke = StackFiles(folder).settings("spoke-edge")
    assert isinstance(spoke, SpokeSettings)
    (entry,) = hub_of(folder).spokes
    assert (entry.name, entry.account_id, entry.region) == ("edge", "012345678901", "eu-west-1")
    assert entry.external_id == spoke.external_id
    assert len(spoke.external_id or "") >= 32
    assert spoke.hub == hub_of(folder).names
    assert spoke.write_role_arn == hub_of(folder).names.write_role_arn("edge")


def test_every_external_id_is_another(folder: Path) -> None:
    add_spoke(StackFiles(folder), "hub", EDGE)
    add_spoke(StackFiles(folder), "hub", NewSpoke(name="b", account_id="012345678901", region="eu-west-2"))

    first, second = hub_of(folder).spokes
    assert first.external_id != second.external_id


@pytest.mark.parametrize(
    "text",
    [
        HUB,
        WITH_SPOKES,
        f"{HUB}  bedrock-analytics:spokes: []\n  bedrock-analytics:tracing: true\n",
        f"{HUB}encryptionsalt: v1:abc\n",
        WITH_SPOKES.replace("\n    ", "\n  "),
        f"{HUB}\n# the end\n",
    ],
)
def test_what_stands_in_the_file_stays_as_it_is(folder: Path, text: str) -> None:
    path = folder / "Pulumi.hub.yaml"
    path.write_text(text)
    before = yaml.safe_load(text)

    add_spoke(StackFiles(folder), "hub", EDGE)

    after = path.read_text()
    kept = [line for line in text.splitlines() if "spokes: []" not in line]
    assert [line for line in after.splitlines() if line in kept] == kept
    document = yaml.safe_load(after)
    added = document["config"].pop("bedrock-analytics:spokes")[-1]
    before["config"].pop("bedrock-analytics:spokes", None)
    assert document == before
    assert added["accountId"] == "012345678901"  # text, though it looks like an octal number


def test_a_list_that_cannot_be_added_to_is_left_alone(folder: Path) -> None:
    path = folder / "Pulumi.hub.yaml"
    lab = '{name: lab, accountId: "444455556666", region: us-west-2, externalId: a-random-text}'
    text = f"{HUB}  bedrock-analytics:spokes: [{lab}]\n"
    path.write_text(text)

    with pytest.raises(ConfigurationError, match="by hand"):
        add_spoke(StackFiles(folder), "hub", EDGE)
    assert path.read_text() == text
    assert not (folder / "Pulumi.spoke-edge.yaml").exists()


@pytest.mark.parametrize(
    ("spoke", "reason"),
    [
        (
            NewSpoke(name="own", account_id="111122223333", region="us-east-1"),
            "the hub's own account and Region",
        ),
        (NewSpoke(name="lab", account_id="444455556666", region="us-east-1"), "this name"),
        (NewSpoke(name="two", account_id="444455556666", region="us-west-2"), "this account and Region"),
        (NewSpoke(name="Bad", account_id="444455556666", region="us-west-1"), "lower-case"),
        (NewSpoke(name="bad", account_id="4444", region="us-west-1"), "12 digits"),
        (NewSpoke(name="bad", account_id="444455556666", region="mars"), "Region such as"),
        (NewSpoke(name="bad", account_id="444455556666", region="us-west-1", external_id="x"), "8 to 128"),
    ],
)
def test_a_spoke_that_cannot_be_is_refused_and_nothing_written(
    folder: Path, spoke: NewSpoke, reason: str
) -> None:
    (folder / "Pulumi.hub.yaml").write_text(WITH_SPOKES)

    with pytest.raises(ConfigurationError, match=reason):
        add_spoke(StackFiles(folder), "hub", spoke)
    assert (folder / "Pulumi.hub.yaml").read_text() == WITH_SPOKES
    assert [path.name for path in folder.iterdir()] == ["Pulumi.hub.yaml"]


def test_a_file_that_is_there_is_not_overwritten(folder: Path) -> None:
    (folder / "Pulumi.spoke-lab.yaml").write_text("config: {}\n")

    with pytest.raises(ConfigurationError, match="is there already"):
        add_spoke(StackFiles(folder), "hub", LAB)


def test_what_both_must_share_is_taken_over(folder: Path) -> None:
    shared = "  bedrock-analytics:namePrefix: ai-costs\n  bedrock-analytics:tags: {team: '7'}\n"
    (folder / "Pulumi.hub.yaml").write_text(HUB + shared)

    add_spoke(StackFiles(folder), "hub", EDGE)

    spoke = StackFiles(folder).settings("spoke-edge")
    assert spoke.name_prefix == "ai-costs"
    assert dict(spoke.tags) == {"team": "7"}


def test_the_spokes_of_an_organization_share_one_external_id(folder: Path) -> None:
    trust = (
        "  bedrock-analytics:spokeTrust: organization\n  bedrock-analytics:organizationId: o-a1b2c3d4e5\n"
        "  bedrock-analytics:externalId: shared-by-all\n"
    )
    (folder / "Pulumi.hub.yaml").write_text(HUB + trust)

    add_spoke(StackFiles(folder), "hub", EDGE)

    assert StackFiles(folder).settings("spoke-edge").external_id == "shared-by-all"
    assert hub_of(folder).spokes[0].external_id is None


def run(*arguments: str) -> Any:
    return CliRunner().invoke(main, ["spoke", "add", *arguments])


def test_the_command_says_what_comes_next(folder: Path) -> None:
    sealed = (
        "  bedrock-analytics:callerDetail: pseudonym\n  bedrock-analytics:pseudonymKey: {secure: v1:abc}\n"
    )
    (folder / "Pulumi.hub.yaml").write_text(HUB + sealed)

    result = run("edge", "--account", "012345678901", "--region", "eu-west-1", "--profile", "edge-admin")

    assert result.exit_code == 0, result.output
    assert "Wrote Pulumi.spoke-edge.yaml" in result.stdout
    assert "pulumi config set --secret pseudonymKey --stack spoke-edge" in result.stdout
    assert "make up STACK=hub && make up STACK=spoke-edge" in result.stdout
    assert "awsProfile: edge-admin" in (folder / "Pulumi.spoke-edge.yaml").read_text()


def test_a_missing_hub_file_says_what_is_there(folder: Path) -> None:
    result = run("edge", "--account", "012345678901", "--region", "eu-west-1", "--hub-stack", "main")

    assert result.exit_code == 2
    assert "there is no Pulumi.main.yaml (stacks here: hub)" in result.stderr
