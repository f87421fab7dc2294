"""A mixed log object for benchmarks: the shapes, sizes and compressibility of real records, from a seed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

_LETTERS = "etaoinshrdlucmfwypvbgk"
_PROFILE = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.anthropic.claude-sonnet-4-6"


class LogSample:
    """Makes records: conversations, coding agents' streams, embeddings, plain invocations and errors."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311  # a sample must be the same each time
        self._words = [self._word() for _ in range(20_000)]
        self._number = 0

    def lines(self, size: int) -> Iterator[bytes]:
        """Lines with at least so many bytes in all."""
        made = 0
        while made < size:
            line = json.dumps(self._record(), ensure_ascii=False).encode() + b"\n"
            made += len(line)
            yield line

    def _record(self) -> dict[str, Any]:
        self._number += 1
        kinds = [self._conversation, self._stream, self._invocation, self._embedding, self._error]
        kind = self._random.choices(kinds, weights=[40, 30, 15, 10, 5])[0]
        envelope = {
            "timestamp": f"2026-11-20T10:{self._number // 60 % 60:02}:{self._number % 60:02}Z",
            "accountId": "111122223333",
            "region": "us-east-1",
            "requestId": f"00000000-0000-4000-8000-{self._number:012}",
            "identity": {"arn": f"arn:aws:sts::111122223333:assumed-role/App{self._number % 20}/worker"},
            "requestMetadata": {"team": self._words[self._number % 9], "app": self._words[self._number % 30]},
            "schemaType": "ModelInvocationLog",
            "schemaVersion": "1.0",
        }
        return envelope | kind()

    def _conversation(self) -> dict[str, Any]:
        usage = {"inputTokens": 900, "outputTokens": 400, "totalTokens": 1300}
        return {
            "operation": "Converse",
            "modelId": "us.amazon.nova-pro-v1:0",
            "input": self._input(22_000, {"inferenceConfig": {"maxTokens": 4096, "temperature": 0.2}}, 900),
            "output": {
                "outputContentType": "application/json",
                "outputBodyJson": {
                    "output": {"message": {"role": "assistant", "content": [{"text": self._text(2000)}]}},
                    "stopReason": "end_turn",
                    "metrics": {"latencyMs": 2435},
                    "usage": usage,
                },
                "outputTokenCount": 400,
            },
        }

    def _stream(self) -> dict[str, Any]:
        usage = {
            "input_tokens": 12,
            "cache_creation_input_tokens": 800,
            "cache_read_input_tokens": 9000,
            "cache_creation": {"ephemeral_5m_input_tokens": 800, "ephemeral_1h_input_tokens": 0},
            "output_tokens": 1,
        }
        start = {
            "model": "claude-sonnet-4-6",
            "id": "msg_1",
            "type": "message",
            "content": [],
            "usage": usage,
        }
        chunks: list[Any] = [{"type": "message_start", "message": start}]
        chunks += [
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": self._text(9)},
            }
            for _ in range(self._random.randint(20, 90))
        ]
        chunks += [
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 281}},
            {
                "type": "message_stop",
                "amazon-bedrock-invocationMetrics": {"invocationLatency": 3848, "firstByteLatency": 509},
            },
        ]
        return {
            "operation": "InvokeModelWithResponseStream",
            "modelId": _PROFILE,
            "inferenceRegion": "us-west-2",
            "input": self._input(20_000, {"max_tokens": 8000, "anthropic_version": "bedrock-2023-05-31"}, 12)
            | {"cacheReadInputTokenCount": 9000, "cacheWriteInputTokenCount": 800},
            "output": {
                "outputContentType": "application/json",
                "outputBodyJson": chunks,
                "outputTokenCount": 281,
            },
        }

    def _invocation(self) -> dict[str, Any]:
        return {
            "operation": "InvokeModel",
            "modelId": "anthropic.claude-haiku-4-5-20251001-v1:0",
            "input": self._input(9000, {"max_tokens": 1000}, 2000),
            "output": {
                "outputContentType": "application/json",
                "outputBodyJson": {
                    "model": "claude-haiku-4-5",
                    "content": [{"type": "text", "text": self._text(1500)}],
                    "stop_reason": "end_turn",
                    "usage": {"input_tokens": 2000, "output_tokens": 300},
                },
                "outputTokenCount": 300,
            },
        }

    def _embedding(self) -> dict[str, Any]:
        vector = [round(self._random.uniform(-0.1, 0.1), 8) for _ in range(1024)]
        return {
            "operation": "InvokeModel",
            "modelId": "amazon.titan-embed-text-v2:0",
            "input": {"inputBodyJson": {"inputText": self._text(1500)}, "inputTokenCount": 380},
            "output": {"outputBodyJson": {"embedding": vector, "inputTextTokenCount": 380}},
        }

    def _error(self) -> dict[str, Any]:
        return {
            "operation": "ConverseStream",
            "modelId": "global.anthropic.claude-sonnet-4-6",
            "errorCode": "ThrottlingException",
        }

    def _input(self, length: int, config: dict[str, Any], tokens: int) -> dict[str, Any]:
        turns = [{"role": "user", "content": [{"text": self._text(length // 4)}]} for _ in range(4)]
        return {
            "inputContentType": "application/json",
            "inputBodyJson": {"messages": turns, **config},
            "inputTokenCount": tokens,
        }

    def _text(self, length: int) -> str:
        """Words as frequent as in a language, with the line ends and quotes of prose and code."""
        count = len(self._words)
        words: list[str] = []
        while length > 0:
            word = self._words[min(int(count ** self._random.random()), count) - 1]
            chance = self._random.random()
            word += "\n" if chance < 0.03 else '"' if chance < 0.05 else ""
            words.append(word)
            length -= len(word) + 1
        return " ".join(words)

    def _word(self) -> str:
        return "".join(self._random.choices(_LETTERS, k=self._random.randint(2, 9)))
