"""What each published record must become, written by hand from the log's documentation.

A column that is not named is null. The rules behind the figures: the envelope counts are the tokens that
are billed; a stream's output count is the last one; a cache write without a lifetime split counts as
5 minutes and is marked; times come from Converse's metrics or a stream's last chunk.
"""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from bedrock_analytics.domain.usage_event import COLUMN_NAMES, SCHEMA_VERSION
from bedrock_analytics.embedded.parse_files import ParseFiles

RECORDS = Path(__file__).parents[2] / "data" / "invocation-logs"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SONNET_ARN = "arn:aws:bedrock:us-west-2:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"
OPUS_ARN = "arn:aws:bedrock:us-east-1:222200000009:inference-profile/global.anthropic.claude-opus-4-6-v1"

GOLDEN: dict[str, dict[str, Any]] = {
    "01_imwrs_claude3haiku_2024_stream_metrics": {
        "account_id": "111111111111",
        "region": "us-east-1",
        "request_id": "6f9e9644-95a1-4c3c-892f-b51372320d5e",
        "ts": datetime(2024, 4, 18, 22, 54, 57, tzinfo=UTC),
        "operation": "InvokeModelWithResponseStream",
        "model_id": "anthropic.claude-3-haiku-20240307-v1:0",
        "logged_model_id": "anthropic.claude-3-haiku-20240307-v1:0",
        "response_model_id": "claude-3-haiku-48k-20240307",
        "route": "regional",
        "caller": "user/dev@example.com",
        "caller_type": "user",
        "identity_arn": "arn:aws:iam::111111111111:user/dev@example.com",
        "input_tokens": 571,
        "output_tokens": 281,
        "token_source": "envelope",
        "latency_ms": 3848,
        "time_to_first_token_ms": 509,
        "stop_reason": "end_turn",
        "max_tokens": 2000,
    },
    "02_converse_guardrail_blocked_input_ai21_zero_tokens": {
        "account_id": "13457018785544",
        "region": "us-east-1",
        "request_id": "142471d6-56dd-46a8-b502-08711ec9a410",
        "ts": datetime(2024, 9, 5, 7, 37, 51, tzinfo=UTC),
        "operation": "Converse",
        "model_id": "ai21.jamba-instruct-v1:0",
        "logged_model_id": "ai21.jamba-instruct-v1:0",
        "route": "regional",
        "caller": "user/user",
        "caller_type": "user",
        "identity_arn": "arn:aws:iam::13457018785544:user/user",
        "input_tokens": 0,
        "output_tokens": 0,
        "token_source": "envelope",
        "latency_ms": 271,
        "stop_reason": "guardrail_intervened",
        "guardrail_action": "INTERVENED",
    },
    "06_converse_basic_claude35": {
        "account_id": "222200000000",
        "region": "us-east-1",
        "request_id": "9b6c3dc7-5ace-4a53-94f4-8dd7e551f41a",
        "ts": datetime(2024, 11, 20, 16, 47, 52, tzinfo=UTC),
        "operation": "Converse",
        "model_id": "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "logged_model_id": "anthropic.claude-3-5-sonnet-20240620-v1:0",
        "route": "regional",
        "caller": "user/shashank",
        "caller_type": "user",
        "identity_arn": "arn:aws:iam::222200000000:user/shashank",
        "input_tokens": 16,
        "output_tokens": 82,
        "token_source": "envelope",
        "latency_ms": 2435,
        "stop_reason": "end_turn",
        "max_tokens": 4096,
    },
    "08_conversestream_document_offloaded_media": {
        "account_id": "222200000002",
        "region": "us-east-1",
        "request_id": "19926a63-3c07-4481-864c-49516d208539",
        "ts": datetime(2025, 1, 9, 18, 49, 23, tzinfo=UTC),
        "operation": "ConverseStream",
        "model_id": "anthropic.claude-v2:1",
        "logged_model_id": "anthropic.claude-v2:1",
        "route": "regional",
        "caller": "BEDROCKPLAYGROUNDACCESS/uwga",
        "caller_type": "role",
        "identity_arn": "arn:aws:sts::222200000002:assumed-role/BEDROCKPLAYGROUNDACCESS/uwga",
        "input_tokens": 3263,
        "output_tokens": 300,
        "token_source": "envelope",
        "latency_ms": 14079,
        "stop_reason": "max_tokens",
        "max_tokens": 300,
    },
    "10_converse_sonnet46_cache_write_inferenceRegion": {
        "account_id": "111122223333",
        "region": "us-west-2",
        "request_id": "00000000-0000-0000-0000-222200000003",
        "ts": datetime(2026, 10, 6, 7, 55, 4, tzinfo=UTC),
        "operation": "Converse",
        "model_id": "anthropic.claude-sonnet-4-6",
        "logged_model_id": "us.anthropic.claude-sonnet-4-6",
        "route": "us",
        "inference_region": "us-east-2",
        "caller": "ExampleRole/example-user",
        "caller_type": "role",
        "identity_arn": "arn:aws:sts::111122223333:assumed-role/ExampleRole/example-user",
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_tokens": 0,
        "cache_write_5m_tokens": 2871,
        "cache_write_1h_tokens": 0,
        "cache_write_total_tokens": 2871,
        "cache_ttl_known": False,
        "token_source": "envelope",
        "latency_ms": 1022,
        "stop_reason": "max_tokens",
    },
    "12_invokemodel_sonnet46_cache_write_5m_arn": {
        "account_id": "111122223333",
        "region": "us-west-2",
        "request_id": "00000000-0000-0000-0000-222200000005",
        "ts": datetime(2026, 10, 6, 7, 55, 15, tzinfo=UTC),
        "operation": "InvokeModel",
        "model_id": "anthropic.claude-sonnet-4-6",
        "logged_model_id": SONNET_ARN,
        "response_model_id": "claude-sonnet-4-6",
        "route": "us",
        "inference_region": "us-east-2",
        "caller": "ExampleRole/example-user",
        "caller_type": "role",
        "identity_arn": "arn:aws:sts::111122223333:assumed-role/ExampleRole/example-user",
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_tokens": 0,
        "cache_write_5m_tokens": 2874,
        "cache_write_1h_tokens": 0,
        "cache_write_total_tokens": 2874,
        "cache_ttl_known": True,
        "token_source": "envelope",
        "stop_reason": "max_tokens",
    },
    "13_imwrs_sonnet46_cache_read_metrics_ttft": {
        "account_id": "111122223333",
        "region": "us-west-2",
        "request_id": "00000000-0000-0000-0000-222200000006",
        "ts": datetime(2026, 10, 6, 7, 55, 22, tzinfo=UTC),
        "operation": "InvokeModelWithResponseStream",
        "model_id": "anthropic.claude-sonnet-4-6",
        "logged_model_id": SONNET_ARN,
        "response_model_id": "claude-sonnet-4-6",
        "route": "us",
        "inference_region": "us-east-2",
        "caller": "ExampleRole/example-user",
        "caller_type": "role",
        "identity_arn": "arn:aws:sts::111122223333:assumed-role/ExampleRole/example-user",
        "input_tokens": 10,
        "output_tokens": 5,
        "cache_read_tokens": 2877,
        "cache_write_5m_tokens": 0,
        "cache_write_1h_tokens": 0,
        "cache_write_total_tokens": 0,
        "token_source": "envelope",
        "latency_ms": 959,
        "time_to_first_token_ms": 833,
        "stop_reason": "max_tokens",
    },
    "14_conversestream_nova_lite_cache_fields_zero": {
        "account_id": "XXXXXXXXXXXXX",
        "region": "us-east-1",
        "request_id": "ff4b6c63-5561-4431-93b8-06a817275900",
        "ts": datetime(2025, 3, 11, 0, 38, 2, tzinfo=UTC),
        "operation": "ConverseStream",
        "model_id": "amazon.nova-lite-v1:0",
        "logged_model_id": "amazon.nova-lite-v1:0",
        "route": "regional",
        "caller": "user/dheeraj",
        "caller_type": "user",
        "identity_arn": "arn:aws:iam::XXXXXXXXXXXX:user/dheeraj",
        "input_tokens": 4,
        "output_tokens": 38,
        "cache_read_tokens": 0,
        "cache_write_5m_tokens": 0,
        "cache_write_1h_tokens": 0,
        "cache_write_total_tokens": 0,
        "token_source": "envelope",
        "latency_ms": 302,
        "stop_reason": "end_turn",
        "max_tokens": 512,
    },
    "15_converse_bodies_disabled_apac_nova_micro": {
        "account_id": "111111111111",
        "region": "ap-northeast-1",
        "request_id": "00000000-0000-0000-0000-222200000003",
        "ts": datetime(2026, 9, 8, 12, 10, 33, tzinfo=UTC),
        "operation": "Converse",
        "model_id": "amazon.nova-micro-v1:0",
        "logged_model_id": "apac.amazon.nova-micro-v1:0",
        "route": "apac",
        "caller": "...",
        "caller_type": "role",
        "identity_arn": "arn:aws:sts::111111111111:assumed-role/...",
        "input_tokens": 1,
        "output_tokens": 8,
        "token_source": "envelope",
    },
    "18_imwrs_opus46_global_input_offloaded_inferenceRegion": {
        "account_id": "222200000009",
        "region": "us-east-1",
        "request_id": "081f659f-fc8a-40ce-8a6b-688bcaa9c628",
        "ts": datetime(2026, 4, 14, 8, 57, 15, tzinfo=UTC),
        "operation": "InvokeModelWithResponseStream",
        "model_id": "anthropic.claude-opus-4-6-v1",
        "logged_model_id": OPUS_ARN,
        "route": "global",
        "inference_region": "ap-southeast-4",
        "caller": "user/endpoint-priv-ec2-cli",
        "caller_type": "user",
        "identity_arn": "arn:aws:iam::222200000009:user/endpoint-priv-ec2-cli",
        "input_tokens": 1,
        "output_tokens": 326,
        "cache_read_tokens": 129709,
        "cache_write_5m_tokens": 411,
        "cache_write_1h_tokens": 0,
        "cache_write_total_tokens": 411,
        "cache_ttl_known": False,
        "token_source": "envelope",
    },
    "20_invokemodel_llama31_405b_requestMetadata_awsdocs": {
        "account_id": "XXXXX",
        "region": "us-east-1",
        "request_id": "7ee514f3-9eff-467c-af75-8fd564ce58e5",
        "ts": datetime(2024, 9, 11, 17, 16, 18, tzinfo=UTC),
        "operation": "InvokeModel",
        "model_id": "meta.llama3-1-405b-instruct-v1:0",
        "logged_model_id": "meta.llama3-1-405b-instruct-v1:0",
        "route": "regional",
        "caller": "Admin/XXXXXX",
        "caller_type": "role",
        "identity_arn": "arn:aws:sts::XXXXXXX:assumed-role/Admin/XXXXXX",
        "request_metadata": '{"project":"CustomerService","intent":"ComplaintResolution","priority":"High"}',
        "input_tokens": 13,
        "output_tokens": 300,
        "token_source": "envelope",
        "stop_reason": "max_tokens",
        "max_tokens": 300,
    },
    "24_error_throttling_conversestream_global": {
        "account_id": "222200000011",
        "region": "us-east-1",
        "request_id": "78d218c4-1971-42e5-b4f3-da908c8887a1",
        "ts": datetime(2025, 12, 17, 1, 10, 2, tzinfo=UTC),
        "operation": "ConverseStream",
        "model_id": "anthropic.claude-haiku-4-5-20251001-v1:0",
        "logged_model_id": "global.anthropic.claude-haiku-4-5-20251001-v1:0",
        "route": "global",
        "caller": "user/ci-user",
        "caller_type": "user",
        "identity_arn": "arn:aws:iam::222200000011:user/ci-user",
        "token_source": "none",
        "error_code": "ThrottlingException",
    },
    "27_invokemodel_llama_shape_distillation_readme": {
        "account_id": "unknown",
        "region": "unknown",
        "operation": "Rejected",
        "rejection": "bad_timestamp",
    },
}


