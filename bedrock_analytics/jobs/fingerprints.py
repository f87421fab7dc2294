"""Fingerprints of hours: made from the groups that pages are computed from, and kept beside the pages."""

from __future__ import annotations

from bedrock_analytics.storage.lake import Fingerprint, UsageGroup


def group_fingerprint(group: UsageGroup) -> Fingerprint:
    """What one base group adds to the fingerprint of its hour."""
    rejected = group.rejection is not None
    return Fingerprint(
        calls=0 if rejected else group.calls,
        rejections=group.calls if rejected else 0,
        errors=0 if rejected or group.error_code is None else group.calls,
        input_tokens=group.input_tokens,
        output_tokens=group.output_tokens,
        cache_read_tokens=group.cache_read_tokens,
        cache_write_tokens=group.cache_write_5m_tokens
        + group.cache_write_1h_tokens
        + group.cache_write_other_tokens,
        latency_ms=group.latency_ms.sum,
        newest_parsed_at_ms=group.newest_parsed_at_ms,
    )


def joined_fingerprint(one: Fingerprint, other: Fingerprint) -> Fingerprint:
    """The fingerprint of both together."""
    return Fingerprint(
        calls=one.calls + other.calls,
        rejections=one.rejections + other.rejections,
        errors=one.errors + other.errors,
        input_tokens=one.input_tokens + other.input_tokens,
        output_tokens=one.output_tokens + other.output_tokens,
        cache_read_tokens=one.cache_read_tokens + other.cache_read_tokens,
        cache_write_tokens=one.cache_write_tokens + other.cache_write_tokens,
        latency_ms=one.latency_ms + other.latency_ms,
        newest_parsed_at_ms=max(one.newest_parsed_at_ms, other.newest_parsed_at_ms),
    )


def fingerprint_text(fingerprint: Fingerprint) -> str:
    """The text that is stored beside pages; equal texts mean equal fingerprints."""
    return (
        f"{fingerprint.calls} {fingerprint.rejections} {fingerprint.errors} {fingerprint.input_tokens} "
        f"{fingerprint.output_tokens} {fingerprint.cache_read_tokens} {fingerprint.cache_write_tokens} "
        f"{fingerprint.latency_ms} {fingerprint.newest_parsed_at_ms}"
    )
