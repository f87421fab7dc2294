from datetime import UTC, datetime

import pytest

from bedrock_analytics.domain.log_key import ObjectKind, read_key

FOLDER = "AWSLogs/222200000000/BedrockModelInvocationLogs/us-east-1/2024/11/20/16"


def test_a_record_object_tells_account_region_and_time() -> None:
    key = read_key(f"us-east-1/{FOLDER}/20241120T164851056Z_9b86bf4994c4ab1c.json.gz")
    assert key.kind is ObjectKind.RECORDS
    assert (key.account_id, key.region) == ("222200000000", "us-east-1")
    assert key.stamped_at == datetime(2024, 11, 20, 16, 48, 51, 56000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        (f"{FOLDER}/data/19926a63_input.json.gz", ObjectKind.OFFLOADED_BODY),
        (f"{FOLDER}/data/19926a63_output.json.gz", ObjectKind.OFFLOADED_BODY),
        (f"{FOLDER}/data/19926a63_input_media_00.pdf", ObjectKind.OFFLOADED_BODY),
        (f"{FOLDER}/data/anything.json.gz", ObjectKind.OFFLOADED_BODY),
        ("copied/data/19926a63_output.json.gz", ObjectKind.OFFLOADED_BODY),
        (
            "AWSLogs/1/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check",
            ObjectKind.PERMISSION_CHECK,
        ),
        ("amazon-bedrock-logs-permission-check.json", ObjectKind.PERMISSION_CHECK),
        ("data/my-own-logs.json.gz", ObjectKind.RECORDS),
        ("/home/jo/data/records.jsonl", ObjectKind.RECORDS),
        ("records.ndjson.gz", ObjectKind.RECORDS),
        (f"{FOLDER}/README.txt", ObjectKind.OTHER),
        ("", ObjectKind.OTHER),
    ],
)
def test_a_key_tells_what_its_object_holds(key: str, kind: ObjectKind) -> None:
    assert read_key(key).kind is kind


@pytest.mark.parametrize(
    "name",
    ["20241320T164851056Z_9b.json.gz", "99991120T164851056Z_9b.json.gz", "records.json", "2024_a.json"],
)
def test_a_name_without_a_sane_stamp_has_no_time(name: str) -> None:
    assert read_key(name).stamped_at is None
