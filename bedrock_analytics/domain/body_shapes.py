"""The parts of request and response bodies that the project reads; everything else is skipped undecoded.

Content (prompts, completions, images) is never decoded into Python objects, except where a body's type
must be known (`outputBodyJson` may be a text). Presence, order and types of fields are not relied on.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Raw, field

Count: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)]
Text: TypeAlias = Annotated[str, Meta(max_length=2048)]
"""Longer texts are no identifiers; they are treated as absent, which bounds the size of a row."""
Seconds: TypeAlias = Annotated[float, Meta(ge=0, le=1e9)]
Milliseconds: TypeAlias = Annotated[int, Meta(ge=0, le=2**53)] | Annotated[float, Meta(ge=0, le=1e15)]
Other: TypeAlias = str | float | bool | list[Raw] | None
"""Any JSON value that is no object."""


class Part(msgspec.Struct, gc=False):
    """Base of the structures below."""


class CacheDetail(Part, rename="camel"):
    """One lifetime of Converse's cache writes."""

    ttl: Text | None = None
    input_tokens: Count | None = None


class PromptDetails(Part):
    """How many of OpenAI's input tokens came from the cache."""

    cached_tokens: Count | None = None


class Usage(Part):
    """Token counts in the spellings of Converse and Nova, Anthropic, and OpenAI."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation: dict[Text, Count | None] | None = None
    converse_input: Count | None = field(default=None, name="inputTokens")
    converse_output: Count | None = field(default=None, name="outputTokens")
    converse_cache_read: Count | None = field(default=None, name="cacheReadInputTokens")
    converse_cache_write: Count | None = field(default=None, name="cacheWriteInputTokens")
    nova_cache_read: Count | None = field(default=None, name="cacheReadInputTokenCount")
    nova_cache_write: Count | None = field(default=None, name="cacheWriteInputTokenCount")
    cache_details: list[CacheDetail | None] | None = field(default=None, name="cacheDetails")
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    prompt_tokens_details: PromptDetails | None = None
    input_tokens_details: PromptDetails | None = None
    service_tier: Text | None = None


class InvocationMetrics(Part, rename="camel"):
    """What Bedrock adds to the last chunk of a stream."""

    input_token_count: Count | None = None
    output_token_count: Count | None = None
    cache_read_input_token_count: Count | None = None
    cache_write_input_token_count: Count | None = None
    invocation_latency: Milliseconds | None = None
    first_byte_latency: Milliseconds | None = None


class Reason(Part):
    """An object that says why generation ended, in the spelling of its model."""

    stop_reason: Text | None = None
    finish_reason: Text | None = None
    converse_stop: Text | None = field(default=None, name="stopReason")
    titan_completion: Text | None = field(default=None, name="completionReason")
    titan_tokens: Count | None = field(default=None, name="tokenCount")


class Delta(Part):
    """What a chunk adds; of Anthropic's last one, why generation ended."""

    stop_reason: Text | None = None


class Message(Part):
    """Anthropic's message at the start of a stream, and the response of OpenAI's Responses stream."""

    model: Text | None = None
    usage: Usage | None = None
    status: Text | None = None


class Metadata(Part):
    """Nova's metadata chunk."""

    usage: Usage | None = None


class Chunk(Part):
    """An element of a stream's list, as far as Anthropic and Bedrock itself fill it.

    Most of a log's bulk is chunks: a structure with few fields is what makes reading them fast.
    """

    message: Message | Other = None
    usage: Usage | None = None
    delta: Delta | Other = None
    metrics: InvocationMetrics | None = field(default=None, name="amazon-bedrock-invocationMetrics")
    guardrail_action: Text | None = field(default=None, name="amazon-bedrock-guardrailAction")


class NativeChunk(Chunk):
    """An element of a stream's list, whatever the model."""

    stop_reason: Text | None = None
    finish_reason: Text | None = None
    titan_completion: Text | None = field(default=None, name="completionReason")
    choices: list[Reason | None] | None = None
    metadata: Metadata | Other = None
    message_stop: Reason | None = field(default=None, name="messageStop")
    response: Message | Other = None
    model: Text | None = None
    prompt_token_count: Count | None = None
    generation_token_count: Count | None = None
    input_text_token_count: Count | None = field(default=None, name="inputTextTokenCount")
    output_text_token_count: Count | None = field(default=None, name="totalOutputTextTokenCount")


