"""What a data directory remembers of how it was set up, for every process that opens it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from bedrock_analytics.domain.errors import DataDirectoryError
from bedrock_analytics.embedded.data_directory import DataDirectory, replace_text


class DirectorySettings(msgspec.Struct, frozen=True, kw_only=True):
    """`metadata_keys` are the request metadata keys that usage is kept by; `account_names` are friendly
    names by account id; `log_source` says in words where the log objects come from.
    """

    metadata_keys: tuple[str, ...] = ()
    account_names: Mapping[str, str] = msgspec.field(default_factory=dict)
    log_source: str = ""


def load_settings(directory: DataDirectory) -> DirectorySettings:
    """The directory's settings; defaults where it has none yet. DataDirectoryError where they are damaged."""
    path = directory.settings_file
    try:
        return msgspec.json.decode(path.read_bytes(), type=DirectorySettings)
    except FileNotFoundError:
        return DirectorySettings()
    except (OSError, msgspec.MsgspecError) as error:
        raise DataDirectoryError(f"{path} cannot be read: {error}") from error


def save_settings(directory: DataDirectory, settings: DirectorySettings) -> None:
    """Keep settings; only the directory's writer may."""
    text = msgspec.json.format(msgspec.json.encode(settings), indent=2).decode()
    replace_text(directory.settings_file, text + "\n")
