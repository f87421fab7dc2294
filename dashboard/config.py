"""`config.yaml`: presentation, people and the way to them. `config.example.yaml` shows every key.

What changes numbers (metadata keys, retention, prices) belongs to the deployment and never stands here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.settings import DashboardSettings

_SCRYPT = re.compile(r"scrypt:(\d{1,7}):(\d{1,2}):(\d{1,2})\$[A-Za-z0-9]{8,64}\$[0-9a-f]{128}")
_SCRYPT_N = frozenset(2**power for power in range(14, 18))


class LoginMode(StrEnum):
    """How people are recognised."""

    NONE = "none"
    """Not at all: whoever reaches the address sees everything. For this machine only."""
    USERS = "users"
    """By the users in this file."""
    PROXY = "proxy"
    """By a load balancer in front, which signs who it is."""


class Role(StrEnum):
    """What a person may do."""

    VIEWER = "viewer"
    EDITOR = "editor"
    """May change prices and query the lake, too."""


def _zone(value: object) -> object:
    try:
        return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no IANA time zone; write one like Europe/Berlin") from error


def _whole(value: object) -> object:
    """A number as YAML text has it."""
    if isinstance(value, str) and not value.isdecimal():
        raise ValueError(f"{value!r} is no whole number")
    return value


def _usd(value: object) -> object:
    """An amount as YAML text has it, exactly."""
    if isinstance(value, Decimal):
        return value
    text = str(value)
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", text) or not Decimal(text):
        raise ValueError(f"{value!r} is no amount in USD; write one like 1500 or 1500.50")
    return Decimal(text)


def _password_hash(value: object) -> object:
    """A hash of scrypt with costs that neither a guesser nor the server would find cheap or ruinous."""
    found = _SCRYPT.fullmatch(value) if isinstance(value, str) else None
    costs = [int(cost) for cost in found.groups()] if found else []
    if not costs or costs[0] not in _SCRYPT_N or not 1 <= costs[1] <= 16 or not 1 <= costs[2] <= 16:
        raise ValueError("this is no scrypt hash; `bedrock-analytics hash-password` makes one")
    return value


Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Budget = Annotated[Decimal, BeforeValidator(_usd)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
RegionId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]+$")]
PasswordHash = Annotated[str, BeforeValidator(_password_hash)]
HttpsAddress = Annotated[str, StringConstraints(pattern=r"^https://[^\s/?#@]+(/\S*)?$", max_length=1000)]
BasePath = Annotated[str, StringConstraints(pattern=r"^/([A-Za-z0-9._~-]+/)*$", max_length=200)]
ParameterName = Annotated[
    str, StringConstraints(pattern=r"^/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", max_length=1000)
]
HeaderName = Annotated[str, StringConstraints(to_lower=True, pattern=r"^[A-Za-z0-9-]{1,80}$")]
LoadBalancerArn = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/\S+$"),
]


SessionHours = Annotated[int, BeforeValidator(_whole), Field(ge=1, le=24 * 30)]
ProxyCount = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=9)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class User(_Section):
    """A person who signs in with a password."""

    name: Name
    role: Role = Role.VIEWER
    password_hash: PasswordHash
    """As `bedrock-analytics hash-password` prints it; the password itself stands nowhere."""


class Proxy(_Section):
    """What signs people in, in front of the dashboard.

    Either an AWS load balancer, named by its ARN as `signer`; or another OIDC proxy, which sends a JSON Web
    Token of this `issuer` and `audience`, signed by one of the `keys` that it publishes.
    """

    signer: LoadBalancerArn | None = None
    """Only what this load balancer signed is believed."""
    client: Name | None = None
    """With `signer`: the client id at the identity provider that the header must be for."""
    issuer: Annotated[str, StringConstraints(min_length=1, max_length=1000)] | None = None
    audience: Name | None = None
    keys: HttpsAddress | None = None
    """Address of the proxy's JSON Web Key Set."""
    header: HeaderName = "x-amzn-oidc-data"
    claim: Name = "email"
    """The claim that names a person."""
    editors: tuple[Name, ...] = ()
    """Values of that claim that may change prices; everybody else who is signed in may look."""
    sign_out: HttpsAddress | None = None
    """Where people end their session at the identity provider."""

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        others = (self.issuer, self.audience, self.keys)
        if self.signer is not None and any(others):
            raise ValueError("a load balancer has a signer; issuer, audience and keys are of other proxies")
        if self.signer is None and not all(others):
            raise ValueError(
                "name the load balancer's ARN as signer, or issuer, audience and keys of another proxy"
            )
        if self.signer is None and self.client is not None:
            raise ValueError("client goes with signer; other proxies have an audience")
        return self


