"""L1's queue, told of log objects by the same messages that EventBridge sends it."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from bedrock_analytics.domain.errors import DeliveryError
from bedrock_analytics.storage.log_objects import LogObject

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

BATCH_SIZE: Final = 10
"""Most messages that one SendMessageBatch takes."""
ATTEMPTS: Final = 6


def object_event(item: LogObject, *, account: str, region: str, reason: str) -> dict[str, Any]:
    """S3's event about an object as EventBridge delivers it. Its time is the object's own, so that whatever
    depends on it is the same at each delivery."""
    stamp = item.modified_at.isoformat(timespec="seconds").replace("+00:00", "Z")
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": account,
        "time": stamp,
        "region": region,
        "resources": [f"arn:aws:s3:::{item.bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": item.bucket},
            "object": {"key": item.key, "size": item.size, "etag": item.etag},
            "reason": reason,
        },
    }


class LogQueue:
    """Sends events to one queue."""

    def __init__(
        self,
        client: SQSClient,
        url: str,
        *,
        account: str,
        region: str,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._url = url
        self._account = account
        self._region = region
        self._sleep = sleep

    def announce(self, objects: Sequence[LogObject], reason: str) -> None:
        """Send one message for each of at most ten objects; DeliveryError if any is not taken in the end."""
        left = {
            str(number): json.dumps(
                object_event(item, account=self._account, region=self._region, reason=reason)
            )
            for number, item in enumerate(objects)
        }
        why = ""
        for attempt in range(ATTEMPTS):
            if attempt:
                self._sleep(0.2 * 2.0**attempt)
            entries: Any = [{"Id": name, "MessageBody": body} for name, body in left.items()]
            try:
                answer = self._client.send_message_batch(QueueUrl=self._url, Entries=entries)
            except (ClientError, BotoCoreError) as error:
                raise DeliveryError(f"the queue {self._url} takes no messages: {error}") from error
            failed = answer.get("Failed", [])
            if not failed:
                return
            left = {entry["Id"]: left[entry["Id"]] for entry in failed}
            why = failed[-1].get("Message") or failed[-1]["Code"]
        raise DeliveryError(f"the queue {self._url} refused {len(left)} messages {ATTEMPTS} times: {why}")
