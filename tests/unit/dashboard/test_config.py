"""The configuration file: what it may say, and what is said of a wrong one."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from werkzeug.security import check_password_hash

from bedrock_analytics.domain.errors import ConfigurationError
from dashboard.config import (
    DashboardConfig,
    Login,
    LoginMode,
    Proxy,
    Role,
    Serving,
    User,
    load_config,
    parse_config,
)
from dashboard.settings import DashboardSettings

EXAMPLE = Path(__file__).parents[3] / "config.example.yaml"


def test_the_example_is_valid_and_says_what_its_comments_say() -> None:
    config = load_config(EXAMPLE)
    assert config.zone == ZoneInfo("Europe/Berlin")
    assert config.accounts == {"111122223333": "Production", "444455556666": "Data science lab"}
    assert config.regions["eu-central-1"] == "Frankfurt"
    assert config.login.mode is LoginMode.NONE
    assert [(user.name, user.role) for user in config.login.users] == [
        ("alice", Role.EDITOR),
        ("bob", Role.VIEWER),
    ]
    assert all(check_password_hash(user.password_hash, "example-password") for user in config.login.users)


def test_the_example_shows_every_key() -> None:
    shown = set(re.findall(r"^[ #-]*([a-z_]+):", EXAMPLE.read_text(), re.MULTILINE))
    for section in (DashboardConfig, Login, Proxy, Serving, User):
        assert section.model_fields.keys() - shown == set()


@pytest.mark.parametrize("number", [0, 1])
def test_the_proxies_of_the_example_are_valid(number: int) -> None:
    blocks = re.findall(r"^  # proxy:\n(?:  #   .*\n)+", EXAMPLE.read_text(), re.MULTILINE)
    text = "login:\n  mode: proxy\n" + blocks[number].replace("  # ", "  ")
    assert parse_config(text).login.proxy is not None


def test_a_file_may_be_empty() -> None:
    assert parse_config("") == DashboardConfig()
    assert parse_config("# nothing yet\n") == DashboardConfig()
    assert parse_config("accounts:\nlogin:\n") == DashboardConfig()
    assert DashboardConfig().login.mode is LoginMode.NONE


def test_ids_and_names_that_yaml_would_read_as_something_else_stay_text() -> None:
    config = parse_config("accounts:\n  012345670123: NO\n  111122223333: 007\nregions:\n  eu-north-1: on\n")
    assert config.accounts == {"012345670123": "NO", "111122223333": "007"}
    assert config.regions == {"eu-north-1": "on"}


def test_the_file_goes_before_the_deployments_settings_and_leaves_the_rest() -> None:
    settings = DashboardSettings(
        title="Ours", account_names={"111122223333": "from the stack", "444455556666": "Lab"}
    )
    applied = parse_config("zone: Asia/Kolkata\naccounts:\n  '111122223333': Production\n").applied_to(
        settings
    )
    assert applied.title == "Ours"
    assert applied.zone == ZoneInfo("Asia/Kolkata")
    assert applied.account_names == {"111122223333": "Production", "444455556666": "Lab"}
    assert DashboardConfig().applied_to(settings) == settings


def test_names_of_metadata_keys_and_the_way_to_the_dashboard_reach_the_settings() -> None:
    config = parse_config(
        "metadata_keys:\n  cost_center: Cost centre\nserving:\n  base_path: /usage/\n  trusted_proxies: 1\n"
    )
    applied = config.applied_to(DashboardSettings(metadata_names={"team": "Team"}))
    assert applied.metadata_names == {"team": "Team", "cost_center": "Cost centre"}
    assert (applied.base_path, applied.trusted_proxies) == ("/usage/", 1)


def test_a_budget_is_exact_and_what_the_file_leaves_out_stays() -> None:
    settings = DashboardSettings(monthly_budget_usd=Decimal(9))
    assert parse_config("monthly_budget_usd: 1500.50\n").applied_to(settings).monthly_budget_usd == Decimal(
        "1500.50"
    )
    assert parse_config("").applied_to(settings).monthly_budget_usd == Decimal(9)


HASH = "scrypt:32768:8:1$saltsalt$" + "0" * 128
ARN = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/a/1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: A\nzoen: UTC\n", "c.yaml, line 2: zoen: unknown key; config.example.yaml shows all"),
        ("zone: Berlin\n", "c.yaml, line 1: zone: 'Berlin' is no IANA time zone"),
        ("zone: ../etc/passwd\n", "c.yaml, line 1: zone: '../etc/passwd' is no IANA time zone"),
        ("zone: Europe\n", "c.yaml, line 1: zone: 'Europe' is no IANA time zone"),
        ("zone: [UTC]\n", "c.yaml, line 1: zone: "),
        ("monthly_budget_usd: 1,500\n", "line 1: monthly_budget_usd: '1,500' is no amount in USD"),
        ("monthly_budget_usd: 0\n", "line 1: monthly_budget_usd: '0' is no amount in USD"),
        ("monthly_budget_usd: [5]\n", "line 1: monthly_budget_usd: ['5'] is no amount in USD"),
        (
            "\naccounts:\n  '111122223333': A\n  12345: B\n",
            "c.yaml, line 4: accounts.12345: String should match",
        ),
        (
            "accounts:\n  '111122223333': ' '\n",
            "line 2: accounts.111122223333: String should have at least 1",
        ),
        ("accounts:\n  '111122223333': A\n  '111122223333': B\n", "line 3: 111122223333 is there twice"),
        ("regions:\n  Frankfurt: A\n", "line 2: regions.Frankfurt: String should match pattern"),
        ("login:\n  mode: password\n", "line 2: login.mode: Input should be 'none', 'users' or 'proxy'"),
        ("title: A\nlogin:\n  mode: users\n", "line 2: login: mode users needs at least one entry"),
        ("login:\n  mode: proxy\n", "line 1: login: mode proxy needs a section proxy"),
        (
            "login:\n  users:\n    - name: a\n      password: secret\n",
            "line 3: login.users.0.password_hash: Field",
        ),
        (
            "login:\n  users:\n    - name: a\n      password_hash: secret\n",
            "line 4: login.users.0.password_hash: this is no scrypt hash; `bedrock-analytics hash-password`",
        ),
        (
            "login:\n  users:\n    - {name: a, password_hash: '" + HASH.replace("32768", "1024") + "'}\n",
            "line 3: login.users.0.password_hash: this is no scrypt hash",
        ),
        ("login:\n  session_hours: 0\n", "line 2: login.session_hours: Input should be greater than"),
        ("login:\n  session_hours: half\n", "line 2: login.session_hours: 'half' is no whole number"),
        (
            "login:\n  secret_file: a\n  secret_parameter: b\n",
            "line 1: login: give secret_file or secret_parameter, not both",
        ),
        ("login:\n  proxy:\n    header: x-user\n", "line 2: login.proxy: name the load balancer's ARN"),
        (
            "login:\n  proxy:\n    issuer: a\n    audience: b\n    keys: http://c\n",
            "line 5: login.proxy.keys: String should match",
        ),
        (
            f"login:\n  proxy:\n    signer: {ARN}\n    issuer: b\n",
            "line 2: login.proxy: a load balancer has a signer",
        ),
        (
            "login:\n  proxy: {issuer: a, audience: b, keys: 'https://c', client: d}\n",
            "line 2: login.proxy: client goes with signer",
        ),
        ("serving:\n  base_path: usage\n", "line 2: serving.base_path: String should match"),
        ("serving:\n  base_path: //evil/\n", "line 2: serving.base_path: String should match"),
        ("serving:\n  trusted_proxies: -1\n", "line 2: serving.trusted_proxies: '-1' is no whole number"),
        (
            "login:\n  users:\n" + f"    - {{name: a, password_hash: '{HASH}'}}\n" * 2,
            "line 2: login.users: the user 'a' is there twice",
        ),
        ("login:\n  proxy:\n    signer: me\n", "line 3: login.proxy.signer: String should match"),
        ("- a\n- b\n", "c.yaml, line 1: the document: Input should be a valid dictionary"),
        ("? [a, b]\n: c\n", "c.yaml, line 1: a key must be a plain text"),
        ("title: 'open\n", "c.yaml, line 2: no valid YAML"),
        ("title: a\n  zone: b\n", "c.yaml, line 2: no valid YAML"),
        ("title: !!python/object:os.system x\n", None),
    ],
)
def test_a_wrong_file_is_refused_with_line_and_key(text: str, message: str | None) -> None:
    if message is None:  # a tag makes no object: the value stays the text it is
        assert parse_config(text).title == "x"
        return
    with pytest.raises(ConfigurationError) as raised:
        parse_config(text, "c.yaml")
    assert message in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_password_never_stands_in_an_error() -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse_config("login:\n  users:\n    - name: a\n      password_hash: hunter2\n")
    assert "hunter2" not in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"missing\.yaml cannot be read: No such file"):
        load_config(tmp_path / "missing.yaml")
    (tmp_path / "latin.yaml").write_bytes("title: Übersicht".encode("latin-1"))
    with pytest.raises(ConfigurationError, match=r"latin\.yaml is not UTF-8"):
        load_config(tmp_path / "latin.yaml")
