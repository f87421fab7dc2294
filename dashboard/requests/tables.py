"""The list of calls as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from bedrock_analytics.domain.price import PriceStatus
from bedrock_analytics.domain.receipt import Receipt
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.reporting.formats import UNKNOWN, exact, milliseconds, usd_in_detail
from bedrock_analytics.reporting.lake_answers import LoggedCall
from bedrock_analytics.reporting.unpriced_reasons import reason_text
from dashboard.names import Names
from dashboard.phrases import second_text
from dashboard.requests.asking import CallName
from dashboard.widgets.tables import number, number_column, text_column


def call_columns() -> list[dict[str, Any]]:
    """Columns of calls: when, what, who, how much, how long, and what became of it."""
    return [
        {
            "field": "time",
            "headerName": "Time",
            "cellRenderer": "CallTime",
            "pinned": "left",
            "width": 164,
            "sortable": False,
        },
        _fixed({"field": "name", "headerName": "Model", "cellRenderer": "TwoLines", "width": 250}),
        _fixed(text_column("caller", "Caller", 220)),
        _fixed(text_column("account", "Account", 180)),
        _fixed(text_column("operation", "Operation", 158)),
        _fixed(number_column("cost", "Est. cost", 118)),
        _fixed(number_column("input", "Input", 96)),
        _fixed(number_column("output", "Output", 96)),
        _fixed(number_column("cache_read", "Cache read", 112)),
        _fixed(number_column("cache_write", "Cache write", 112)),
        _fixed(number_column("latency", "Latency", 104)),
        _fixed(number_column("first_token", "First token", 110)),
        _fixed(text_column("outcome", "Outcome", 230)),
        _fixed(text_column("region", "Region", 130)),
        _fixed(text_column("request_id", "Request id", 310)),
    ]


def _fixed(column: dict[str, Any]) -> dict[str, Any]:
    """A column that the browser does not sort: the order is that of all calls, not of one page's."""
    return column | {"sortable": False}


def call_rows(calls: Sequence[LoggedCall], names: Names, zone: ZoneInfo) -> list[dict[str, Any]]:
    """The rows of `call_columns`, in the order of the calls."""
    return [_row(call, names, zone) for call in calls]


def _row(call: LoggedCall, names: Names, zone: ZoneInfo) -> dict[str, Any]:
    event, cost = call.event, call.receipt.total_usd
    model = event.model_id or event.logged_model_id or ""
    written = event.cache_write_total_tokens
    return {
        "id": call.position.key,
        "call": str(name_of(event)),
        "time": event.ts.isoformat(),
        "time_text": second_text(event.ts, zone),
        "name": names.model(model) if model else "no model",
        "detail": model,
        "chip": names.route(event.route or ""),
        **({"filter": {"kind": "model", "value": event.model_id}} if event.model_id else {}),
        "caller": event.caller or "",
        "account": names.account(event.account_id),
        "operation": event.operation or "",
        "region": event.region,
        "request_id": event.request_id,
        "outcome": outcome_text(event, call.receipt),
        **number("cost", cost, cost_text(call.receipt)),
        **number("input", event.input_tokens, exact(event.input_tokens)),
        **number("output", event.output_tokens, exact(event.output_tokens)),
        **number("cache_read", event.cache_read_tokens, exact(event.cache_read_tokens)),
        **number("cache_write", written, exact(written)),
        **number("latency", event.latency_ms, milliseconds(event.latency_ms)),
        **number("first_token", event.time_to_first_token_ms, milliseconds(event.time_to_first_token_ms)),
    }


def name_of(event: UsageEvent) -> CallName:
    """The name of a call."""
    return CallName(
        account_id=event.account_id, region=event.region, ts=event.ts, request_id=event.request_id
    )


def cost_text(receipt: Receipt) -> str:
    """The cost of a call: `—` without a price, `≥` where a part of it has none."""
    if receipt.total_usd is None:
        return UNKNOWN
    least = "≥ " if receipt.status is PriceStatus.PARTIAL else ""
    return least + usd_in_detail(receipt.total_usd)


def outcome_text(event: UsageEvent, receipt: Receipt) -> str:
    """What became of a call, and why it has no price."""
    told = [event.error_code or "Succeeded"]
    if event.guardrail_action:
        told.append(f"guardrail {event.guardrail_action.lower()}")
    if receipt.reason:
        told.append(f"no price: {reason_text(receipt.reason)}")
    return " · ".join(told)
