"""Who made a call: a readable caller and its type, from the IAM principal in the log."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache


class CallerType(StrEnum):
    """Kinds of principal."""

    USER = "user"
    ROLE = "role"
    SSO = "sso"
    FEDERATED = "federated"
    ROOT = "root"
    API_KEY = "api_key"
    UNKNOWN = "unknown"


class CallerDetail(StrEnum):
    """How much of a person's name reaches the lake."""

    FULL = "full"
    ROLE = "role"
    """Names of sessions and people are left out."""
    PSEUDONYM = "pseudonym"
    """Names of sessions and people are replaced by a keyed hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A principal as people read it, and as logged."""

    name: str
    type: CallerType
    identity_arn: str
    person: str = ""
    """The part of the name that may identify a person: the end of `name`, empty where there is none."""


_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:(?:iam|sts)::[^:]*:(?P<resource>.+)", re.DOTALL)
_SSO_ROLE = re.compile(r"AWSReservedSSO_(?P<permission_set>.+)_[0-9a-f]{16}")
_API_KEY_PREFIX = "BedrockAPIKey-"
_UNIQUE_SESSION = re.compile(
    r"\d+"  # a number
    r"|i-[0-9a-f]{8,17}"  # an EC2 instance
    r"|(?:.*[^0-9a-f])?[0-9a-f]{32}"  # an ECS task
    r"|.*[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"  # a UUID
    r"|[^@]*\D\d{9,}",  # a clock reading, as SDKs append by default
    re.IGNORECASE | re.DOTALL,
)


@lru_cache(maxsize=8192)
def resolve_caller(identity_arn: str) -> Caller:
    """The caller behind a principal ARN; truncated forms are tolerated, anything else is `unknown`.

    Sessions that are unique to one run are folded into `ROLE/*`, so that not every call is a caller.
    """
    principal = _PRINCIPAL.fullmatch(identity_arn)
    kind, _, rest = principal["resource"].partition("/") if principal else ("", "", "")
    match kind, rest:
        case ("root", ""):
            return Caller(name="root", type=CallerType.ROOT, identity_arn=identity_arn)
        case ("user", name) if name:
            return _user(identity_arn, name.rpartition("/")[2])
        case ("federated-user", name) if name:
            return _person(identity_arn, CallerType.FEDERATED, "federated", name)
        case ("assumed-role", name) if name:
            return _assumed_role(identity_arn, name)
        case ("role", name) if name:
            return Caller(name=name.rpartition("/")[2], type=CallerType.ROLE, identity_arn=identity_arn)
    return Caller(name=identity_arn, type=CallerType.UNKNOWN, identity_arn=identity_arn, person=identity_arn)


def _user(identity_arn: str, name: str) -> Caller:
    if name.startswith(_API_KEY_PREFIX):
        return Caller(name=f"user/{name}", type=CallerType.API_KEY, identity_arn=identity_arn)
    return _person(identity_arn, CallerType.USER, "user", name)


def _person(identity_arn: str, kind: CallerType, group: str, name: str) -> Caller:
    return Caller(name=f"{group}/{name}", type=kind, identity_arn=identity_arn, person=name)


def _assumed_role(identity_arn: str, resource: str) -> Caller:
    role, _, session = resource.partition("/")
    sso = _SSO_ROLE.fullmatch(role)
    kind = CallerType.SSO if sso else CallerType.ROLE
    group = f"sso/{sso['permission_set']}" if sso else role
    if not session:
        return Caller(name=group, type=kind, identity_arn=identity_arn)
    if kind is CallerType.ROLE and _UNIQUE_SESSION.fullmatch(session):
        return Caller(name=f"{group}/*", type=kind, identity_arn=identity_arn)
    return _person(identity_arn, kind, group, session)


def with_detail(caller: Caller, detail: CallerDetail, key: bytes = b"") -> Caller:
    """The caller with as much of a person's name as the setting allows, in name and ARN alike.

    `key` is the secret of the pseudonyms: one person has one pseudonym in all accounts that share it.
    """
    if detail is CallerDetail.FULL or not caller.person:
        return caller
    stand_in = "*" if detail is CallerDetail.ROLE else _pseudonym(caller.person, key)
    return replace(
        caller,
        name=caller.name.removesuffix(caller.person) + stand_in,
        identity_arn=caller.identity_arn.removesuffix(caller.person) + stand_in,
        person="",
    )


def _pseudonym(person: str, key: bytes) -> str:
    return "~" + hmac.new(key, person.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:12]
