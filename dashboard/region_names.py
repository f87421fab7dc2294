"""Names of AWS Regions for people."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def _descriptions() -> dict[str, str]:
    """Region id to description; source: the list of partitions that botocore carries."""
    document = json.loads((resources.files("botocore") / "data" / "partitions.json").read_text("utf-8"))
    return {
        region: details["description"]
        for partition in document["partitions"]
        for region, details in partition["regions"].items()
    }


def region_name(region: str) -> str:
    """A Region's place, such as "Frankfurt" for eu-central-1; the id where botocore does not know it."""
    description = _descriptions().get(region)
    if description is None:
        return region
    _, bracket, place = description.partition("(")
    return place.rstrip(")") if bracket else description
