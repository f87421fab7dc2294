"""The apps of the product account: chat by day, search around the clock, images, a coding agent."""

from __future__ import annotations

from bedrock_analytics.embedded.simulator import models, world
from bedrock_analytics.embedded.simulator.callers import (
    function,
    role,
    sso,
)
from bedrock_analytics.embedded.simulator.coding_calls import coding_calls, developers
from bedrock_analytics.embedded.simulator.models import Target
from bedrock_analytics.embedded.simulator.world import (
    App,
    CallKind,
    Operation,
    PromptCache,
    Rhythm,
    Size,
)

_CHAT_SYSTEM_PROMPT = PromptCache(prefix=Size(median=3_400, spread=0.15), step=Size(median=180), hits=0.86)

CODING_AGENT_EU = App(
    name="coding-agent",
    team="product",
    environment="production",
    source=world.PRODUCT_EU,
    zone="Europe/Berlin",
    rhythm=Rhythm.OFFICE,
    calls_a_day=400,
    weekend=0.12,
    kinds=(
        coding_calls(Target(model=models.SONNET_45, geography="eu"), 0.66),
        coding_calls(Target(model=models.OPUS_46, geography="global"), 0.2, answer=560),
        coding_calls(Target(model=models.HAIKU_45, geography="eu"), 0.14, answer=110),
    ),
    callers=(
        *developers(world.PRODUCT_EU, "dev-six", "dev-seven", "dev-eight", "dev-nine"),
        role(world.PRODUCT, "Engineer", "dev-ten@example.com", 0.4),
    ),
    tagged=0.3,
    errors=0.01,
)

SUPPORT_CHAT = App(
    name="support-chat",
    team="customer-care",
    environment="production",
    source=world.PRODUCT_US,
    zone="America/New_York",
    rhythm=Rhythm.DAYTIME,
    calls_a_day=640,
    weekend=0.7,
    kinds=(
        CallKind(
            target=Target(model=models.HAIKU_45, geography="us"),
            operation=Operation.CONVERSE_STREAM,
            share=0.62,
            prompt=Size(median=420),
            answer=Size(median=190, spread=0.5),
            max_tokens=800,
            cache=_CHAT_SYSTEM_PROMPT,
            guarded=0.02,
        ),
        CallKind(
            target=Target(model=models.NOVA_LITE),
            operation=Operation.CONVERSE,
            share=0.28,
            prompt=Size(median=260),
            answer=Size(median=14, spread=0.4),
            max_tokens=64,
        ),
        CallKind(
            target=Target(model=models.SONNET_46, geography="global"),
            operation=Operation.CONVERSE_STREAM,
            share=0.1,
            prompt=Size(median=900),
            answer=Size(median=380),
            max_tokens=1_500,
            cache=_CHAT_SYSTEM_PROMPT,
            guarded=0.01,
        ),
    ),
    callers=(
        function(world.PRODUCT, "support-chat", 0.8),
        function(world.PRODUCT, "support-escalation", 0.2),
    ),
    tagged=0.9,
)

KNOWLEDGE_SEARCH = App(
    name="knowledge-search",
    team="product",
    environment="production",
    source=world.PRODUCT_US,
    zone="UTC",
    rhythm=Rhythm.ALWAYS,
    calls_a_day=880,
    weekend=0.85,
    kinds=(
        CallKind(
            target=Target(model=models.TITAN_EMBED),
            operation=Operation.INVOKE,
            share=0.64,
            prompt=Size(median=190, spread=0.8),
            answer=None,
        ),
        CallKind(
            target=Target(model=models.NOVA_PRO, geography="us"),
            operation=Operation.INVOKE,
            share=0.2,
            prompt=Size(median=3_100, spread=0.4),
            answer=Size(median=240, spread=0.5),
            max_tokens=1_000,
        ),
        CallKind(
            target=Target(model=models.SONNET_46, geography="us"),
            operation=Operation.INVOKE,
            share=0.16,
            prompt=Size(median=2_700, spread=0.5),
            answer=Size(median=330, spread=0.5),
            max_tokens=1_200,
            cache=PromptCache(
                prefix=Size(median=2_200, spread=0.2), step=Size(median=90), hits=0.75, one_hour=0.5
            ),
            guarded=0.012,
            offloaded=0.004,
        ),
    ),
    callers=(
        function(world.PRODUCT, "search-indexer", 0.5),
        function(world.PRODUCT, "search-answer", 0.5),
    ),
    tagged=0.6,
)

BANNER_IMAGES = App(
    name="banner-images",
    team="marketing",
    environment="production",
    source=world.PRODUCT_US,
    zone="America/New_York",
    rhythm=Rhythm.OFFICE,
    calls_a_day=32,
    weekend=0.05,
    kinds=(
        CallKind(
            target=Target(model=models.CANVAS),
            operation=Operation.INVOKE,
            share=1.0,
            prompt=Size(median=40),
            answer=None,
            offloaded=1.0,
        ),
    ),
    callers=(sso(world.PRODUCT, "Marketing", "designer-one@example.com"),),
    tagged=0.5,
)
