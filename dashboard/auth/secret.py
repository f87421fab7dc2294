"""The secret that signs sessions: given, or made once and kept. There is no default."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

from bedrock_analytics.domain.errors import ConfigurationError

SECRET_VARIABLE: Final = "BEDROCK_ANALYTICS_SESSION_SECRET"  # noqa: S105 - a name, no secret
MIN_LENGTH: Final = 32
_OTHERS: Final = 0o077


def new_secret() -> str:
    """A secret of 256 random bits."""
    return secrets.token_urlsafe(32)


def checked_secret(secret: str, source: str) -> str:
    """A secret without the line end that files have; ConfigurationError where it is too short to be one."""
    found = secret.strip()
    if len(found) < MIN_LENGTH:
        raise ConfigurationError(
            f"the session secret in {source} has {len(found)} characters and needs {MIN_LENGTH}; "
            "`openssl rand -base64 32` makes one"
        )
    return found


def secret_of_file(path: Path) -> str:
    """The secret that a person put into a file."""
    try:
        return checked_secret(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"the session secret {path} cannot be read: {error}") from error


def secret_made_once(path: Path) -> str:
    """The secret of a file that only its owner may read, made where it is missing.

    Of several processes that find none, one makes it and all use that one. ConfigurationError where the
    file cannot be made or read, or where others may read it.
    """
    try:
        if not path.exists():
            _make(path)
        if path.stat().st_mode & _OTHERS:
            raise ConfigurationError(f"others may read the session secret {path}: `chmod 600 {path}`")
    except OSError as error:
        raise ConfigurationError(f"the session secret {path} cannot be made: {error.strerror}") from error
    return secret_of_file(path)


def _make(path: Path) -> None:
    """Write a draft and link it to its name, which fails where another process was first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(new_secret() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
