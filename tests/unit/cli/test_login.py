"""Where the session secret comes from, and which kind of login a configuration makes."""

from __future__ import annotations

from pathlib import Path

import boto3
import pytest
from moto import mock_aws

from bedrock_analytics.cli.deployment_options import AwsChoice, AwsNames, EmbeddedChoice
from bedrock_analytics.cli.login import access_of, check_login, session_secret
from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.embedded.data_directory import DataDirectory
from bedrock_analytics.embedded.embedded_deployment import EmbeddedDeployment
from dashboard.auth.access import OpenAccess, PasswordAccess, ProxyAccess
from dashboard.auth.secret import SECRET_VARIABLE
from dashboard.config import Login, LoginMode, Proxy
from tests.unit.dashboard.auth.doors import ALICE, SECRET, SIGNER

GIVEN = "given-" * 8


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataDirectory:
    monkeypatch.delenv(SECRET_VARIABLE, raising=False)
    return DataDirectory.create(tmp_path / "data")


def test_a_data_directory_has_a_secret_of_its_own(directory: DataDirectory) -> None:
    choice = EmbeddedChoice(data_dir=directory.path)
    first = session_secret(choice, Login())
    assert session_secret(choice, Login()) == first
    assert directory.session_secret_file.read_text().strip() == first


def test_the_environment_goes_before_a_file_and_a_file_before_the_directory(
    directory: DataDirectory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = EmbeddedChoice(data_dir=directory.path)
    (tmp_path / "secret").write_text("of-a-file-" * 4)
    login = Login(secret_file=tmp_path / "secret")
    assert session_secret(choice, login) == "of-a-file-" * 4
    monkeypatch.setenv(SECRET_VARIABLE, GIVEN)
    assert session_secret(choice, login) == GIVEN
    assert not directory.session_secret_file.exists()
    monkeypatch.setenv(SECRET_VARIABLE, "")
    with pytest.raises(ConfigurationError, match=f"{SECRET_VARIABLE} has 0 characters"):
        session_secret(choice, login)


def test_a_deployment_on_aws_has_its_secret_in_ssm(
    directory: DataDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    choice = AwsChoice(stack=None, names=AwsNames(usage_table="hub-usage", region="eu-central-1"))
    with mock_aws():
        first = session_secret(choice, Login())
        assert session_secret(choice, Login()) == first
        ssm = boto3.client("ssm", region_name="eu-central-1")
        kept = ssm.get_parameter(Name="/bedrock-analytics/hub-usage/session-secret", WithDecryption=True)
        assert kept["Parameter"]["Value"] == first
        ssm.put_parameter(Name="/ours", Value=GIVEN, Type="SecureString")
        assert session_secret(choice, Login(secret_parameter="/ours")) == GIVEN
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        embedded = EmbeddedChoice(data_dir=directory.path)
        assert session_secret(embedded, Login(secret_parameter="/ours")) == GIVEN
        ssm.put_parameter(Name="/short", Value="hunter2", Type="SecureString")
        with pytest.raises(ConfigurationError, match="SSM parameter /short has 7 characters"):
            session_secret(choice, Login(secret_parameter="/short"))


def test_the_mode_decides_how_people_are_recognised(directory: DataDirectory) -> None:
    deployment = EmbeddedDeployment(directory, is_writer=True)
    proxy = Proxy(signer=SIGNER, sign_out="https://idp.example/logout")
    other = Proxy(issuer="https://idp.example", audience="a", keys="https://idp.example/jwks")
    users = Login(mode=LoginMode.USERS, users=(ALICE,))
    check_login(deployment, users, SECRET)
    check_login(deployment, Login(), SECRET)
    made = [
        access_of(deployment, login, SECRET, to_network=True)
        for login in (Login(), users, *(Login(mode=LoginMode.PROXY, proxy=each) for each in (proxy, other)))
    ]
    deployment.close()
    assert made[0] == OpenAccess(to_network=True)
    assert isinstance(made[1], PasswordAccess)
    assert isinstance(made[2], ProxyAccess)
    assert made[2].sign_out == "https://idp.example/logout"
    assert isinstance(made[3], ProxyAccess)
    assert [access.mode for access in made] == ["none", "users", "proxy", "proxy"]
