"""What a logged `modelId` means: canonical model, route and kind of resource.

Converse logs the id that the caller passed, InvokeModel the ARN of the inference profile behind it, so
one call by two operations is logged in two forms; both lead to one canonical model here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

GLOBAL = "global"
REGIONAL = "regional"

VENDORS = frozenset(
    [
        "ai21",
        "amazon",
        "anthropic",
        "cohere",
        "deepseek",
        "google",
        "luma",
        "meta",
        "minimax",
        "mistral",
        "moonshot",
        "moonshotai",
        "nvidia",
        "openai",
        "qwen",
        "stability",
        "twelvelabs",
        "writer",
        "xai",
        "zai",
    ]
)
"""First part of the ids of foundation models."""

GEOGRAPHIES = frozenset(["apac", "au", "ca", "eu", "global", "in", "jp", "sa", "us", "us-gov"])
"""Prefixes of cross-Region inference profiles that are known; any prefix before a known vendor counts."""


class ModelKind(StrEnum):
    """What kind of resource was called; the price book names its reason after it."""

    FOUNDATION = "foundation"
    APPLICATION_PROFILE = "application_profile"
    PROVISIONED = "provisioned"
    CUSTOM = "custom"
    IMPORTED = "imported"
    PROMPT = "prompt"
    ROUTER = "router"
    MARKETPLACE = "marketplace"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelIdentity:
    """A logged model id, understood."""

    model_id: str
    """Canonical model, or the whole ARN where no foundation model is known."""
    route: str | None
    """`global`, a geography such as `us`, or `regional`; None where the log does not tell."""
    kind: ModelKind
    inference_profile_arn: str | None = None
    """The ARN, where an application inference profile was called."""


_ARN = re.compile(
    r"arn:aws[a-z-]*:(?P<service>[a-z-]+):(?P<region>[^:]*):(?P<account>[^:]*):(?P<resource>.+)"
)
_PREFIX = re.compile(r"(?P<prefix>[a-z][a-z-]*)\.(?P<rest>(?P<vendor>[a-z0-9-]+)\..+)")
_VENDOR = re.compile(r"[a-z][a-z0-9-]*\.[^\s<>]+")
_CONTEXT = re.compile(r"\d+[km]?|mm")
_DATE = re.compile(r"20\d{6}")

_KIND_BY_RESOURCE = {
    "application-inference-profile": ModelKind.APPLICATION_PROFILE,
    "provisioned-model": ModelKind.PROVISIONED,
    "custom-model": ModelKind.CUSTOM,
    "custom-model-deployment": ModelKind.CUSTOM,
    "imported-model": ModelKind.IMPORTED,
    "prompt": ModelKind.PROMPT,
    "prompt-router": ModelKind.ROUTER,
    "default-prompt-router": ModelKind.ROUTER,
    "marketplace": ModelKind.MARKETPLACE,
}


@lru_cache(maxsize=4096)
def resolve_model(logged: str) -> ModelIdentity:
    """The canonical model, route and kind of a `modelId` in any of its logged forms; never fails."""
    arn = _ARN.fullmatch(logged)
    if arn is None:
        return _resolve_id(logged)
    if arn["service"] == "sagemaker":
        return ModelIdentity(model_id=logged, route=None, kind=ModelKind.MARKETPLACE)
    resource, _, name = arn["resource"].partition("/")
    if resource in {"foundation-model", "inference-profile"} and name:
        return _resolve_id(name.rpartition("/")[2])
    kind = _KIND_BY_RESOURCE.get(resource, ModelKind.UNKNOWN)
    profile = logged if kind is ModelKind.APPLICATION_PROFILE else None
    return ModelIdentity(model_id=logged, route=None, kind=kind, inference_profile_arn=profile)


def _resolve_id(name: str) -> ModelIdentity:
    route, model = split_route(name)
    if _VENDOR.fullmatch(model) is None:
        return ModelIdentity(model_id=name, route=None, kind=ModelKind.UNKNOWN)
    return ModelIdentity(model_id=_without_context(model), route=route, kind=ModelKind.FOUNDATION)


def split_route(name: str) -> tuple[str, str]:
    """Route and model of a profile id such as `us.anthropic.claude-sonnet-4-6`; `regional` without prefix.

    A prefix is a geography if it is a known one or stands before a known vendor: new geographies need no
    release of this project.
    """
    match = _PREFIX.fullmatch(name)
    if match is None or match["prefix"] in VENDORS:
        return REGIONAL, name
    if match["vendor"] in VENDORS or match["prefix"] in GEOGRAPHIES:
        return match["prefix"], match["rest"]
    return REGIONAL, name


def _without_context(model: str) -> str:
    """The id without its context length: `…-v1:0:28k` and `…-v1:28k` lose it, the version `:0` stays."""
    base, *parts = model.split(":")
    kept = parts[:1] if parts and parts[0].isdigit() else []
    if all(_CONTEXT.fullmatch(part) for part in parts[len(kept) :]):
        return ":".join([base, *kept])
    return model


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedProfile:
    """What GetInferenceProfile tells about an application inference profile."""

    name: str
    profile_model_id: str
    """Id of the inference profile or model it stands for, such as `us.anthropic.claude-sonnet-4-6`."""

    @property
    def model(self) -> ModelIdentity:
        return resolve_model(self.profile_model_id)


def profile_target(model_arns: tuple[str, ...]) -> str | None:
    """The id that an application inference profile stands for, from the model ARNs it routes to.

    One Region is the bare model; an ARN without Region is the global profile; several Regions are their
    geography's profile. None where the ARNs name no single foundation model.
    """
    found = [_ARN.fullmatch(arn) for arn in model_arns]
    matches = [match for match in found if match is not None]
    models = {match["resource"].partition("/")[2] for match in matches}
    if len(models) != 1 or len(matches) != len(model_arns):
        return None
    model = models.pop()
    regions = {match["region"] for match in matches}
    if "" in regions:
        return f"{GLOBAL}.{model}"
    return model if len(regions) == 1 else f"{_geography(regions)}.{model}"


_NARROW_GEOGRAPHIES = {
    "jp": frozenset({"ap-northeast-1", "ap-northeast-3"}),
    "au": frozenset({"ap-southeast-2", "ap-southeast-4"}),
}


def _geography(regions: set[str]) -> str:
    for name, members in _NARROW_GEOGRAPHIES.items():
        if regions <= members:
            return name
    if all(region.startswith("us-gov-") for region in regions):
        return "us-gov"
    areas = {region.partition("-")[0] for region in regions}
    if areas == {"ca", "us"}:
        return "ca"
    return "apac" if "ap" in areas else min(areas)


_KIND_WORDS = {
    ModelKind.APPLICATION_PROFILE: "Application profile",
    ModelKind.PROVISIONED: "Provisioned model",
    ModelKind.CUSTOM: "Custom model",
    ModelKind.IMPORTED: "Imported model",
    ModelKind.PROMPT: "Prompt",
    ModelKind.ROUTER: "Prompt router",
    ModelKind.MARKETPLACE: "Marketplace endpoint",
}
_WRITTEN = {
    "ai21": "AI21",
    "deepseek": "DeepSeek",
    "glm": "GLM",
    "gpt": "GPT",
    "it": "IT",
    "oss": "OSS",
    "minimax": "MiniMax",
    "vl": "VL",
    "xl": "XL",
}
_BARE_NAMES = {"deepseek"}
"""Vendors whose model ids do not repeat the product's name (`deepseek.r1-v1:0`)."""


