"""The Pulumi program: settings -> provider -> hub or spoke -> outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pulumi
from pulumi.runtime import get_config_env, is_config_secret

from bedrock_analytics.domain.errors import ConfigurationError
from components.account_check import Account, AwsAccount, check_account
from components.hub_pipeline import HubPipeline, HubPipelineArgs
from components.lambda_bundle import BundleError, lambda_archives
from components.naming import FunctionName
from components.setting_list import PSEUDONYM_KEY
from components.settings import PROJECT, HubSettings, SpokeSettings, Target, parse, project_config
from components.spoke_forwarder import SpokeForwarder, SpokeForwarderArgs
from components.stack_outputs import Outputs
from components.stack_provider import stack_provider

ROOT: Final = Path(__file__).resolve().parent
Code = Mapping[FunctionName, pulumi.Archive]


def main(
    account_of: Callable[[Target], Account] = AwsAccount,
    code_of: Callable[[Path], Code] = lambda_archives,
) -> None:
    """Declare the stack that its configuration describes; RunError, which Pulumi shows as text."""
    try:
        settings = stack_settings()
        check_account(settings, account_of(settings.target))
        code = code_of(ROOT)
    except (ConfigurationError, BundleError) as error:
        raise pulumi.RunError(str(error)) from error
    for name, value in declare(settings, code).items():
        pulumi.export(name, value)


def stack_settings() -> HubSettings | SpokeSettings:
    """The stack's settings; ConfigurationError where they are wrong, or a secret stands in plain text."""
    settings = parse(project_config(get_config_env()))
    if settings.parser.pseudonym_key and not is_config_secret(f"{PROJECT}:{PSEUDONYM_KEY.key}"):
        raise ConfigurationError(
            f"{PSEUDONYM_KEY.key} stands in the stack file as plain text:"
            f" set another with `pulumi config set --secret {PSEUDONYM_KEY.key}`"
        )
    return settings


def declare(settings: HubSettings | SpokeSettings, code: Code) -> Outputs:
    """Declare a hub or a spoke; its outputs."""
    options = pulumi.ResourceOptions(provider=stack_provider(settings))
    if isinstance(settings, HubSettings):
        return HubPipeline("hub", HubPipelineArgs(settings=settings, code=code), options).outputs
    args = SpokeForwarderArgs(settings=settings, code=code[FunctionName.PARSE_LOG])
    return SpokeForwarder("spoke", args, options).outputs


if __name__ == "__main__":
    main()
