"""Ids of the pricing page's components."""

from __future__ import annotations

MODEL = "pricing-of"
"""Hidden: the model whose history is open."""
CHANGED = "pricing-changed"
"""Hidden: changes whenever prices, or numbers by them, have changed."""
FORM = "pricing-form"
BUSY = "pricing-busy"
POLL = "pricing-poll"

TOP = "pricing-top"
FACTS = "pricing-facts"
UNPRICED = "pricing-unpriced"
HELD = "pricing-held"
DISCOUNTS = "pricing-discounts"
PROGRESS = "pricing-progress"
SAVED = "pricing-saved"

CARDS = "pricing-cards"
SEARCH = "pricing-search"
SOURCE = "pricing-source"
CHANGES = "pricing-changes"
WHICH = "pricing-which"

DRAWER = "pricing-drawer"
SIDE = "pricing-side"
SIDE_TITLE = "pricing-side-title"
TOLD = "pricing-told"
