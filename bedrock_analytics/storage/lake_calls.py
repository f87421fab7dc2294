"""Calls of the AWS services behind the lake: passing faults are retried, all faults become lake errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import tenacity
from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.errors import LakeError, LakeUnavailable

T = TypeVar("T")

ATTEMPTS = 6

_PASSING_CODES = frozenset(
    {
        "InternalFailure",
        "InternalServerErrorException",
        "InternalServerException",
        "RequestTimeout",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)


def is_passing(error: BaseException) -> bool:
    """The fault may be gone on the next attempt: throttled, the service's own fault, no connection."""
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        return error.response.get("Error", {}).get("Code") in _PASSING_CODES or status >= 500
    return isinstance(error, BotoCoreError)


def is_invalid_request(error: LakeError) -> bool:
    """Athena refused the request itself: it knows no such query, or the query has no results."""
    cause = error.__cause__
    return isinstance(cause, ClientError) and (
        cause.response.get("Error", {}).get("Code") == "InvalidRequestException"
    )


def call(operation: Callable[..., T], *, sleep: Callable[[float], None], **arguments: Any) -> T:
    """What the operation returns; after several throttled attempts LakeUnavailable, else LakeError.

    Pauses double from half a second to eight seconds.
    """
    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(is_passing),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_exponential(multiplier=0.5, max=8),
        sleep=sleep,
        reraise=True,
    )
    try:
        return retrying(operation, **arguments)
    except (ClientError, BotoCoreError) as error:
        failure = LakeUnavailable if is_passing(error) else LakeError
        raise failure(str(error)) from error
