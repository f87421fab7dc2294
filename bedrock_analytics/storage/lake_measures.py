"""What is measured of a call, and its distribution over a group of calls, in Athena's dialect."""

from __future__ import annotations

from bedrock_analytics.domain.histogram import BUCKET_SQL_EPSILON, BUCKETS_PER_DOUBLING, ZERO_BUCKET


def _quotient(dividend: str, divisor: str) -> str:
    """Floor of a quotient of non-negative integers, also in engines whose `/` is not the integer one."""
    return f"cast(({dividend} - ({dividend}) % ({divisor})) / ({divisor}) as bigint)"


_TIME_PER_OUTPUT_TOKEN = _quotient("(latency_ms - time_to_first_token_ms) * 1000", "output_tokens - 1")
_LATENCY_PER_OUTPUT_TOKEN = _quotient("latency_ms * 1000", "output_tokens")

DISTRIBUTIONS: dict[str, str] = {
    "latency_ms": "case when latency_ms >= 0 then latency_ms end",
    "time_to_first_token_ms": "case when time_to_first_token_ms >= 0 then time_to_first_token_ms end",
    "time_per_output_token_us": (
        "case when time_to_first_token_ms >= 0 and latency_ms >= time_to_first_token_ms"
        f" and output_tokens >= 2 then {_TIME_PER_OUTPUT_TOKEN} end"
    ),
    "latency_per_output_token_us": (
        f"case when latency_ms >= 0 and output_tokens >= 1 then {_LATENCY_PER_OUTPUT_TOKEN} end"
    ),
}
"""The value of one call, by name of the distribution."""


def bucket_sql(value: str) -> str:
    """Expression of the histogram bucket of a non-negative integer, as `domain.histogram.bucket_index`."""
    position = f"ln({value}) / ln(2) * {BUCKETS_PER_DOUBLING} - {BUCKET_SQL_EPSILON:.0e}"
    return (
        f"case when {value} > 0 then cast(ceiling({position}) as bigint) - 1"
        f" when {value} = 0 then {ZERO_BUCKET} end"
    )


def distribution_columns() -> list[tuple[str, str]]:
    """Name and expression of each column of the distributions over `measured_…` values."""
    columns: list[tuple[str, str]] = []
    for name in DISTRIBUTIONS:
        value = f"measured_{name}"
        columns += [
            (f"{name}_count", f"count({value})"),
            (f"{name}_sum", f"coalesce(sum({value}), 0)"),
            (f"{name}_min", f"min({value})"),
            (f"{name}_max", f"max({value})"),
            (f"{name}_buckets", f"histogram({bucket_sql(value)})"),
        ]
    return columns
