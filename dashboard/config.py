"""`config.yaml`: presentation and people. `config.example.yaml` shows every key.

What changes numbers (metadata keys, retention, prices) belongs to the deployment and never stands here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.settings import DashboardSettings


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
    """May change prices, too."""


def _zone(value: object) -> object:
    try:
        return value if isinstance(value, ZoneInfo) else ZoneInfo(str(value))
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{value!r} is no IANA time zone; write one like Europe/Berlin") from error


Zone = Annotated[ZoneInfo, BeforeValidator(_zone)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]
RegionId = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]+$")]
PasswordHash = Annotated[str, StringConstraints(pattern=r"^(scrypt|pbkdf2):\S+\$\S+\$[0-9a-f]{32,}$")]
LoadBalancerArn = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/\S+$"),
]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class User(_Section):
    """A person who signs in with a password."""

    name: Name
    role: Role = Role.VIEWER
    password_hash: PasswordHash
    """As werkzeug.security.generate_password_hash writes it; the password itself stands nowhere."""


class Proxy(_Section):
    """The load balancer that signs people in."""

    signer: LoadBalancerArn
    """Only what this load balancer signed is believed."""
    header: Name = "x-amzn-oidc-data"
    editors: tuple[Name, ...] = ()
    """E-mail addresses that may change prices; everybody else who is signed in may look."""


class Login(_Section):
    """Who may come in."""

    mode: LoginMode = LoginMode.NONE
    users: tuple[User, ...] = ()
    proxy: Proxy | None = None

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
            raise ValueError("mode proxy needs a section proxy with the load balancer's ARN as signer")
        return self


class DashboardConfig(_Section):
    """What `config.yaml` may say. Everything is optional."""

    title: Name | None = None
    zone: Zone | None = None
    accounts: Mapping[AccountId, Name] = {}
    """Friendly names by account id."""
    regions: Mapping[RegionId, Name] = {}
    """Friendly names by Region id."""
    login: Login = Login()

    FILE_NAME: ClassVar[str] = "config.yaml"

    def applied_to(self, settings: DashboardSettings) -> DashboardSettings:
        """The deployment's settings with what this file says in place of theirs.

        ConfigurationError where the file asks for a login: a page that nobody guards must not open.
        """
        if self.login.mode is not LoginMode.NONE:
            raise ConfigurationError(
                f"login.mode {self.login.mode.value} is not served by this release; set it to none and keep "
                "the address on this machine, or behind something that signs people in"
            )
        return replace(
            settings,
            title=self.title or settings.title,
            zone=self.zone or settings.zone,
            account_names={**settings.account_names, **self.accounts},
            region_names={**settings.region_names, **self.regions},
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
