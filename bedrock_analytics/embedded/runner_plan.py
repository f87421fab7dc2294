"""What a runner is asked to do, and the directory that it finds; light enough for its parent process."""

from __future__ import annotations

from typing import Final

import msgspec

from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.demo_traffic import ACCOUNT_NAMES, METADATA_KEYS
from bedrock_analytics.embedded.directory_settings import DirectorySettings, load_settings, save_settings

SIMULATED: Final = "simulated traffic"
"""Where the log objects of a demo come from."""


class RunnerPlan(msgspec.Struct, frozen=True, kw_only=True):
    """What a runner does: simulated traffic where `logs` is None, else a folder, file or S3 prefix.

    `metadata_keys` None keeps those of the directory.
    """

    data_dir: str
    logs: str | None = None
    profile: str | None = None
    region: str | None = None
    seed: int | None = None
    days: int | None = None
    metadata_keys: tuple[str, ...] | None = None
    is_live: bool = True
    quiet: bool = False


def prepare(plan: RunnerPlan, directory: DataDirectory) -> DirectorySettings:
    """Keep what the plan says of the directory's settings. Needs the writer lock.

    ConfigurationError where invented and real usage would come together.
    """
    known = load_settings(directory)
    if known.log_source and (known.log_source == SIMULATED) != (plan.logs is None):
        raise ConfigurationError(
            f"{directory.path} holds usage from {known.log_source}; use another --data-dir"
        )
    if plan.logs is None:
        wanted = DirectorySettings(
            metadata_keys=METADATA_KEYS, account_names=ACCOUNT_NAMES, log_source=SIMULATED
        )
    else:
        keys = known.metadata_keys if plan.metadata_keys is None else plan.metadata_keys
        wanted = msgspec.structs.replace(known, metadata_keys=keys, log_source=plan.logs)
    if wanted != known:
        save_settings(directory, wanted)
    return wanted
