"""Deployments run a program named `pulumi`, which the tests play."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bedrock_analytics.cli import deploy
from bedrock_analytics.cli.main import main
from bedrock_analytics.domain.errors import LakeError
from components.settings import HubSettings
from tests.fakes.pulumi_program import PulumiProgram

HUB = """\
config:
  bedrock-analytics:role: hub
  bedrock-analytics:accountId: "111122223333"
  bedrock-analytics:region: us-east-1
"""
ENTRY = """\
    - name: {name}
      accountId: "{account}"
      region: us-west-2
      externalId: a-random-text
"""
SPOKE = """\
config:
  bedrock-analytics:role: spoke
  bedrock-analytics:accountId: "{account}"
  bedrock-analytics:region: us-west-2
  bedrock-analytics:spokeName: {name}
  bedrock-analytics:externalId: a-random-text
  bedrock-analytics:hubAccountId: "111122223333"
  bedrock-analytics:hubRegion: {hub_region}
"""


class Lake:
    """What happens to the hub's lake, in the order of Pulumi's calls."""

    def __init__(self, pulumi: PulumiProgram) -> None:
        self.pulumi = pulumi
        self.exists = False
        self.appears_with_up = True
        self.migrated_after: list[int] = []
        self.error: LakeError | None = None

    def migrate(self, hub: HubSettings) -> str | None:
        assert hub.target.account_id == "111122223333"
        deployed = [call for call in self.pulumi.calls() if call.startswith("up ")]
        if self.error is not None:
            raise self.error
        if not self.exists and not (deployed and self.appears_with_up):
            return None
        self.migrated_after.append(len(deployed))
        return "The lake has all columns."


@pytest.fixture
def pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PulumiProgram:
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "Pulumi.yaml").write_text("name: bedrock-analytics\n")
    program = PulumiProgram(tmp_path / "bin")
    monkeypatch.setenv("PATH", str(program.folder))
    return program


@pytest.fixture
def lake(pulumi: PulumiProgram, monkeypatch: pytest.MonkeyPatch) -> Lake:
    found = Lake(pulumi)
    monkeypatch.setattr(deploy, "HubLake", lambda: found)
    return found


def hub(*spokes: str) -> None:
    entries = "".join(
        ENTRY.format(name=name, account=f"44445555666{number}") for number, name in enumerate(spokes)
    )
    Path("Pulumi.hub.yaml").write_text(HUB + (f"  bedrock-analytics:spokes:\n{entries}" if spokes else ""))
    for number, name in enumerate(spokes):
        spoke(name, f"44445555666{number}")


def spoke(name: str, account: str = "444455556669", hub_region: str = "us-east-1") -> None:
    text = SPOKE.format(name=name, account=account, hub_region=hub_region)
    Path(f"Pulumi.spoke-{name}.yaml").write_text(text)


def run(*arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows(result: Result) -> dict[str, str]:
    """Result by stack, from the summary."""
    table = result.stdout[result.stdout.index("STACK") :].splitlines()[1:]
    return {line[: line.index("  ")]: line for line in table}


@pytest.mark.parametrize("arguments", [("preview", "hub"), ("up", "hub"), ("deploy",), ("destroy", "hub")])
def test_without_pulumi_every_command_says_how_to_get_it(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    hub()
    monkeypatch.setenv("PATH", str(tmp_path))

    result = run(*arguments)

    assert result.exit_code == 2
    assert "the Pulumi command line is not installed" in result.stderr
    assert "https://www.pulumi.com/docs/install/" in result.stderr


def test_outside_the_project_the_folder_is_named(lake: Lake) -> None:
    Path("Pulumi.yaml").unlink()

    assert "here is no Pulumi.yaml" in run("up", "hub").stderr


def test_a_wrong_stack_file_is_refused_before_pulumi_is_asked(pulumi: PulumiProgram, lake: Lake) -> None:
    Path("Pulumi.hub.yaml").write_text(HUB.replace("us-east-1", "mars"))

    result = run("up", "hub")

    assert result.exit_code == 2
    assert "Pulumi.hub.yaml: region" in result.stderr
    assert pulumi.calls() == []


def test_a_preview_changes_nothing(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    lake.exists = True

    assert run("preview", "hub").exit_code == 0
    assert pulumi.calls() == ["stack select --create --stack hub", "preview --stack hub --diff"]
    assert lake.migrated_after == []


def test_the_first_up_confirms_the_columns_of_the_new_lake(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()

    assert run("up", "hub").exit_code == 0
    assert pulumi.calls() == ["stack select --create --stack hub", "up --stack hub"]
    assert lake.migrated_after == [1]


def test_a_person_who_need_not_be_asked_says_so(pulumi: PulumiProgram, lake: Lake) -> None:
    hub("lab")

    run("deploy", "--yes")

    assert "up --stack hub --yes" in pulumi.calls()
    assert "up --stack spoke-lab --yes" in pulumi.calls()


def test_a_later_up_adds_columns_before_the_functions_change(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    lake.exists = True

    assert run("up", "hub").exit_code == 0
    assert lake.migrated_after == [0]


def test_functions_do_not_change_when_the_migration_failed(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    lake.error = LakeError("Athena says no")

    result = run("up", "hub")

    assert result.exit_code == 1
    assert "Athena says no" in result.stderr
    assert pulumi.calls() == []


def test_a_spokes_up_touches_no_lake(pulumi: PulumiProgram, lake: Lake) -> None:
    spoke("lab")
    lake.exists = True

    assert run("up", "spoke-lab").exit_code == 0
    assert lake.migrated_after == []


def test_pulumis_failure_is_the_commands(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    pulumi.answer("up hub", code=255)

    assert run("up", "hub").exit_code == 1


def test_a_deployment_takes_the_hub_first_and_sums_up(pulumi: PulumiProgram, lake: Lake) -> None:
    hub("lab", "edge")

    result = run("deploy")

    assert result.exit_code == 0, result.output
    assert [call for call in pulumi.calls() if call.startswith("up")] == [
        "up --stack hub",
        "up --stack spoke-edge",
        "up --stack spoke-lab",
    ]
    assert "444455556660" in rows(result)["spoke-lab"]
    assert all("done" in row for row in rows(result).values())


def test_a_spoke_that_fails_holds_up_no_other(pulumi: PulumiProgram, lake: Lake) -> None:
    hub("edge", "lab")
    pulumi.answer("up spoke-edge", code=1)

    result = run("deploy")

    assert result.exit_code == 1
    assert "failed" in rows(result)["spoke-edge"]
    assert "done" in rows(result)["spoke-lab"]


def test_a_hub_that_fails_holds_up_all(pulumi: PulumiProgram, lake: Lake) -> None:
    hub("lab")
    pulumi.answer("up hub", code=1)

    result = run("deploy")

    assert result.exit_code == 1
    assert "not tried" in rows(result)["spoke-lab"]
    assert "up --stack spoke-lab" not in pulumi.calls()


def test_an_error_of_this_project_is_in_the_summary_too(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    lake.error = LakeError("Athena says no")

    result = run("deploy")

    assert result.exit_code == 1
    assert "Athena says no" in rows(result)["hub"]


def test_a_spoke_that_the_hub_does_not_list_is_left_out(pulumi: PulumiProgram, lake: Lake) -> None:
    hub("lab")
    spoke("sample")
    spoke("of-another", hub_region="eu-west-1")

    result = run("deploy")

    assert result.exit_code == 0
    assert "sample is not among the spokes of hub" in rows(result)["spoke-sample"]
    assert "spoke-of-another" not in rows(result)
    assert "up --stack spoke-sample" not in pulumi.calls()


def test_a_listed_spoke_without_a_file_is_a_failure(pulumi: PulumiProgram, lake: Lake) -> None:
    hub("lab")
    Path("Pulumi.spoke-lab.yaml").unlink()

    result = run("deploy")

    assert result.exit_code == 1
    assert "no stack file here is its own" in rows(result)["spoke-lab"]


def test_spokes_can_be_deployed_alone(pulumi: PulumiProgram, lake: Lake) -> None:
    hub("lab")

    result = run("deploy", "--spokes-only")

    assert result.exit_code == 0
    assert list(rows(result)) == ["spoke-lab"]


def test_a_hub_without_spokes_has_none_to_deploy(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()

    assert run("deploy", "--spokes-only").stdout == "The hub lists no spokes.\n"


def test_of_several_hubs_one_must_be_named(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    Path("Pulumi.other.yaml").write_text(HUB)

    assert "several stacks are hubs: say which, hub, other" in run("deploy").stderr
    assert run("deploy", "other").exit_code == 0


def test_without_a_hub_the_way_to_one_is_told(pulumi: PulumiProgram, lake: Lake) -> None:
    assert "`bedrock-analytics preflight` prints one" in run("deploy").stderr


STATE = {
    "deployment": {
        "resources": [
            {"urn": "u", "type": "pulumi:pulumi:Stack"},
            {"urn": "p", "type": "pulumi:providers:aws", "custom": True, "id": "x"},
            {"urn": "c", "type": "bedrock-analytics:index:EventLake", "custom": False},
            {"urn": "t", "type": "aws:dynamodb/table:Table", "custom": True, "id": "usage", "protect": True},
        ]
    }
}


def test_what_stays_after_a_destroy_is_listed(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    pulumi.answer("stack export", out=json.dumps(STATE))

    result = run("destroy", "hub", "--yes")

    assert result.exit_code == 0
    assert "destroy --stack hub --exclude-protected --yes" in pulumi.calls()
    assert "Of hub these 1 stay in AWS" in result.stdout
    assert "aws:dynamodb/table:Table  usage" in result.stdout
    assert "`make up STACK=hub` takes them up again" in result.stdout


def test_a_destroy_that_leaves_nothing_says_so(pulumi: PulumiProgram, lake: Lake) -> None:
    spoke("lab")
    pulumi.answer("stack export", out=json.dumps({"deployment": {"resources": None}}))

    assert run("destroy", "spoke-lab").stdout == "Nothing of spoke-lab is left.\n"


def test_a_hub_that_spokes_send_to_warns_of_them(pulumi: PulumiProgram, lake: Lake) -> None:
    hub("lab")
    pulumi.answer("stack export", out="{}")

    assert "Spokes that send to this hub: lab." in run("destroy", "hub").stderr


def test_a_destroy_that_failed_is_a_failure(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    pulumi.answer("destroy", code=1)

    assert run("destroy", "hub").exit_code == 1


def test_a_state_that_cannot_be_exported_is_told(pulumi: PulumiProgram, lake: Lake) -> None:
    hub()
    pulumi.answer("stack export", code=1)

    assert "pulumi cannot export stack hub" in run("destroy", "hub").stderr
