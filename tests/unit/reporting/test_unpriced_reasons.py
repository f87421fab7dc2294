"""Why usage has no price, in words."""

from __future__ import annotations

from bedrock_analytics.domain.price_subject import Unpriced
from bedrock_analytics.reporting.unpriced_reasons import reason_text


def test_every_reason_has_words_of_its_own() -> None:
    words = {reason_text(reason) for reason in Unpriced}
    assert len(words) == len(Unpriced)
    assert not words & set(Unpriced)


def test_a_reason_of_a_later_release_is_shown_as_it_is() -> None:
    assert reason_text("leap_second") == "leap_second"
