"""Who writes and whose metrics are read, from the settings of a hub alone."""

from __future__ import annotations

import json

import pytest

from components import access_policies
from components.access_policies import Writer, writer_trust
from components.settings import HubSettings, parse
from components.spoke_links import MOST_NAMED, metrics_readers, spoke_rows, writers

ORGANIZATION = {
    "spokeTrust": "organization",
    "organizationId": "o-a1b2c3d4e5",
    "externalId": "of-the-company",
}


def hub(spokes: int, **changes: object) -> HubSettings:
    external = {} if changes else {"externalId": "an-external-id"}
    entries = [
        {"name": f"s{number}", "accountId": f"{number:012}", "region": "us-west-2", **external}
        for number in range(1, spokes + 1)
    ]
    config = {"role": "hub", "accountId": "111122223333", "region": "us-east-1", "spokes": entries, **changes}
    settings = parse(config)
    assert isinstance(settings, HubSettings)
    return settings


def test_each_listed_spoke_has_a_writer_of_its_own() -> None:
    found = writers(hub(2))
    assert list(found) == ["s1", "s2"]
    assert [writer.spoke.account for writer in found.values() if writer.spoke] == [
        "000000000001",
        "000000000002",
    ]


def test_an_organizations_spokes_share_one() -> None:
    assert writers(hub(2, **ORGANIZATION)) == {
        None: Writer(external_id="of-the-company", organization_id="o-a1b2c3d4e5")
    }


def test_an_organizations_spokes_are_told_with_its_external_id() -> None:
    assert {row["external_id"] for row in spoke_rows(hub(2, **ORGANIZATION)).values()} == {"of-the-company"}


@pytest.mark.parametrize("spokes", [0, 1, MOST_NAMED, MOST_NAMED + 1, 400])
def test_the_reader_policy_has_room_for_any_number_of_spokes(spokes: int) -> None:
    settings = hub(spokes)
    policy = json.dumps(access_policies.reader(settings.names, metrics_readers(settings)))
    assert len(policy.replace(" ", "")) < 6144
    named = [hub_spoke.name for hub_spoke in settings.spokes] if spokes <= MOST_NAMED else ["any"]
    assert len(metrics_readers(settings)) == len(named)


def test_a_trust_policy_is_far_below_its_2048_characters() -> None:
    for settings in (hub(1), hub(1, **ORGANIZATION)):
        for writer in writers(settings).values():
            assert len(json.dumps(writer_trust(settings.names, writer))) < 1000


def test_a_writer_of_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="one spoke, or of an organization"):
        writer_trust(hub(0).names, Writer(external_id="an-external-id"))
