"""The filters that combine on every page: their names in the address, and what they narrow down to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

META: Final = "meta."
"""Prefix of the filter of a metadata key: `meta.team=search` in an address."""
MOST_VALUES: Final = 100
"""Most values of one filter that are read from an address."""
_MOST_FIELDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterKind:
    """A filter: its name in addresses and documents, what one and several of its values are called."""

    name: str
    label: str
    plural: str


ACCOUNT = FilterKind(name="account", label="Account", plural="accounts")
REGION = FilterKind(name="region", label="Region", plural="Regions")
MODEL = FilterKind(name="model", label="Model", plural="models")
ROUTE = FilterKind(name="route", label="Route", plural="routes")
CALLER = FilterKind(name="caller", label="Caller", plural="callers")
OPERATION = FilterKind(name="operation", label="Operation", plural="operations")
KINDS: Final = (ACCOUNT, REGION, MODEL, ROUTE, CALLER, OPERATION)
_NAMES = {kind.name for kind in KINDS}


def metadata_kind(key: str, name: str = "") -> FilterKind:
    """The filter of a request metadata key; `name` is what people call it."""
    return FilterKind(name=f"{META}{key}", label=name or key, plural=f"values of {name or key}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """Conditions that all hold; an empty one narrows nothing, several values of one are alternatives.

    A caller is a name, or `account_id/name`. `metadata` holds (key, value) pairs.
    """

    accounts: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    models: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    callers: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()
    metadata: frozenset[tuple[str, str]] = frozenset()

    @classmethod
    def from_document(cls, document: Mapping[str, Sequence[str]]) -> Filters:
        """The filters of a document: values by the name of the filter; unknown names narrow nothing."""

        def of(kind: FilterKind) -> frozenset[str]:
            return frozenset(document.get(kind.name, ()))

        metadata = (
            (name.removeprefix(META), value)
            for name, values in document.items()
            if name.startswith(META)
            for value in values
        )
        return cls(
            accounts=of(ACCOUNT),
            regions=of(REGION),
            models=of(MODEL),
            routes=of(ROUTE),
            callers=of(CALLER),
            operations=of(OPERATION),
            metadata=frozenset(metadata),
        )

    def to_document(self) -> dict[str, list[str]]:
        """The document of these filters, in a fixed order; filters that narrow nothing are not in it."""
        kinds = (self.accounts, self.regions, self.models, self.routes, self.callers, self.operations)
        found = {kind.name: sorted(values) for kind, values in zip(KINDS, kinds, strict=True) if values}
        for key, value in sorted(self.metadata):
            found.setdefault(f"{META}{key}", []).append(value)
        return found


NO_FILTERS: Final = Filters()


def parse_filters(query: str) -> dict[str, list[str]]:
    """The document of the filters in an address's query; what is no filter is left out."""
    try:
        pairs = parse_qsl(query.removeprefix("?"), max_num_fields=_MOST_FIELDS, separator="&")
    except ValueError:
        return {}
    return _document((name, value) for name, value in pairs if is_filter(name) and value)


def document_of(value: Any) -> dict[str, list[str]]:
    """The document that a browser sent, with nothing in it that is no filter."""
    if not isinstance(value, Mapping):
        return {}
    return _document(
        (str(name), str(each))
        for name, values in value.items()
        if is_filter(str(name)) and isinstance(values, list)
        for each in values
    )


def is_filter(name: str) -> bool:
    """Whether a parameter of an address is a filter."""
    return name in _NAMES or (name.startswith(META) and len(name) > len(META))


def _document(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for name, value in pairs:
        found.setdefault(name, {})[value] = None
    return {name: list(values)[:MOST_VALUES] for name, values in found.items()}
