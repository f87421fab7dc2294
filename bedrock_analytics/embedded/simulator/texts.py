"""Short, plainly invented texts that stand for prompts and answers.

A number from the call's request id goes into each, so that texts differ as real ones do.
"""

from __future__ import annotations

_QUESTIONS = (
    "Simulated question {n}: where is parcel {n}?",
    "Simulated task {n}: rename function f{n} and run its tests.",
    "Simulated document {n}: invoice over {n} coins for paper clips.",
    "Simulated text {n}: the harbour opens at seven.",
    "Simulated note {n}: compare plan A with plan B.",
    "Simulated ticket {n}: the blue lamp blinks twice.",
)
_ANSWERS = (
    "Simulated answer {n}: it is on its way.",
    "Simulated answer {n}: done, all tests pass.",
    "Simulated answer {n}: total {n} coins.",
    "Simulated answer {n}: der Hafen öffnet um sieben.",
    "Simulated answer {n}: plan B is shorter.",
    "Simulated answer {n}: replace the lamp.",
)

SYSTEM_PROMPT = "You are a simulated assistant. Nothing here was said by a person."
BLOCKED = "Sorry, the simulated policy does not allow this."


def number(request_id: str) -> int:
    """A small number that is fixed for a request id."""
    return int(request_id[:4], 16)


def question(request_id: str) -> str:
    n = number(request_id)
    return _QUESTIONS[n % len(_QUESTIONS)].format(n=n)


def answer(request_id: str) -> str:
    n = number(request_id)
    return _ANSWERS[n % len(_ANSWERS)].format(n=n)
