from __future__ import annotations

import pulumi
import pytest

from components.iam_documents import allow, document
from components.naming import FunctionName, HubNames
from components.python_function import AsynchronousRuns, PythonFunction, PythonFunctionArgs
from tests.pulumi.documents import allowed_actions, resources_of, statements, trust
from tests.pulumi.engine import ACCOUNT, REGION, Deployed, deploy

NAMES = HubNames(account=ACCOUNT, region=REGION)
DEAD_LETTERS = NAMES.queue_arn(NAMES.failed_runs)
FUNCTION = "aws:lambda/function:Function"
RUNS = "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"


def declared(*, tracing: bool = False, asynchronous: bool = True, preview: bool = False) -> Deployed:
    def program() -> None:
        PythonFunction(
            "sync",
            PythonFunctionArgs(
                names=NAMES,
                function=FunctionName.SYNC_PRICING,
                description="Brings prices up to date",
                code=pulumi.AssetArchive({"code.py": pulumi.StringAsset("")}),
                policy=document(allow("ReadPrices", ["dynamodb:GetItem"], ["arn:table"])),
                environment={"PRICE_TABLE": "prices"},
                timeout_seconds=120,
                memory_mb=512,
                log_days=14,
                tracing=tracing,
                asynchronous=AsynchronousRuns(dead_letters_arn=DEAD_LETTERS) if asynchronous else None,
            ),
        )

    return deploy(program, preview=preview)


def test_a_function_runs_on_arm_with_json_logs_and_its_environment() -> None:
    inputs = declared().only(FUNCTION).inputs
    assert (inputs["name"], inputs["handler"]) == (
        "bedrock-analytics-hub-us-east-1-sync-pricing",
        "lambdas.sync_pricing.handler",
    )
    assert (inputs["runtime"], inputs["architectures"]) == ("python3.13", ["arm64"])
    assert (inputs["timeout"], inputs["memorySize"]) == (120, 512)
    assert inputs["loggingConfig"]["logFormat"] == "JSON"
    assert inputs["environment"]["variables"] == {
        "PRICE_TABLE": "prices",
        "POWERTOOLS_SERVICE_NAME": "sync_pricing",
        "POWERTOOLS_METRICS_NAMESPACE": "BedrockAnalytics",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def test_logs_end_and_only_the_functions_own_group_is_written() -> None:
    found = declared()
    group = found.only("aws:cloudwatch/logGroup:LogGroup").inputs
    policy = found.only("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    assert (group["name"], group["retentionInDays"]) == (f"/aws/lambda/{NAMES.name('sync-pricing')}", 14)
    assert found.only(FUNCTION).inputs["loggingConfig"]["logGroup"] == group["name"]
    assert resources_of(policy, "logs:PutLogEvents") == {
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{group['name']}:*"
    }
    assert "logs:CreateLogGroup" not in allowed_actions(policy)


def test_the_role_is_lambdas_alone_and_has_its_policy_before_the_function_is_made() -> None:
    found = declared()
    role = found.only("aws:iam/role:Role")
    assert trust(role.inputs["assumeRolePolicy"])["Principal"] == {"Service": "lambda.amazonaws.com"}
    assert found.only("aws:iam/rolePolicy:RolePolicy").urn in found.only(FUNCTION).depends_on
    assert found.only(FUNCTION).inputs["role"] == role.outputs["arn"]


def test_a_failed_run_is_kept_and_not_repeated() -> None:
    inputs = declared().only(RUNS).inputs
    assert inputs["destinationConfig"] == {"onFailure": {"destination": DEAD_LETTERS}}
    assert (inputs["maximumRetryAttempts"], inputs["maximumEventAgeInSeconds"]) == (0, 300)


def test_a_function_whose_runs_are_waited_for_has_no_destination() -> None:
    assert declared(asynchronous=False).of(RUNS) == []


@pytest.mark.parametrize(("tracing", "mode"), [(True, "Active"), (False, "PassThrough")])
def test_tracing_is_an_option_and_grants_no_more_than_it_needs(*, tracing: bool, mode: str) -> None:
    found = declared(tracing=tracing)
    policy = found.only("aws:iam/rolePolicy:RolePolicy").inputs["policy"]
    assert found.only(FUNCTION).inputs["tracingConfig"] == {"mode": mode}
    assert ("Trace" in statements(policy)) is tracing


def test_everything_belongs_to_the_component() -> None:
    found = declared()
    component = found.only("bedrock-analytics:index:PythonFunction")
    assert {resource.parent for resource in found.aws} == {component.urn}


def test_every_physical_name_is_known_at_preview() -> None:
    found = declared(preview=True)
    names = [resource.inputs["name"] for resource in found.aws if "name" in resource.inputs]
    assert len(names) == 4
    assert all("bedrock-analytics" in name or name == "function" for name in names)
