"""Expired AWS credentials: recognised in any error, whoever translated it, with the command that helps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.errors import CredentialsExpired, MetricsUnavailable

_EXPIRED_CODES = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "RequestExpired",
        "UnrecognizedClientException",
    }
)
_SIGNED_OUT = (
    botocore_errors.NoCredentialsError,
    botocore_errors.SSOTokenLoadError,
    botocore_errors.TokenRetrievalError,
    botocore_errors.UnauthorizedSSOTokenError,
)
_DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def is_expired(error: BaseException | None) -> bool:
    """The error, or what it was raised from, says that there are no valid credentials any more."""
    while error is not None:
        if isinstance(error, ClientError) and code_of(error) in _EXPIRED_CODES:
            return True
        if isinstance(error, (*_SIGNED_OUT, CredentialsExpired)):
            return True
        error = error.__cause__
    return False


def is_denied(error: BaseException | None) -> bool:
    """The error, or what it was raised from, says that the caller may not do that."""
    while error is not None:
        if isinstance(error, ClientError) and code_of(error) in _DENIED_CODES:
            return True
        error = error.__cause__
    return False


def code_of(error: ClientError) -> str:
    """AWS's code of an error, such as AccessDenied."""
    return str(error.response.get("Error", {}).get("Code", ""))


def renewal_text(profile: str | None) -> str:
    """What to do about expired credentials."""
    command = f"aws sso login --profile {profile}" if profile else "aws sso login"
    return f"The AWS credentials have expired. Run `{command}` where the dashboard runs, then reload."


@contextmanager
def looking(what: str, profile: str | None = None) -> Iterator[None]:
    """Raise what botocore raises inside as CredentialsExpired or MetricsUnavailable about `what`."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        if is_expired(error):
            raise CredentialsExpired(renewal_text(profile)) from error
        raise MetricsUnavailable(f"{what} did not answer: {error}") from error
