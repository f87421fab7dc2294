"""Declared inputs, and the calls that make a resource of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiCall:
    """A call of an AWS service, by botocore's names."""

    service: str
    operation: str
    parameters: dict[str, Any]


class Inputs:
    """A resource's inputs, each to be taken once: what is left over, the harness would leave out."""

    def __init__(self, values: Mapping[str, Any], what: str) -> None:
        self._values = dict(values)
        self._what = what

    def take(self, name: str) -> Any:
        """The value of an input that must be there."""
        assert name in self._values, f"{self._what} has no {name}"
        return self._values.pop(name)

    def some(self, **names: str) -> dict[str, Any]:
        """Those of the inputs that are there, under the API's names: `some(Name="name")`."""
        return {api: self._values.pop(name) for api, name in names.items() if name in self._values}

    def within(self, name: str) -> Inputs:
        """The inputs inside an input."""
        return Inputs(self.take(name), f"{self._what}.{name}")

    def each(self, name: str) -> list[Inputs]:
        """The inputs inside each entry of a list."""
        return [
            Inputs(entry, f"{self._what}.{name}[{number}]") for number, entry in enumerate(self.take(name))
        ]

    def has(self, name: str) -> bool:
        return name in self._values

    def done(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """The parameters, once every input went into them."""
        assert not self._values, f"the harness does not know {self._what}: {sorted(self._values)}"
        return parameters
