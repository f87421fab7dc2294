"""The pages of the dashboard, in the order of the navigation. What is not in here is not linked."""

from __future__ import annotations

from typing import Final

from dashboard.pages import cost, explore, overview, performance, pipeline, pricing, reliability, requests
from dashboard.pages.page import Page

PAGES: Final[tuple[Page, ...]] = (
    overview.PAGE,
    cost.PAGE,
    performance.PAGE,
    reliability.PAGE,
    requests.PAGE,
    explore.PAGE,
    pricing.PAGE,
    pipeline.PAGE,
)


def page_at(path: str) -> Page | None:
    """The page of a path below the base path; None where there is none."""
    return next((page for page in PAGES if page.path == path.strip("/")), None)
