"""The apps of the platform account: a coding agent, a nightly batch, an agent, old code, a benchmark."""

from __future__ import annotations

from bedrock_analytics.embedded.simulator import models, world
from bedrock_analytics.embedded.simulator.callers import (
    agent,
    role,
    user,
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

CODING_AGENT = App(
    name="coding-agent",
    team="platform",
    environment="production",
    source=world.PLATFORM_WEST,
    zone="America/Los_Angeles",
    rhythm=Rhythm.OFFICE,
    calls_a_day=600,
    weekend=0.18,
    kinds=(
        coding_calls(
            Target(model=models.SONNET_46, geography="us", application_profile="c0d1ngag3nt1"), 0.58
        ),
        coding_calls(Target(model=models.OPUS_5, geography="global"), 0.24, answer=620),
        coding_calls(Target(model=models.HAIKU_45, geography="us"), 0.18, answer=120),
    ),
    callers=developers(world.PLATFORM_WEST, "dev-one", "dev-two", "dev-three", "dev-four", "dev-five"),
    tagged=0.45,
    errors=0.012,
    runaway=True,
)

INVOICE_BATCH = App(
    name="invoice-batch",
    team="finance",
    environment="production",
    source=world.PLATFORM_EAST,
    zone="UTC",
    rhythm=Rhythm.NIGHT,
    calls_a_day=410,
    weekend=0.85,
    kinds=(
        CallKind(
            target=Target(model=models.NOVA_MICRO, geography="us"),
            operation=Operation.CONVERSE,
            share=0.55,
            prompt=Size(median=1_900, spread=0.35),
            answer=Size(median=150, spread=0.3),
            max_tokens=400,
        ),
        CallKind(
            target=Target(model=models.HAIKU_45, geography="global"),
            operation=Operation.CONVERSE,
            share=0.45,
            prompt=Size(median=2_400, spread=0.4),
            answer=Size(median=310, spread=0.4),
            max_tokens=800,
            cache=PromptCache(
                prefix=Size(median=4_600, spread=0.05), step=Size(median=12), hits=0.97, one_hour=0.6
            ),
        ),
    ),
    callers=(role(world.PLATFORM, "invoice-worker", "{instance}"),),
    tagged=1.0,
    errors=0.016,
)

OPS_AGENT = App(
    name="ops-agent",
    team="platform",
    environment="production",
    source=world.PLATFORM_EAST,
    zone="America/New_York",
    rhythm=Rhythm.ALWAYS,
    calls_a_day=440,
    weekend=0.9,
    kinds=(
        CallKind(
            target=Target(model=models.SONNET_46, geography="global"),
            operation=Operation.CONVERSE_STREAM,
            share=1.0,
            prompt=Size(median=650, spread=0.9),
            answer=Size(median=210, spread=0.8),
            max_tokens=4_096,
            cache=PromptCache(
                prefix=Size(median=9_800, spread=0.3), step=Size(median=520), hits=0.9, one_hour=0.2
            ),
            offloaded=0.003,
            tools=0.5,
        ),
    ),
    callers=(agent(world.PLATFORM, "ops"),),
    tagged=0.2,
    runaway=True,
)

RELEASE_NOTES = App(
    name="release-notes",
    team="platform",
    environment="staging",
    source=world.PLATFORM_EAST,
    zone="UTC",
    rhythm=Rhythm.ALWAYS,
    calls_a_day=100,
    weekend=0.4,
    kinds=(
        CallKind(
            target=Target(model=models.HAIKU_35),
            operation=Operation.INVOKE_STREAM,
            share=0.7,
            prompt=Size(median=570),
            answer=Size(median=280, spread=0.4),
            max_tokens=2_000,
        ),
        CallKind(
            target=Target(model=models.HAIKU_35),
            operation=Operation.INVOKE,
            share=0.3,
            prompt=Size(median=320),
            answer=Size(median=160, spread=0.4),
            max_tokens=2_000,
        ),
    ),
    callers=(user(world.PLATFORM, "release-bot@example.com"),),
    tagged=0.0,
    legacy_log=True,
)

MODEL_EVALUATION = App(
    name="model-evaluation",
    team="research",
    environment="development",
    source=world.PLATFORM_WEST,
    zone="America/Los_Angeles",
    rhythm=Rhythm.NIGHT,
    calls_a_day=220,
    weekend=0.5,
    kinds=(
        CallKind(
            target=Target(model=models.LLAMA_33, geography="us"),
            operation=Operation.INVOKE,
            share=0.6,
            prompt=Size(median=820),
            answer=Size(median=260, spread=0.4),
            max_tokens=512,
        ),
        CallKind(
            target=Target(model=models.LLAMA_33, geography="us"),
            operation=Operation.INVOKE_STREAM,
            share=0.4,
            prompt=Size(median=820),
            answer=Size(median=260, spread=0.4),
            max_tokens=512,
        ),
    ),
    callers=(role(world.PLATFORM, "evaluation-job", "{run}"),),
    tagged=0.7,
    errors=0.02,
    runaway=True,
)