class Login(_Section):
    """Who may come in."""

    mode: LoginMode = LoginMode.NONE
    users: tuple[User, ...] = ()
    proxy: Proxy | None = None
    session_hours: SessionHours = 12
    """A session ends so long after its sign-in."""
    secret_file: Path | None = None
    """A file with the secret that signs sessions."""
    secret_parameter: ParameterName | None = None
    """An SSM parameter with it, created once where it is missing."""

    @field_validator("users")
    @classmethod
    def _distinct(cls, users: tuple[User, ...]) -> tuple[User, ...]:
        names = [user.name for user in users]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"the user {twice[0]!r} is there twice")
        return users

    @model_validator(mode="after")
    def _mode_has_its_section(self) -> Self:
        if self.mode is LoginMode.USERS and not self.users:
            raise ValueError("mode users needs at least one entry under users")
        if self.mode is LoginMode.PROXY and self.proxy is None:
            raise ValueError("mode proxy needs a section proxy that says what signs people in")
        if self.secret_file is not None and self.secret_parameter is not None:
            raise ValueError("give secret_file or secret_parameter, not both")
        return self


class Serving(_Section):
    """The way from people to the dashboard."""

    base_path: BasePath = "/"
    """The path that a proxy in front serves the dashboard under, and passes on as it is."""
    trusted_proxies: ProxyCount = 0
    """How many proxies stand in front whose X-Forwarded-For and X-Forwarded-Proto are believed."""


class DashboardConfig(_Section):
    """What `config.yaml` may say. Everything is optional."""

    title: Name | None = None
    zone: Zone | None = None
    accounts: Mapping[AccountId, Name] = {}
    """Friendly names by account id."""
    regions: Mapping[RegionId, Name] = {}
    """Friendly names by Region id."""
    metadata_keys: Mapping[Name, Name] = {}
    """Friendly names by request metadata key."""
    monthly_budget_usd: Budget | None = None
    """What all usage of a month may cost, after discounts."""
    login: Login = Login()
    serving: Serving = Serving()

    FILE_NAME: ClassVar[str] = "config.yaml"

    def applied_to(self, settings: DashboardSettings) -> DashboardSettings:
        """The deployment's settings with what this file says in place of theirs."""
        return replace(
            settings,
            title=self.title or settings.title,
            zone=self.zone or settings.zone,
            account_names={**settings.account_names, **self.accounts},
            region_names={**settings.region_names, **self.regions},
            metadata_names={**settings.metadata_names, **self.metadata_keys},
            base_path=self.serving.base_path,
            trusted_proxies=self.serving.trusted_proxies,
            monthly_budget_usd=self.monthly_budget_usd or settings.monthly_budget_usd,
        )


def load_config(path: Path) -> DashboardConfig:
    """Read a configuration file; ConfigurationError names the file, the line and the key."""
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text") from error
    return parse_config(text, str(path))


def parse_config(text: str, name: str = DashboardConfig.FILE_NAME) -> DashboardConfig:
    """Parse configuration text; `name` is what errors call it."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise ConfigurationError(f"{name}{line}: no valid YAML: {error.problem}") from error
    if root is None:
        return DashboardConfig()
    try:
        return DashboardConfig.model_validate(_plain(root, name))
    except ValidationError as error:
        raise ConfigurationError(_explained(error, root, name)) from error


def _plain(node: yaml.Node, name: str) -> Any:
    """The document as mappings, lists and texts.

    Scalars stay texts: YAML would read the account 012345678901 as a number, and a name like NO as false.
    """
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise ConfigurationError(f"{name}, line {line}: a key must be a plain text")
            if key.value in found:
                raise ConfigurationError(f"{name}, line {line}: {key.value} is there twice")
            found[key.value] = _plain(value, name)
        return {key: value for key, value in found.items() if value is not None}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(element, name) for element in node.value]
    return None if node.tag == "tag:yaml.org,2002:null" else node.value


def _explained(error: ValidationError, root: yaml.Node, name: str) -> str:
    """The first fault of a document, with its line and key."""
    first = error.errors(include_url=False)[0]
    path = [part for part in first["loc"] if part != "[key]"]
    where = ".".join(str(part) for part in path)
    told = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        told = "unknown key; config.example.yaml shows all"
    return f"{name}, line {_line(root, path)}: {where or 'the document'}: {told}"


def _line(node: yaml.Node, path: Sequence[object]) -> int:
    """Line of the deepest node that lies on the path: of a mapping's entry the line of its key."""
    line: int = node.start_mark.line + 1
    for part in path:
        if isinstance(node, yaml.MappingNode):
            entries = [(key, value) for key, value in node.value if key.value == part]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            entries = [(element, element) for element in node.value[part : part + 1]]
        else:
            entries = []
        if not entries:
            break
        (marked, node) = entries[0]
        line = marked.start_mark.line + 1
    return line
