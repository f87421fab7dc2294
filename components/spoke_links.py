"""A hub's spokes as its settings list them: who may write, and through whom their metrics are read. Pure."""

from __future__ import annotations

from typing import Final

from components.access_policies import METRICS_READER, Writer
from components.naming import any_spokes_role_arn
from components.setting_kinds import SpokeTrust
from components.settings import HubSettings, SpokeEntry
from components.stack_outputs import spokes_output

MOST_NAMED: Final = 20
"""Spokes that the reader policy names one by one: a managed policy has room for 6,144 characters."""


def writers(hub: HubSettings) -> dict[str | None, Writer]:
    """Who may put calls on the stream: one role for each spoke, or one for an organization's, under None."""
    if hub.spoke_trust is SpokeTrust.ORGANIZATION:
        writer = Writer(external_id=_external_id(hub, None), organization_id=hub.organization_id)
        return {None: writer}
    return {
        spoke.name: Writer(external_id=_external_id(hub, spoke), spoke=hub.names_of(spoke))
        for spoke in hub.spokes
    }


def metrics_readers(hub: HubSettings) -> list[str]:
    """ARNs of the roles through which spokes' metrics are read, or their pattern where they are many.

    Each of those roles trusts the hub's account alone, so the pattern opens nothing else.
    """
    if hub.spoke_trust is SpokeTrust.ORGANIZATION or len(hub.spokes) > MOST_NAMED:
        return [any_spokes_role_arn(hub.names, METRICS_READER)]
    return [hub.names_of(spoke).metrics_reader_arn for spoke in hub.spokes]


def spoke_rows(hub: HubSettings) -> dict[str, dict[str, str]]:
    """What the hub tells the command line and the dashboard about each spoke, by its name."""
    return {
        spoke.name: {**row, "external_id": _external_id(hub, spoke)}
        for spoke, row in zip(hub.spokes, spokes_output(hub), strict=True)
    }


def _external_id(hub: HubSettings, spoke: SpokeEntry | None) -> str:
    """The spoke's own, or the organization's; the settings see to it that there is one."""
    own = spoke.external_id if spoke else None
    found = own or hub.external_id
    if found is None:
        raise ValueError(f"no external id for {spoke.name if spoke else 'the organization'}")
    return found