class Latency(Part, rename="camel"):
    """Converse's metrics."""

    latency_ms: Milliseconds | None = None


class Kind(Part):
    """An object with the one field that tells a service tier."""

    type: Text | None = None


class Performance(Part):
    """The `performanceConfig` of a request, a response or a record."""

    latency: Text | None = None


class Trace(Part):
    """Converse's trace."""

    guardrail: dict[str, Raw] | Other = None


class BilledUnits(Part):
    """What Cohere bills for."""

    search_units: Count | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None


class Billing(Part):
    """Cohere's `meta`."""

    billed_units: BilledUnits | None = None


class ResponseBody(Part):
    """A response body, whatever operation and model."""

    usage: Usage | None = None
    metrics: Latency | None = None
    converse_stop: Text | None = field(default=None, name="stopReason")
    stop_reason: Text | None = None
    finish_reason: Text | None = None
    model: Text | None = None
    status: Text | None = None
    trace: Trace | Other = None
    guardrail_action: Text | None = field(default=None, name="amazon-bedrock-guardrailAction")
    service_tier_object: Kind | Text | None = field(default=None, name="serviceTier")
    service_tier: Text | None = None
    performance: Performance | None = field(default=None, name="performanceConfig")
    prompt_token_count: Count | None = None
    generation_token_count: Count | None = None
    input_text_token_count: Count | None = field(default=None, name="inputTextTokenCount")
    results: list[Reason | None] | None = None
    choices: list[Reason | None] | None = None
    outputs: list[Reason | None] | None = None
    generations: list[Reason | None] | None = None
    images: list[Raw] | None = None
    artifacts: list[Raw] | None = None
    meta: Billing | None = None


class InferenceConfig(Part):
    """Output limits of Converse and Nova."""

    max_tokens: Count | None = field(default=None, name="maxTokens")
    max_new_tokens: Count | None = None


class TextGeneration(Part, rename="camel"):
    """Output limit of Titan."""

    max_token_count: Count | None = None


class ImageGeneration(Part, rename="camel"):
    """Size, quality and number of images of Nova Canvas and Titan."""

    number_of_images: Count | None = None
    quality: Text | None = None
    width: Count | None = None
    height: Count | None = None


class EmbeddingInput(Part):
    """What Nova embeds."""

    image: dict[str, Raw] | Other = None


class RequestBody(Part):
    """A request body, whatever operation and model."""

    inference: InferenceConfig | None = field(default=None, name="inferenceConfig")
    max_tokens: Count | None = None
    max_tokens_to_sample: Count | None = None
    max_gen_len: Count | None = None
    max_completion_tokens: Count | None = None
    max_output_tokens: Count | None = None
    ai21_max_tokens: Count | None = field(default=None, name="maxTokens")
    text_generation: TextGeneration | None = field(default=None, name="textGenerationConfig")
    service_tier_object: Kind | Text | None = field(default=None, name="serviceTier")
    service_tier: Text | None = None
    performance: Performance | None = field(default=None, name="performanceConfig")
    image_generation: ImageGeneration | None = field(default=None, name="imageGenerationConfig")
    width: Count | None = None
    height: Count | None = None
    steps: Count | None = None
    samples: Count | None = None
    input_image: dict[str, Raw] | Other = field(default=None, name="inputImage")
    input_type: Text | None = field(default=None, name="inputType")
    images: list[Raw] | None = None
    single_embedding: EmbeddingInput | None = field(default=None, name="singleEmbeddingParams")
    documents: list[Raw] | None = None


ResponseValue: TypeAlias = ResponseBody | list[Chunk | Other] | str | float | bool | None
NativeResponseValue: TypeAlias = ResponseBody | list[NativeChunk | Other] | str | float | bool | None
RequestValue: TypeAlias = RequestBody | list[Raw] | str | float | bool | None
