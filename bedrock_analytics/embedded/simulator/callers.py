"""The principals of the simulated organisation, one helper for each form of identity ARN."""

from __future__ import annotations

from random import Random

from bedrock_analytics.embedded.simulator.streams import request_id
from bedrock_analytics.embedded.simulator.world import Caller

_INSTANCES = ("i-0a1b2c3d4e5f60001", "i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60003")


def user(account_id: str, name: str, share: float = 1.0) -> Caller:
    """An IAM user."""
    return Caller(arn=f"arn:aws:iam::{account_id}:user/{name}", share=share)


def role(account_id: str, name: str, session: str, share: float = 1.0) -> Caller:
    """An assumed role; the session is a person, a function, `{instance}` or `{run}`."""
    return Caller(arn=f"arn:aws:sts::{account_id}:assumed-role/{name}/{session}", share=share)


def function(account_id: str, name: str, share: float = 1.0) -> Caller:
    """A Lambda function: its session is named for the function."""
    return role(account_id, f"{name}-role", name, share)


def sso(account_id: str, permission_set: str, person: str, share: float = 1.0) -> Caller:
    """A person who signed in through IAM Identity Center."""
    return Caller(
        arn=f"arn:aws:sts::{account_id}:assumed-role"
        f"/AWSReservedSSO_{permission_set}_0123456789abcdef/{person}",
        share=share,
    )


def agent(account_id: str, name: str, share: float = 1.0) -> Caller:
    """An agent that runs in AgentCore."""
    return role(account_id, f"BedrockAgentCore-{name}-execution-role", "BedrockAgentCore-{run}", share)


def api_key(account_id: str, suffix: str, share: float = 1.0) -> Caller:
    """A long-term Bedrock API key, which is an IAM user made for it."""
    return user(account_id, f"BedrockAPIKey-{suffix}", share)


def federated(account_id: str, name: str, share: float = 1.0) -> Caller:
    return Caller(arn=f"arn:aws:sts::{account_id}:federated-user/{name}", share=share)


def root(account_id: str, share: float = 1.0) -> Caller:
    return Caller(arn=f"arn:aws:iam::{account_id}:root", share=share)


def identity_arn(caller: Caller, rng: Random) -> str:
    """The ARN of one call, with the parts that differ from call to call drawn."""
    arn = caller.arn
    if "{" not in arn:
        return arn
    if "{run}" in arn:
        return arn.replace("{run}", request_id(rng))
    return arn.replace("{instance}", rng.choice(_INSTANCES))