def _rows(name: str) -> list[dict[str, Any]]:
    files = ParseFiles(names=[str(RECORDS / f"{name}.json")], stdin=BytesIO(), now=lambda: NOW)
    return [{column: getattr(event, column) for column in COLUMN_NAMES} for event in files]


def test_every_record_of_the_folder_has_an_expectation() -> None:
    assert {path.stem for path in RECORDS.glob("*.json")} == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_a_published_record_becomes_the_row_that_its_documentation_implies(name: str) -> None:
    path = RECORDS / f"{name}.json"
    [row] = _rows(name)
    always = {"source_s3_key": path.as_posix(), "parsed_at": NOW, "schema_version": SCHEMA_VERSION}
    expected = dict.fromkeys(COLUMN_NAMES) | always | GOLDEN[name]
    if expected["rejection"] is not None:
        # Its key is a hash and its time the file's: both are stated by their own tests.
        expected |= {"request_id": row["request_id"], "ts": row["ts"]}
    assert row == expected


def test_no_text_of_a_prompt_or_completion_is_in_a_row() -> None:
    words = ["github issue", "Rob a bank", "TEsting the model", "takeways", "hello how", "Sudan", "dogs"]
    rows = repr([_rows(name) for name in GOLDEN])
    assert [word for word in words if word in rows] == []
