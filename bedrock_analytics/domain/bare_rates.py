"""Which rates a bare model id pays: a call to a model in one Region, without an inference profile.

Price lists show the global rate in the row of the bare id, while AWS bills a bare id like a
geographic profile, from Claude 4.5 on and for some OpenAI models. The rule that finds those models
is in `rate_sheet`; the two lists here correct it where other evidence is better. Nothing here is a
multiplier: the rates are always those of a listed card.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

GOVERNMENT = "us-gov"
"""The geography whose rates are its own: neither lent to others nor borrowed from them."""

_PREFERRED = ("us", "eu", "apac")
"""Order in which another geography's card is tried, before all others by name."""

_GEOGRAPHIES_OF_REGIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("us-gov-", (GOVERNMENT,)),
    ("us-", ("us",)),
    ("eu-", ("eu",)),
    ("ap-northeast-1", ("jp", "apac")),
    ("ap-northeast-3", ("jp", "apac")),
    ("ap-southeast-2", ("au", "apac")),
    ("ap-southeast-4", ("au", "apac")),
    ("ap-south-", ("in", "apac")),
    ("ap-", ("apac",)),
    ("ca-", ("ca", "us")),
    ("sa-", ("sa", "us")),
)


class BareRate(StrEnum):
    """What a bare id pays where no card of the Region is listed."""

    GEOGRAPHIC = "geographic"
    BASE = "base"


@dataclass(frozen=True, slots=True, kw_only=True)
class BareRateOverride:
    """A model, or every model whose id begins so, that the general rule gets wrong."""

    model_prefix: str
    pays: BareRate
    source: str


OVERRIDES: tuple[BareRateOverride, ...] = (
    BareRateOverride(
        model_prefix="anthropic.claude-mythos-5",
        pays=BareRate.GEOGRAPHIC,
        source="AWS Price List, us-east-1, 2026-10-06: Mythos 5 and 5.1 have a regional rate 10 % above "
        "the global one; the list has no row of the bare id of Mythos 5",
    ),
    BareRateOverride(
        model_prefix="amazon.nova-micro-v1",
        pays=BareRate.BASE,
        source="AWS Price List: one tier for the first Nova models, no global rate",
    ),
    BareRateOverride(
        model_prefix="amazon.nova-lite-v1",
        pays=BareRate.BASE,
        source="AWS Price List: one tier for the first Nova models, no global rate",
    ),
    BareRateOverride(
        model_prefix="amazon.nova-pro-v1",
        pays=BareRate.BASE,
        source="AWS Price List: one tier for the first Nova models, no global rate",
    ),
    BareRateOverride(
        model_prefix="anthropic.claude-sonnet-4-20250514",
        pays=BareRate.BASE,
        source="AWS Price List, us-east-1, 2026-10-06: no regional premium before Claude 4.5",
    ),
)


def override_of(model_id: str) -> BareRateOverride | None:
    """The override of a canonical model id, if there is one."""
    return next((entry for entry in OVERRIDES if model_id.startswith(entry.model_prefix)), None)


def geographies_of_region(region: str) -> tuple[str, ...]:
    """Geographies that a Region lies in, the narrowest first; empty for a Region not known."""
    return next((names for prefix, names in _GEOGRAPHIES_OF_REGIONS if region.startswith(prefix)), ())


def in_order_of_preference(geographies: set[str], region: str) -> list[str]:
    """Geographies, those of the Region first, then the usual order, then by name."""
    first = (*geographies_of_region(region), *_PREFERRED)
    rank = {name: index for index, name in reversed(list(enumerate(first)))}
    return sorted(geographies, key=lambda name: (rank.get(name, len(first)), name))
