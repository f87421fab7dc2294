"""The apps of the data account and of the sandbox."""

from __future__ import annotations

from bedrock_analytics.embedded.simulator import models, world
from bedrock_analytics.embedded.simulator.callers import (
    api_key,
    federated,
    role,
    root,
    user,
)
from bedrock_analytics.embedded.simulator.models import Target
from bedrock_analytics.embedded.simulator.world import (
    App,
    CallKind,
    Operation,
    PromptCache,
    Rhythm,
    Size,
)

TRANSLATION = App(
    name="translation",
    team="localisation",
    environment="production",
    source=world.DATA_EU,
    zone="Europe/Paris",
    rhythm=Rhythm.DAYTIME,
    calls_a_day=400,
    weekend=0.35,
    kinds=(
        CallKind(
            target=Target(model=models.NOVA_LITE, geography="eu"),
            operation=Operation.CONVERSE,
            share=0.7,
            prompt=Size(median=740),
            answer=Size(median=690),
            max_tokens=3_000,
        ),
        CallKind(
            target=Target(model=models.SONNET_45, geography="eu", application_profile="tr4nsl8te001"),
            operation=Operation.INVOKE,
            share=0.3,
            prompt=Size(median=780),
            answer=Size(median=720),
            max_tokens=3_000,
            guarded=0.008,
        ),
    ),
    callers=(
        api_key(world.DATA, "trx1", 0.7),
        role(world.DATA, "translator", "linguist-one@example.com", 0.3),
    ),
    tagged=0.8,
)

EXPERIMENTS = App(
    name="experiments",
    team="research",
    environment="development",
    source=world.SANDBOX_JP,
    zone="Asia/Tokyo",
    rhythm=Rhythm.OFFICE,
    calls_a_day=410,
    weekend=0.3,
    kinds=(
        CallKind(
            target=Target(model=models.HAIKU_45, geography="jp"),
            operation=Operation.CONVERSE_STREAM,
            share=0.46,
            prompt=Size(median=350, spread=0.9),
            answer=Size(median=260, spread=0.8),
            cache=PromptCache(prefix=Size(median=5_200), step=Size(median=140), hits=0.7),
        ),
        CallKind(
            target=Target(model=models.NOVA_MICRO, geography="apac"),
            operation=Operation.CONVERSE,
            share=0.32,
            prompt=Size(median=180),
            answer=Size(median=90),
        ),
        CallKind(
            target=Target(model=models.UNPRICED),
            operation=Operation.CONVERSE,
            share=0.14,
            prompt=Size(median=400),
            answer=Size(median=350),
        ),
        CallKind(
            target=Target(model=models.HAIKU_45, geography="global"),
            operation=Operation.INVOKE,
            share=0.08,
            prompt=Size(median=240),
            answer=Size(median=200),
        ),
    ),
    callers=(
        user(world.SANDBOX, "student-one", 1.0),
        user(world.SANDBOX, "student-two", 0.7),
        federated(world.SANDBOX, "visitor", 0.3),
        role(world.SANDBOX, "Notebook", "{instance}", 0.6),
        root(world.SANDBOX, 0.02),
    ),
    tagged=0.1,
    errors=0.025,
    runaway=True,
)
