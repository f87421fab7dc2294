"""Questions drawn at random: a range, a zone and filters, as an address, and the raw calls that they mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bedrock_analytics.reporting.usage_filter import UsageFilter
from tests.truth.raw_calls import CALLERS, MODELS, NONE, PLACES, TEAMS, RawCall, between, of_sets

ZONES: Final = ("Asia/Kolkata", "America/St_Johns", "Europe/Vienna", "UTC", "Pacific/Auckland")
HALF_HOUR: Final = timedelta(minutes=30)
CHANGES: Final = (datetime(2025, 10, 26, 1, tzinfo=UTC), datetime(2025, 11, 2, 4, 30, tzinfo=UTC))
"""When Vienna and St. John's set their clocks back."""
_OPERATIONS = ("Converse", "InvokeModel", "InvokeModelWithResponseStream")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A range (UTC, cut at half hours), a zone, and wanted values by attribute of a call."""

    start: datetime
    end: datetime
    zone: str
    wanted: Mapping[str, tuple[str, ...]]

    @property
    def address(self) -> str:
        """The query of the page's address."""
        names = {"team": "meta.team"}
        pairs = [
            ("range", "custom"),
            ("from", self.start.isoformat()),
            ("to", self.end.isoformat()),
            ("zone", self.zone),
            *((names.get(name, name), value) for name, values in self.wanted.items() for value in values),
        ]
        return urlencode(pairs)

    @property
    def usage_filter(self) -> UsageFilter:
        """The same for the reader and `report`."""
        sets = {f"{name}s": frozenset(values) for name, values in self.wanted.items() if name != "team"}
        return UsageFilter(
            start=self.start,
            end=self.end,
            zone=ZoneInfo(self.zone),
            metadata=frozenset(("team", value) for value in self.wanted.get("team", ())),
            **sets,
        )

    def of(self, calls: list[RawCall]) -> list[RawCall]:
        """The raw calls that are asked about."""
        return of_sets(between(calls, self.start, self.end), self.wanted)


_CHOICES: Final[Mapping[str, tuple[str, ...]]] = {
    "account": tuple(sorted({account for account, _ in PLACES})),
    "region": tuple(region for _, region in PLACES),
    "model": tuple(sorted({model for model, _ in MODELS.values()})),
    "route": ("us", "eu", "global", "regional"),
    "caller": tuple(CALLERS.values()),
    "operation": _OPERATIONS,
    "team": (*TEAMS, NONE),
}


@st.composite
def asked(draw: st.DrawFn, now: datetime) -> Asked:
    """A range on a change of clocks or up to now, with no filter to a few."""
    about = draw(st.sampled_from((*CHANGES, CHANGES[0], CHANGES[1], now)))
    begin = about.replace(minute=about.minute // 30 * 30, second=0, microsecond=0)
    start = begin - HALF_HOUR * draw(st.integers(1, 200))
    end = begin + HALF_HOUR * (draw(st.integers(1, 60)) if about is not now else 1)
    names = draw(st.lists(st.sampled_from([*_CHOICES]), max_size=3, unique=True))
    wanted = {
        name: tuple(draw(st.lists(st.sampled_from(_CHOICES[name]), min_size=1, max_size=4, unique=True)))
        for name in sorted(names)
    }
    return Asked(start=start, end=end, zone=draw(st.sampled_from(ZONES)), wanted=wanted)
