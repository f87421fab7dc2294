"""What a request body tells: limits, tier, latency and the units of models that are not priced by token."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache

import msgspec

from bedrock_analytics.domain.body_shapes import EmbeddingInput, RequestBody, RequestValue

DOCUMENTS_PER_QUERY = 100
"""A rerank call with more documents is billed as several queries."""


class Modality(StrEnum):
    """What a model makes, as far as its price depends on it."""

    TEXT = "text"
    IMAGE = "image"
    EMBEDDING = "embedding"
    RERANK = "rerank"


@lru_cache(maxsize=4096)
def modality_of(model_id: str) -> Modality:
    """What a canonical model makes, by its name."""
    if "rerank" in model_id:
        return Modality.RERANK
    if "embed" in model_id:
        return Modality.EMBEDDING
    if model_id.startswith("stability.") or "image-generator" in model_id or "nova-canvas" in model_id:
        return Modality.IMAGE
    return Modality.TEXT


class MediaUnits(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Units other than tokens; None where the log does not tell."""

    input_images: int | None = None
    output_images: int | None = None
    image_size: str | None = None
    image_quality: str | None = None
    image_steps: int | None = None
    query_units: int | None = None


NO_UNITS = MediaUnits()


def max_tokens_of(body: RequestValue) -> int | None:
    """The output limit that was asked for."""
    if not isinstance(body, RequestBody):
        return None
    config, titan = body.inference, body.text_generation
    if config is not None and (config.max_tokens or config.max_new_tokens) is not None:
        return config.max_tokens if config.max_tokens is not None else config.max_new_tokens
    if titan is not None and titan.max_token_count is not None:
        return titan.max_token_count
    named = (
        body.max_tokens,
        body.max_tokens_to_sample,
        body.max_gen_len,
        body.max_completion_tokens,
        body.max_output_tokens,
        body.ai21_max_tokens,
    )
    return next((limit for limit in named if limit is not None), None)


def requested_tier(body: RequestValue) -> str | None:
    """The service tier that was asked for (Converse's `serviceTier`, OpenAI's `service_tier`)."""
    if not isinstance(body, RequestBody):
        return None
    logged = body.service_tier_object
    named = logged if isinstance(logged, str) or logged is None else logged.type
    return named or body.service_tier


def requested_latency(body: RequestValue) -> str | None:
    """The latency that was asked for, `optimized` or `standard`."""
    return body.performance.latency if isinstance(body, RequestBody) and body.performance else None


def media_units(
    modality: Modality, body: RequestValue, made_images: int | None, search_units: int | None
) -> MediaUnits:
    """Units of a call by the kind of its model; `made_images`, `search_units` are the response's counts."""
    request = body if isinstance(body, RequestBody) else None
    match modality:
        case Modality.IMAGE:
            return _generated_images(request, made_images)
        case Modality.EMBEDDING:
            return MediaUnits(input_images=_embedded_images(request)) if request else NO_UNITS
        case Modality.RERANK:
            return MediaUnits(query_units=search_units or _queries(request))
    return NO_UNITS


def _generated_images(request: RequestBody | None, made: int | None) -> MediaUnits:
    if request is None:
        return MediaUnits(output_images=made)
    config = request.image_generation
    asked = config.number_of_images if config else request.samples
    width, height = (config.width, config.height) if config else (request.width, request.height)
    return MediaUnits(
        output_images=made or asked or 1,
        image_size=f"{width}x{height}" if width and height else None,
        image_quality=config.quality if config else None,
        image_steps=request.steps,
    )


def _embedded_images(request: RequestBody) -> int | None:
    """Images of a Titan, Nova, Marengo or Cohere request; None where it has none."""
    single = request.single_embedding
    alone = (
        request.input_image is not None
        or (isinstance(single, EmbeddingInput) and single.image is not None)
        or request.input_type == "image"
    )
    return int(alone) + len(request.images or ()) or None


def _queries(request: RequestBody | None) -> int | None:
    if request is None or request.documents is None:
        return None
    return max(1, -(-len(request.documents) // DOCUMENTS_PER_QUERY))
