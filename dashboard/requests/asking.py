"""From what the page's controls hold to questions to the lake, and back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from bedrock_analytics.domain.periods import require_utc
from bedrock_analytics.reporting.lake_questions import CallQuestion, CallsQuestion
from bedrock_analytics.storage.lake_lists import CallOrder, CallPosition
from dashboard.queries import usage_filter
from dashboard.requests import ids
from dashboard.view_models import Question

ALL: Final = "all"
FAILED: Final = "failed"
ANY_CODE: Final = frozenset({"*"})
PAGE_CALLS: Final = 50
MOST_PAGES: Final = 200
"""Pages that can be turned back to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallName:
    """What one call is named by: as it stands in an address."""

    account_id: str
    region: str
    ts: datetime
    request_id: str

    def __str__(self) -> str:
        return f"{self.account_id}/{self.region}/{self.ts.isoformat()}/{self.request_id}"

    @classmethod
    def parse(cls, text: str) -> CallName | None:
        """The name of a text; None where it is none."""
        account_id, _, rest = text.partition("/")
        region, _, rest = rest.partition("/")
        moment, _, request_id = rest.partition("/")
        try:
            ts = require_utc(datetime.fromisoformat(moment))
        except ValueError:
            return None
        if not (account_id and region and request_id):
            return None
        return cls(account_id=account_id, region=region, ts=ts, request_id=request_id)

    def question(self) -> CallQuestion:
        """The question for this call."""
        return CallQuestion(
            account_id=self.account_id, region=self.region, request_id=self.request_id, around=self.ts
        )


def calls_question(question: Question, values: Mapping[str, Any]) -> CallsQuestion:
    """The page of calls that the controls ask for."""
    earlier = positions(values.get(ids.AFTER))
    return CallsQuestion(
        usage_filter=usage_filter(question),
        order=CallOrder(values[ids.ORDER]),
        limit=PAGE_CALLS,
        after=earlier[-1] if earlier else None,
        request_id=str(values.get(ids.SEARCH) or "").strip(),
        error_codes=ANY_CODE if values[ids.WHICH] == FAILED else frozenset(),
    )


def positions(document: Any) -> list[CallPosition]:
    """The places that the pages before begin behind; none where the text is no such list."""
    try:
        pairs = json.loads(document or "[]")
        found = [CallPosition(value=int(value), key=str(key)) for value, key in pairs]
    except (ValueError, TypeError):
        return []
    return found[:MOST_PAGES]


def position_document(position: CallPosition | None) -> list[Any] | None:
    """A place as the browser keeps it: the number as text, which holds more digits than a number there."""
    return None if position is None else [str(position.value), position.key]
