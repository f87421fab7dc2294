"""What moto 5 keeps of a bucket's notifications and does not give back: that EventBridge is told."""

from __future__ import annotations

from typing import Any

from moto.s3.models import s3_backends


def telling_event_bridge(client: Any, account: str) -> Any:
    """The client, whose GetBucketNotificationConfiguration answers as S3 does."""

    def complete(parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        bucket = s3_backends[account]["aws"].buckets[context["asked_bucket"]]
        kept = bucket.notification_configuration
        if kept is not None and kept.event_bridge is not None:
            parsed["EventBridgeConfiguration"] = {}

    def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["asked_bucket"] = params["Bucket"]

    operation = "s3.GetBucketNotificationConfiguration"
    client.meta.events.register(f"provide-client-params.{operation}", remember)
    client.meta.events.register(f"after-call.{operation}", complete)
    return client
