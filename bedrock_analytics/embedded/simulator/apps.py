"""All apps of the simulated organisation.

Each has a personality: its own models, callers, token sizes, rhythm and faults. `calls_a_day` is the
mean of a working day before growth; all of them together make the volume of the demo.
"""

from __future__ import annotations

from bedrock_analytics.embedded.simulator.data_apps import EXPERIMENTS, TRANSLATION
from bedrock_analytics.embedded.simulator.platform_apps import (
    CODING_AGENT,
    INVOICE_BATCH,
    MODEL_EVALUATION,
    OPS_AGENT,
    RELEASE_NOTES,
)
from bedrock_analytics.embedded.simulator.product_apps import (
    BANNER_IMAGES,
    CODING_AGENT_EU,
    KNOWLEDGE_SEARCH,
    SUPPORT_CHAT,
)
from bedrock_analytics.embedded.simulator.world import App

APPS: tuple[App, ...] = (
    CODING_AGENT,
    CODING_AGENT_EU,
    SUPPORT_CHAT,
    KNOWLEDGE_SEARCH,
    BANNER_IMAGES,
    INVOICE_BATCH,
    OPS_AGENT,
    RELEASE_NOTES,
    MODEL_EVALUATION,
    TRANSLATION,
    EXPERIMENTS,
)
