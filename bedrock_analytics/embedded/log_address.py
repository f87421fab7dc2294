"""Where a person says that the logs are: a path, or an address in S3."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from bedrock_analytics.domain.errors import ConfigurationError


def require_logs(path: str) -> None:
    """ConfigurationError where a path can hold no logs: it does not exist, or names no bucket."""
    if is_s3_address(path):
        split_s3_address(path)
    elif not Path(path).expanduser().exists():
        raise ConfigurationError(
            f"{path} does not exist: name a folder or file of invocation logs, or s3://bucket/prefix"
        )


def split_s3_address(address: str) -> tuple[str, str]:
    """Bucket and prefix of s3://bucket/prefix; ConfigurationError where it names no bucket."""
    parts = urlsplit(address, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise ConfigurationError(f"{address} names no bucket; write s3://bucket/prefix")
    return parts.netloc, parts.path.removeprefix("/")


def is_s3_address(path: str) -> bool:
    return path.startswith("s3://")
