"""Deploying stacks: a hub with its lake's migration, a hub and all its spokes, and taking one down."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bedrock_analytics.cli.pulumi_program import KeptResource
from bedrock_analytics.cli.stack_files import StackFiles
from bedrock_analytics.domain.errors import BedrockAnalyticsError, ConfigurationError
from components.setting_kinds import SpokeTrust
from components.settings import HubSettings, SpokeSettings


class Program(Protocol):
    """Pulumi. Every method but the last tells whether it went well."""

    def select(self, stack: str) -> bool: ...

    def preview(self, stack: str) -> bool: ...

    def up(self, stack: str, *, yes: bool) -> bool: ...

    def destroy(self, stack: str, *, yes: bool) -> bool: ...

    def kept(self, stack: str) -> list[KeptResource]: ...


class Lake(Protocol):
    """The lake of a hub, as far as a deployment changes it."""

    def migrate(self, hub: HubSettings) -> str | None:
        """Bring it up to this version's columns and say what was done; None where there is no lake yet."""
        ...


class Result(StrEnum):
    """What became of a stack."""

    DONE = "done"
    FAILED = "failed"
    NOT_TRIED = "not tried"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One line of the summary."""

    stack: str
    account: str
    region: str
    result: Result
    told: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StackDeployment:
    """Runs Pulumi for the stacks of a folder. `say` prints a line about what comes next."""

    files: StackFiles
    program: Program
    lake: Lake
    say: Callable[[str], None]
    yes: bool = False
    clock: Callable[[], float] = time.monotonic

    def preview(self, stack: str) -> bool:
        """Show what would change; the stack's file is checked first."""
        self.files.settings(stack)
        return self.program.select(stack) and self.program.preview(stack)

    def up(self, stack: str) -> bool:
        """Deploy one stack. A hub's lake gets new columns before the functions that send them."""
        settings = self.files.settings(stack)
        migrated = self._migrated(settings)
        if not (self.program.select(stack) and self.program.up(stack, yes=self.yes)):
            return False
        if migrated is None and isinstance(settings, HubSettings):
            self._migrated(settings)
        return True

    def _migrated(self, settings: HubSettings | SpokeSettings) -> str | None:
        if not isinstance(settings, HubSettings):
            return None
        done = self.lake.migrate(settings)
        if done is not None:
            self.say(done)
        return done

    def deploy(self, hub_stack: str, *, hub_too: bool = True) -> list[Outcome]:
        """Deploy a hub, then each of its spokes; a spoke that fails holds up no other."""
        hub = self.files.hub(hub_stack)
        outcomes: list[Outcome] = []
        if hub_too:
            outcomes.append(self._deployed(hub_stack, hub.target.account_id, hub.target.region))
        held_up = any(outcome.result is Result.FAILED for outcome in outcomes)
        for stack, spoke, why_not in self._spokes(hub_stack, hub):
            where = (stack, spoke.target.account_id, spoke.target.region)
            if why_not:
                outcomes.append(_outcome(*where, Result.SKIPPED, why_not))
            elif held_up:
                outcomes.append(_outcome(*where, Result.NOT_TRIED, "the hub failed"))
            else:
                outcomes.append(self._deployed(*where))
        return [*outcomes, *self._without_file(hub)]

    def _deployed(self, stack: str, account: str, region: str) -> Outcome:
        self.say(f"\n== {stack} ({account} {region})")
        started = self.clock()
        try:
            went_well, told = self.up(stack), ""
        except BedrockAnalyticsError as error:
            went_well, told = False, str(error)
            self.say(f"Error: {error}")
        return Outcome(
            stack=stack,
            account=account,
            region=region,
            result=Result.DONE if went_well else Result.FAILED,
            told=told,
            seconds=self.clock() - started,
        )

    def _spokes(self, hub_stack: str, hub: HubSettings) -> list[tuple[str, SpokeSettings, str]]:
        """Stacks of spokes of this hub, and why one is left out, if it is."""
        listed = {spoke.name for spoke in hub.spokes}
        found: list[tuple[str, SpokeSettings, str]] = []
        for stack in self.files.stacks():
            settings = self.files.settings(stack)
            if not isinstance(settings, SpokeSettings) or settings.hub != hub.names:
                continue
            unknown = hub.spoke_trust is SpokeTrust.ACCOUNTS and settings.spoke_name not in listed
            why_not = f"{settings.spoke_name} is not among the spokes of {hub_stack}" if unknown else ""
            found.append((stack, settings, why_not))
        return found

    def _without_file(self, hub: HubSettings) -> list[Outcome]:
        """Spokes that the hub lists and that nobody can deploy from here."""
        known = {
            settings.spoke_name
            for settings in map(self.files.settings, self.files.stacks())
            if isinstance(settings, SpokeSettings) and settings.hub == hub.names
        }
        told = "the hub lists it, and no stack file here is its own"
        return [
            _outcome(f"spoke-{spoke.name}", spoke.account_id, spoke.region, Result.FAILED, told)
            for spoke in hub.spokes
            if spoke.name not in known
        ]

    def destroy(self, stack: str) -> list[KeptResource] | None:
        """Take a stack down but for what is protected, and tell what stays; None where that failed."""
        self._warn_of_spokes(stack)
        if not self.program.select(stack) or not self.program.destroy(stack, yes=self.yes):
            return None
        return self.program.kept(stack)

    def _warn_of_spokes(self, stack: str) -> None:
        settings = self.files.settings(stack)
        if isinstance(settings, HubSettings) and settings.spokes:
            self.say(
                f"Spokes that send to this hub: {', '.join(spoke.name for spoke in settings.spokes)}. Their "
                "messages fail from now on, and wait 14 days in their dead-letter queues. Destroy the spokes "
                "first if the hub is not to come back."
            )


def summary(outcomes: Sequence[Outcome]) -> str:
    """The outcomes as a table."""
    rows = [("STACK", "ACCOUNT", "REGION", "RESULT", "SECONDS", "")]
    rows += [
        (one.stack, one.account, one.region, one.result.value, f"{one.seconds:.0f}", one.told)
        for one in outcomes
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def went_well(outcomes: Sequence[Outcome]) -> bool:
    """Whether every stack that was to be deployed is."""
    return all(outcome.result in {Result.DONE, Result.SKIPPED} for outcome in outcomes)


def only_hub(files: StackFiles) -> str:
    """The stack that is a hub; ConfigurationError where there is none, or several."""
    hubs = [stack for stack in files.stacks() if isinstance(files.settings(stack), HubSettings)]
    if len(hubs) == 1:
        return hubs[0]
    if not hubs:
        raise ConfigurationError(
            "no stack file here is a hub's: `bedrock-analytics preflight` prints one to begin with"
        )
    raise ConfigurationError(f"several stacks are hubs: say which, {', '.join(hubs)}")


def _outcome(stack: str, account: str, region: str, result: Result, told: str) -> Outcome:
    return Outcome(stack=stack, account=account, region=region, result=result, told=told)
