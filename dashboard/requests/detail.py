"""Everything known of one call: its receipt, tokens, times, who made it, and where its log record lies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from bedrock_analytics.domain.price import CostLine, PriceStatus
from bedrock_analytics.domain.receipt import Receipt, plain
from bedrock_analytics.domain.usage_event import UsageEvent
from bedrock_analytics.reporting.formats import UNKNOWN, exact, milliseconds, usd_in_detail
from bedrock_analytics.reporting.lake_answers import LoggedCall
from bedrock_analytics.reporting.unpriced_reasons import reason_text
from dashboard.figures.graph import middle_cut
from dashboard.filters import META
from dashboard.names import Names
from dashboard.phrases import count_of, second_text, zone_text
from dashboard.requests.tables import cost_text, outcome_text
from dashboard.widgets.attributes import aria, data
from dashboard.widgets.filter_button import filter_button

_TOKENS: Final = (
    ("Input", "input_tokens"),
    ("Output", "output_tokens"),
    ("Cache read", "cache_read_tokens"),
    ("Cache write, 5 minutes", "cache_write_5m_tokens"),
    ("Cache write, 1 hour", "cache_write_1h_tokens"),
    ("Cache write, other lifetime", "cache_write_other_tokens"),
    ("Most output tokens asked for", "max_tokens"),
)
_UNITS: Final = (
    ("Images read", "input_images"),
    ("Images made", "output_images"),
    ("Video made, ms", "output_video_ms"),
    ("Search queries", "query_units"),
)
_LONG: Final = 56
"""Longest id that is shown in full."""

Entry = tuple[str, Component | str | None]


def call_detail(call: LoggedCall, names: Names, zone: ZoneInfo) -> list[Component]:
    """The side panel of a call."""
    event = call.event
    return [
        _head(call, names, zone),
        _section("Receipt", _receipt(call.receipt)),
        _section("Tokens and units", _list(_quantities(event))),
        _section("Times", _list(_times(event))),
        _section("Who called", _list(_caller(event, names))),
        *([_section("Request metadata", _metadata(call))] if call.metadata else []),
        _section("Model", _list(_model(event, names))),
        _section("Log record", _list(_record(event, zone))),
    ]


def gone() -> Component:
    """What the side panel says where the lake holds no such call."""
    return html.P("The event lake holds no such call.", className="panel-note")


def _head(call: LoggedCall, names: Names, zone: ZoneInfo) -> Component:
    event = call.event
    model = event.model_id or event.logged_model_id
    failed = "call-outcome bad" if event.error_code else "call-outcome"
    return html.Div(
        [
            html.P(
                [
                    html.Strong(names.model(model) if model else "No model"),
                    html.Span(names.route(event.route or ""), className="chip"),
                ],
                className="call-model",
            ),
            html.P(
                f"{second_text(event.ts, zone)} · {zone_text(zone, event.ts)} · {event.operation or UNKNOWN}"
            ),
            html.P(outcome_text(event, call.receipt), className=failed),
        ],
        className="call-head",
    )


def _section(title: str, content: Component) -> Component:
    return html.Section([html.H3(title), content], className="call-section")


def _list(entries: Iterable[Entry]) -> Component:
    """A list of terms; those without a value are left out."""
    told: list[Component] = []
    for term, value in entries:
        if value is not None and value != "":
            told += [html.Dt(term), html.Dd(value)]
    return html.Dl(told, className="call-list")


def _receipt(receipt: Receipt) -> Component:
    cards = [None, *(line.card for line in receipt.lines)]
    lines = [
        _receipt_line(line, is_same_card=line.card == before)
        for line, before in zip(receipt.lines, cards, strict=False)
    ]
    total = html.Tr(
        [
            html.Th("Estimated cost", scope="row", colSpan=3),
            html.Td(cost_text(receipt), className="number", title=_in_full(receipt.total_usd)),
        ],
        className="call-total",
    )
    head = html.Tr([html.Th(name, scope="col") for name in ("Kind", "Quantity", "$ per 1M", "Cost")])
    notes = [html.P(text, className="call-note") for text in _receipt_notes(receipt)]
    table = html.Table(
        [
            html.Caption("Quantity × rate of each kind", className="visually-hidden"),
            html.Thead(head),
            html.Tbody(lines),
            html.Tfoot(total),
        ],
        className="call-receipt",
    )
    return html.Div([html.Div(table, className="call-table-place", tabIndex=0), *notes])


def _receipt_line(line: CostLine, *, is_same_card: bool) -> Component:
    """A kind of usage; the card is told once where the line above is of the same."""
    card = [] if is_same_card else [html.Span(line.card, className="call-card")]
    return html.Tr(
        [
            html.Th([html.Span(line.kind.replace("_", " ").capitalize()), *card], scope="row"),
            html.Td(count_of(line.quantity, line.unit), className="number"),
            html.Td(plain(line.rate_usd_per_million), className="number"),
            html.Td(usd_in_detail(line.cost_usd), className="number", title=_in_full(line.cost_usd)),
        ]
    )


def _in_full(amount: Decimal | None) -> str:
    return "" if amount is None else f"${plain(amount)}"


def _receipt_notes(receipt: Receipt) -> list[str]:
    found = []
    if receipt.reason:
        found.append(f"Not priced: {reason_text(receipt.reason)}.")
    if receipt.status is PriceStatus.PARTIAL and receipt.unpriced:
        kinds = ", ".join(f"{exact(n)} {kind.replace('_', ' ')}" for kind, n in receipt.unpriced.items())
        found.append(f"Without a price: {kinds}.")
    if receipt.upper_extra_usd:
        extra = usd_in_detail(receipt.upper_extra_usd)
        found.append(f"Up to {extra} more: the log does not tell how long the cache was written for.")
    return found


def _quantities(event: UsageEvent) -> list[Entry]:
    tokens: list[Entry] = [(term, exact(getattr(event, name))) for term, name in _TOKENS[:4]]
    others = (*_TOKENS[4:], *_UNITS)
    tokens += [(term, exact(getattr(event, name))) for term, name in others if getattr(event, name)]
    return tokens


def _times(event: UsageEvent) -> list[Entry]:
    first, whole, tokens = event.time_to_first_token_ms, event.latency_ms, event.output_tokens
    each = None
    if first is not None and whole is not None and whole >= first and tokens is not None and tokens > 1:
        each = (whole - first) / (tokens - 1)
    return [
        ("Latency", milliseconds(whole)),
        ("Time to first token", milliseconds(first)),
        ("Time per output token", milliseconds(each)),
    ]


def _caller(event: UsageEvent, names: Names) -> list[Entry]:
    account = names.account(event.account_id)
    shown = account if account == event.account_id else f"{account} ({event.account_id})"
    return [
        ("Caller", filter_button("caller", event.caller, event.caller) if event.caller else UNKNOWN),
        ("Kind of caller", event.caller_type),
        ("Identity", _copied(event.identity_arn)),
        ("Account", filter_button("account", event.account_id, shown)),
        ("Region", filter_button("region", event.region, f"{names.region(event.region)} ({event.region})")),
    ]


def _metadata(call: LoggedCall) -> Component:
    return _list(
        (key, filter_button(f"{META}{key}", value, value)) for key, value in sorted(call.metadata.items())
    )


def _model(event: UsageEvent, names: Names) -> list[Entry]:
    served = event.inference_region
    optimized = {True: "yes", False: "no", None: None}[event.latency_optimized]
    return [
        ("Model", filter_button("model", event.model_id, event.model_id) if event.model_id else UNKNOWN),
        ("As logged", _copied(event.logged_model_id if event.logged_model_id != event.model_id else None)),
        ("Named in the answer", event.response_model_id),
        ("Application inference profile", _copied(event.inference_profile_arn)),
        ("Name of the profile", event.inference_profile_name),
        ("Served in", f"{names.region(served)} ({served})" if served else None),
        ("Service tier", event.service_tier),
        ("Latency optimized", optimized),
        ("Stop reason", event.stop_reason),
        ("Guardrail", event.guardrail_action),
        ("Token counts from", event.token_source),
    ]


def _record(event: UsageEvent, zone: ZoneInfo) -> list[Entry]:
    return [
        ("Request id", _copied(event.request_id)),
        ("Log object", _copied(event.source_s3_key)),
        ("Read", second_text(event.parsed_at, zone)),
    ]


def _copied(text: str | None) -> Component | None:
    """An id, cut in its middle where it is long, with a button that copies it in full."""
    if not text:
        return None
    parts: Sequence[Component] = (
        html.Code(middle_cut(text, _LONG), title=text),
        html.Button(
            "Copy", type="button", className="copy-button", **data(copy=text), **aria(label=f"Copy {text}")
        ),
    )
    return html.Span(parts, className="call-id")
