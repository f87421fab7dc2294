"""The login of a dashboard: who config.yaml lets in, and the secret that signs their sessions."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bedrock_analytics.cli.deployment_options import AwsChoice, AwsNames, DeploymentChoice, EmbeddedChoice

if TYPE_CHECKING:
    from bedrock_analytics.cli.deployment import Deployment
    from dashboard.auth.access import Access
    from dashboard.auth.signing_keys import SigningKeys
    from dashboard.config import Login, Proxy


def session_secret(choice: DeploymentChoice, login: Login) -> str:
    """The secret that signs the sessions of a resolved deployment's dashboard.

    It is asked for once, before there is any worker: the environment's, else the one that config.yaml
    names, else one that is made once, in the data directory or in SSM.
    """
    from dashboard.auth import secret

    given = os.environ.get(secret.SECRET_VARIABLE)
    if given is not None:
        return secret.checked_secret(given, secret.SECRET_VARIABLE)
    if login.secret_file is not None:
        return secret.secret_of_file(login.secret_file)
    if isinstance(choice, EmbeddedChoice) and login.secret_parameter is None:
        from bedrock_analytics.embedded.data_directory import DataDirectory

        return secret.secret_made_once(DataDirectory.open(choice.data_dir).session_secret_file)
    return _parameter(choice, login.secret_parameter)


def access_of(deployment: Deployment, login: Login, secret: str, *, to_network: bool) -> Access:
    """How people are recognised; made in each worker. `secret` is used where they have passwords."""
    from dashboard.auth.access import OpenAccess, ProxyAccess
    from dashboard.auth.signed_header import SignedHeader
    from dashboard.config import LoginMode

    if login.mode is LoginMode.NONE:
        return OpenAccess(to_network=to_network)
    if login.mode is LoginMode.PROXY and login.proxy is not None:
        header = SignedHeader(login.proxy, _keys(login.proxy), _now)
        return ProxyAccess(header=header, sign_out=login.proxy.sign_out)
    return _password_access(deployment, login, secret)


def check_login(deployment: Deployment, login: Login, secret: str) -> None:
    """Say at the start that sign-in attempts cannot be counted. TableError where that is so."""
    from dashboard.auth.attempts import SignInAttempts
    from dashboard.config import LoginMode

    if login.mode is LoginMode.USERS:
        SignInAttempts(deployment.price_items(), secret, _now).check()


def _password_access(deployment: Deployment, login: Login, secret: str) -> Access:
    from dashboard.auth.access import PasswordAccess
    from dashboard.auth.attempts import SignInAttempts
    from dashboard.auth.passwords import PasswordBook

    attempts = SignInAttempts(deployment.price_items(), secret, _now)
    lifetime = timedelta(hours=login.session_hours)
    return PasswordAccess.make(PasswordBook(login.users, secret), attempts, secret, lifetime, _now)


def _keys(proxy: Proxy) -> SigningKeys:
    from dashboard.auth import signing_keys as keys

    if proxy.signer is not None:
        address = keys.load_balancer_keys_address(proxy.signer)
        return keys.LoadBalancerKeys(address, keys.fetch_https, _now)
    return keys.KeySet(str(proxy.keys), keys.fetch_https, _now)


def _parameter(choice: DeploymentChoice, name: str | None) -> str:
    from bedrock_analytics.cli.aws_deployment import AwsDeployment
    from dashboard.auth.secret import checked_secret, new_secret

    names = choice.names if isinstance(choice, AwsChoice) else AwsNames()
    found = AwsDeployment(names).session_secret(name, new_secret)
    return checked_secret(found, f"the SSM parameter {name or 'of this deployment'}")


def _now() -> datetime:
    return datetime.now(UTC)
