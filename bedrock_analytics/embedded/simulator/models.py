"""The models that simulated calls use, and the routes on which they are called.

Ids are those of real models, so that the shipped price snapshot prices them; `UNPRICED` is invented
under a real vendor and is in no price list. Speeds are round figures of the right order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Family(StrEnum):
    """Which native request and response body a model speaks."""

    CLAUDE = "claude"
    NOVA = "nova"
    LLAMA = "llama"
    TITAN_EMBED = "titan_embed"
    CANVAS = "canvas"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A foundation model; `name` is what its own response body calls it."""

    id: str
    family: Family
    name: str
    first_byte_ms: int
    tokens_a_second: float


def _model(id_: str, family: Family, name: str, first_byte_ms: int, tokens_a_second: float) -> Model:
    return Model(
        id=id_, family=family, name=name, first_byte_ms=first_byte_ms, tokens_a_second=tokens_a_second
    )


OPUS_5 = _model("anthropic.claude-opus-5", Family.CLAUDE, "claude-opus-5", 1900, 48)
OPUS_46 = _model("anthropic.claude-opus-4-6-v1", Family.CLAUDE, "claude-opus-4-6", 2100, 42)
SONNET_46 = _model("anthropic.claude-sonnet-4-6", Family.CLAUDE, "claude-sonnet-4-6", 1150, 64)
SONNET_45 = _model(
    "anthropic.claude-sonnet-4-5-20250929-v1:0", Family.CLAUDE, "claude-sonnet-4-5-20250929", 1250, 60
)
HAIKU_45 = _model(
    "anthropic.claude-haiku-4-5-20251001-v1:0", Family.CLAUDE, "claude-haiku-4-5-20251001", 520, 125
)
HAIKU_35 = _model(
    "anthropic.claude-3-5-haiku-20241022-v1:0", Family.CLAUDE, "claude-3-5-haiku-20241022", 480, 110
)
NOVA_PRO = _model("amazon.nova-pro-v1:0", Family.NOVA, "nova-pro", 430, 105)
NOVA_LITE = _model("amazon.nova-lite-v1:0", Family.NOVA, "nova-lite", 310, 160)
NOVA_MICRO = _model("amazon.nova-micro-v1:0", Family.NOVA, "nova-micro", 240, 210)
LLAMA_33 = _model("meta.llama3-3-70b-instruct-v1:0", Family.LLAMA, "llama3-3-70b", 390, 75)
TITAN_EMBED = _model("amazon.titan-embed-text-v2:0", Family.TITAN_EMBED, "titan-embed-text-v2", 90, 1000)
CANVAS = _model("amazon.nova-canvas-v1:0", Family.CANVAS, "nova-canvas", 7500, 1000)
UNPRICED = _model("mistral.meridian-large-2611-v1:0", Family.OTHER, "meridian-large", 700, 70)

MODELS: tuple[Model, ...] = (
    OPUS_5,
    OPUS_46,
    SONNET_46,
    SONNET_45,
    HAIKU_45,
    HAIKU_35,
    NOVA_PRO,
    NOVA_LITE,
    NOVA_MICRO,
    LLAMA_33,
    TITAN_EMBED,
    CANVAS,
    UNPRICED,
)

_SERVING_REGIONS: dict[str, tuple[str, ...]] = {
    "global": ("us-east-1", "us-west-2", "eu-north-1", "eu-west-1", "ap-northeast-2", "ap-southeast-4"),
    "us": ("us-east-1", "us-east-2", "us-west-2"),
    "eu": ("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"),
    "jp": ("ap-northeast-1", "ap-northeast-3"),
    "apac": ("ap-northeast-1", "ap-northeast-2", "ap-southeast-1", "ap-southeast-2"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A model as a caller names it: bare, through a cross-Region profile, or through an own profile.

    `geography` is the profile's prefix such as `us` or `global`, None for the bare id;
    `application_profile` is the id of an application inference profile over that route.
    """

    model: Model
    geography: str | None = None
    application_profile: str | None = None

    @property
    def route(self) -> str:
        """`global`, a geography, or `regional`."""
        return self.geography or "regional"

    @property
    def serving_regions(self) -> tuple[str, ...]:
        """Regions that may serve the call; empty where it stays in the Region called."""
        return _SERVING_REGIONS[self.geography] if self.geography else ()

    def logged_id(self, *, account_id: str, region: str, converse: bool) -> str:
        """`modelId` as Bedrock logs it: Converse logs a profile's id, InvokeModel its ARN."""
        if self.application_profile:
            return (
                f"arn:aws:bedrock:{region}:{account_id}"
                f":application-inference-profile/{self.application_profile}"
            )
        if self.geography is None:
            return self.model.id
        profile = f"{self.geography}.{self.model.id}"
        return profile if converse else f"arn:aws:bedrock:{region}:{account_id}:inference-profile/{profile}"