@lru_cache(maxsize=4096)
def display_name(model_id: str) -> str:
    """A name for people, such as "Claude Sonnet 4.6"; two ids may share one, so it is never a key."""
    identity = resolve_model(model_id)
    if identity.kind in _KIND_WORDS:
        return f"{_KIND_WORDS[identity.kind]} {model_id.rpartition('/')[2]}"
    if identity.kind is ModelKind.UNKNOWN:
        return model_id
    vendor, _, name = identity.model_id.partition(".")
    name, _, revision = name.partition(":")
    words = _joined_numbers([word for word in name.split("-") if word])
    if vendor in _BARE_NAMES:
        words = [vendor, *words]
    if revision not in {"", "0"} and words[-1] in {"v0", "v2"}:
        words[-1] = f"{words[-1]}.{revision}"
    if revision and words[-1] == "1":
        words.pop()  # gpt-oss writes its version as -1:0
    return " ".join(_written(word) for word in words if word != "v1" and not _DATE.fullmatch(word))


def _joined_numbers(words: list[str]) -> list[str]:
    """Version numbers written with hyphens as one word: `4`, `6` becomes `4.6`; `llama3`, `1` `llama 3.1`."""
    joined: list[str] = []
    for word in words:
        before = joined[-1] if joined else ""
        if re.fullmatch(r"\d", word) and re.fullmatch(r"\d|v3|sd3", before):
            joined[-1] = f"{before}.{word}"
        elif match := re.fullmatch(r"(llama)(\d)", word):
            joined += [match[1], match[2]]
        else:
            joined.append(word)
    return joined


def _written(word: str) -> str:
    if word in _WRITTEN:
        return _WRITTEN[word]
    if re.fullmatch(r"v\d.*", word):
        return word
    if re.fullmatch(r"(?:[a-z]|sd)?\d[\dx.]*[bkm]?", word):
        return word.upper().replace("X", "x") if word[0].isdigit() else word.upper()
    return word[:1].upper() + word[1:]
