"""botocore's errors from DynamoDB as this project's, in one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as botocore_errors
from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.errors import ConditionFailed, TableError, TableUnavailable

PASSING_CODES = frozenset(
    {
        "InternalServerError",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "ReplicatedWriteConflictException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "RequestTimeoutException",
        "ServiceUnavailable",
        "Throttling",
        "ThrottlingException",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)
"""Error codes after which the same request may succeed later."""


@contextmanager
def translated(table_name: str) -> Iterator[None]:
    """Raise what botocore raises inside as TableError or one of its kinds."""
    try:
        yield
    except ClientError as error:
        raise table_error(error, table_name) from error
    except (botocore_errors.HTTPClientError, botocore_errors.ConnectionError) as error:
        raise TableUnavailable(f"table {table_name} cannot be reached: {error}") from error
    except BotoCoreError as error:
        raise TableError(f"table {table_name}: {error}") from error


def table_error(error: ClientError, table_name: str) -> TableError:
    """The error that an answer of DynamoDB means."""
    details = error.response.get("Error", {})
    code = details.get("Code", "unknown error")
    text = f"table {table_name}: {code}: {details.get('Message', 'no message')}"
    if code == "ConditionalCheckFailedException":
        return ConditionFailed(text)
    if code == "TransactionCanceledException":
        return _cancelled(error, text)
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in PASSING_CODES or status >= 500:
        return TableUnavailable(text)
    return TableError(text)


def _cancelled(error: ClientError, text: str) -> TableError:
    """A failed condition decides; an invalid item fails for ever; other causes of a cancellation pass."""
    codes = {reason.get("Code") for reason in error.response.get("CancellationReasons", ())}
    if "ConditionalCheckFailed" in codes:
        return ConditionFailed(text)
    if codes & {"ValidationError", "ItemCollectionSizeLimitExceeded"}:
        return TableError(text)
    return TableUnavailable(text)
