"""Figures as people read them: `—` unknown, `$0.00` true zero, `≥ $X` partial, `<$0.01` not nothing."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

from bedrock_analytics.reporting.metrics import Average, Completeness, CostFigure

UNKNOWN = "—"
_CENT = Decimal("0.01")
_LEAST_IN_COLUMN = Decimal("0.0001")
_STEPS = ((10**3, "K"), (10**6, "M"), (10**9, "B"), (10**12, "T"))


def usd(amount: Decimal | None) -> str:
    """USD to the cent; an amount below a cent that is not zero reads `<$0.01`."""
    if amount is None:
        return UNKNOWN
    sign, size = ("−" if amount < 0 else ""), abs(amount)
    if 0 < size < _CENT:
        return f"{sign}<$0.01"
    return f"{sign}${size.quantize(_CENT, ROUND_HALF_EVEN):,}"


def usd_in_detail(amount: Decimal | None) -> str:
    """USD with the decimals that a small amount needs: cents, or six decimals below a dollar."""
    if amount is None:
        return UNKNOWN
    size = abs(amount)
    places = Decimal("0.000001") if 0 < size < 1 else _CENT
    return f"{'−' if amount < 0 else ''}${size.quantize(places, ROUND_HALF_EVEN):,}"


def usd_in_column(amount: Decimal | None) -> str:
    """USD with four decimals, so that the rows of a column, as shown, add up to its total to the cent."""
    if amount is None:
        return UNKNOWN
    sign, size = ("−" if amount < 0 else ""), abs(amount)
    if 0 < size < _LEAST_IN_COLUMN:
        return f"{sign}<$0.0001"
    return f"{sign}${size.quantize(_LEAST_IN_COLUMN, ROUND_HALF_EVEN):,}"


def cost(figure: CostFigure) -> str:
    """An estimated cost with what it lacks: `≥` where usage has no price, a range where it is bounded."""
    if figure.completeness is Completeness.UNKNOWN:
        return UNKNOWN
    if figure.completeness is Completeness.PARTIAL:
        return f"≥ {usd(figure.list_usd)}"
    low, high = usd(figure.list_usd), usd(figure.upper_usd)
    return low if low == high else f"{low} to {high}"


def compact(count: int | None) -> str:
    """A count in at most three digits and its unit: 941, 18.4K, 941M, 2.9B."""
    if count is None:
        return UNKNOWN
    if abs(count) < 1000:
        return str(count)
    for step, unit in _STEPS:
        value = Decimal(count) / step
        text = _three_digits(value)
        if abs(Decimal(text)) < 1000:
            return text + unit
    return f"{value:,.0f}{unit}"


def _three_digits(value: Decimal) -> str:
    """One decimal below a hundred, none from there on, and no trailing `.0`."""
    short = value.quantize(Decimal("0.1"), ROUND_HALF_EVEN)
    if abs(short) < 100:
        return f"{short}".removesuffix(".0")
    return f"{value.quantize(Decimal(1), ROUND_HALF_EVEN)}"


def exact(count: int | None) -> str:
    """A count in full, with thousands separated."""
    return UNKNOWN if count is None else f"{count:,}"


def milliseconds(value: float | None) -> str:
    """A duration: 8.2 ms, 840 ms, 3.42 s, 1 min 12 s."""
    if value is None:
        return UNKNOWN
    if value < 9.95:
        return f"{value:.1f} ms"
    if round(value) < 1000:
        return f"{value:.0f} ms"
    if value < 59_995:
        return f"{value / 1000:.2f} s"
    seconds = round(value / 1000)
    return f"{seconds // 60} min {seconds % 60} s"


def average(figure: Average) -> str:
    """A mean time; `*` marks one that has the first token in it."""
    return milliseconds(figure.value_ms) + ("*" if figure.includes_first_token else "")


def percent(share: float | None) -> str:
    """A share (0 to 1) in per cent; what is small but not nothing does not read as zero, nor as all."""
    if share is None:
        return UNKNOWN
    value = share * 100
    if 0 < value < 0.05:
        return "<0.1 %"
    if 99.95 <= value < 100:
        return ">99.9 %"
    return f"{value:.0f} %" if value in (0, 100) else f"{value:.1f} %"
