"""Which model and route a call is priced as, and the named reason where that cannot be told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bedrock_analytics.domain.model_id import REGIONAL, ModelIdentity, ModelKind, resolve_model
from bedrock_analytics.domain.price import BillableUsage


class Unpriced(StrEnum):
    """Why usage has no price. The values are stored and shown."""

    NO_RATE_CARD = "no_rate_card"
    """The model is in no price list and has no manual price."""
    NO_TIER_RATE = "no_tier_rate"
    """The model is listed, but not for the service tier of the call."""
    NO_UNIT_RATE = "no_unit_rate"
    """The model is listed, but not for this kind of unit, such as a cache write."""
    UNRESOLVED_PROFILE = "unresolved_profile"
    """The model behind an application inference profile is not known (yet)."""
    UNRESOLVED_PROMPT = "unresolved_prompt"
    UNRESOLVED_ROUTER = "unresolved_router"
    TIME_BASED_CAPACITY = "time_based_capacity"
    """Paid by time (provisioned, reserved, imported, marketplace): no call has a price of its own."""
    CUSTOM_MODEL = "custom_model"
    """A custom model on demand; the log does not name the model that it was made from."""
    UNITS_UNKNOWN = "units_unknown"
    """The log does not say how much was used."""
    MODEL_UNKNOWN = "model_unknown"
    """The log names no model."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a call is priced as."""

    model_id: str
    route: str
    found_by: str
    """How the model was found: logged id, profile, response, …"""


_KIND_REASONS = {
    ModelKind.APPLICATION_PROFILE: Unpriced.UNRESOLVED_PROFILE,
    ModelKind.PROMPT: Unpriced.UNRESOLVED_PROMPT,
    ModelKind.ROUTER: Unpriced.UNRESOLVED_ROUTER,
    ModelKind.PROVISIONED: Unpriced.TIME_BASED_CAPACITY,
    ModelKind.IMPORTED: Unpriced.TIME_BASED_CAPACITY,
    ModelKind.MARKETPLACE: Unpriced.TIME_BASED_CAPACITY,
}
_NAMED_BY_RESPONSE = {
    ModelKind.APPLICATION_PROFILE,
    ModelKind.PROMPT,
    ModelKind.ROUTER,
    ModelKind.UNKNOWN,
}
"""Kinds of resource that stand for a foundation model, which the response body may name."""

_VERSION = re.compile(r"(?:-v\d+)?(?::\d+)?$")
_DATE = re.compile(r"-20\d{6}$")


class ModelNames:
    """The models of a price book, found by id or by a shorter spelling of it.

    Response bodies name `claude-sonnet-4-5-20250929` where the id is
    `anthropic.claude-sonnet-4-5-20250929-v1:0`. A shorter spelling counts only where it fits one model.
    """

    def __init__(self, model_ids: Iterable[str]) -> None:
        self._ids = frozenset(model_ids)
        self._short: dict[str, set[str]] = {}
        for model_id in self._ids:
            if resolve_model(model_id).kind is ModelKind.FOUNDATION:
                for name in _spellings(model_id):
                    self._short.setdefault(name, set()).add(model_id)

    def match(self, name: str) -> str | None:
        """The id of the one model of that name, None where there is none or more than one."""
        if name in self._ids:
            return name
        candidates = self._short.get(_VERSION.sub("", name), set())
        return next(iter(candidates)) if len(candidates) == 1 else None


def _spellings(model_id: str) -> set[str]:
    versionless = _VERSION.sub("", model_id)
    dateless = _DATE.sub("", versionless)
    return {
        spelling
        for name in (versionless, dateless)
        for spelling in (name, name.partition(".")[2])
        if spelling
    }


def may_mean(name: str, model_id: str) -> bool:
    """Whether a name in a log (an id, a shorter spelling, an ARN) can lead to the model in some price book.

    Which other models a book holds decides whether a shorter spelling fits this one alone.
    """
    canonical = resolve_model(name).model_id
    if model_id in {name, canonical}:
        return True
    is_foundation = resolve_model(model_id).kind is ModelKind.FOUNDATION
    return is_foundation and _VERSION.sub("", canonical) in _spellings(model_id)


def subject_of(
    usage: BillableUsage,
    names: ModelNames,
    profiles: Mapping[str, str],
    has_card: Callable[[str], bool],
) -> Subject | Unpriced:
    """The model that usage is priced as; `profiles` are models of application profiles known from before.

    A price of the very ARN that was called goes first, so that a person can price a custom model or a
    profile that no longer exists; `has_card` says whether an ARN has one at that moment.
    """
    called = next((arn for arn in _arns(usage) if has_card(arn)), None)
    if called is not None:
        return Subject(called, usage.route or REGIONAL, "the ARN called")
    identity = _identity(usage)
    if identity is None:
        return Unpriced.MODEL_UNKNOWN
    if usage.inference_profile_arn or identity.kind is ModelKind.APPLICATION_PROFILE:
        target = usage.profile_model_id or profiles.get(usage.inference_profile_arn or identity.model_id)
        if target is not None:
            known = resolve_model(target)
            return _foundation(known, known.route, names, "the application profile's model")
    if identity.kind is ModelKind.FOUNDATION:
        return _foundation(identity, _route_called(identity, usage), names, "the logged id")
    if identity.kind in _NAMED_BY_RESPONSE:
        named = _named_by_response(usage, identity, names)
        if named is not None:
            return named
    return _reason(identity)


def _arns(usage: BillableUsage) -> list[str]:
    named = (usage.logged_model_id, usage.inference_profile_arn, usage.model_id)
    return [name for name in named if name is not None and name.startswith("arn:")]


def _identity(usage: BillableUsage) -> ModelIdentity | None:
    name = usage.model_id or usage.logged_model_id
    return None if name is None else resolve_model(name)


def _foundation(identity: ModelIdentity, route: str | None, names: ModelNames, how: str) -> Subject:
    return Subject(names.match(identity.model_id) or identity.model_id, route or REGIONAL, how)


def _route_called(identity: ModelIdentity, usage: BillableUsage) -> str | None:
    """A canonical id has no prefix; how it was called stands beside it, or in the id as logged."""
    if identity.route not in {None, REGIONAL}:
        return identity.route
    if usage.route is None and usage.logged_model_id is not None:
        return resolve_model(usage.logged_model_id).route
    return usage.route


def _named_by_response(usage: BillableUsage, identity: ModelIdentity, names: ModelNames) -> Subject | None:
    for name in (usage.response_model_id, identity.model_id):
        known = None if name is None else names.match(resolve_model(name).model_id)
        if known is not None:
            return Subject(known, usage.route or REGIONAL, "the model that the response names")
    return None


def _reason(identity: ModelIdentity) -> Unpriced:
    if identity.kind is ModelKind.CUSTOM:
        deployment = ":custom-model-deployment/" in identity.model_id
        return Unpriced.CUSTOM_MODEL if deployment else Unpriced.TIME_BASED_CAPACITY
    return _KIND_REASONS.get(identity.kind, Unpriced.NO_RATE_CARD)
