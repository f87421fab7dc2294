import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.caller import CallerDetail, CallerType, resolve_caller, with_detail

IAM, STS = "arn:aws:iam::111122223333", "arn:aws:sts::111122223333"
SSO = f"{STS}:assumed-role/AWSReservedSSO_DataScience_0123456789abcdef/jo@example.com"


@pytest.mark.parametrize(
    ("arn", "name", "kind"),
    [
        (f"{IAM}:user/dev@example.com", "user/dev@example.com", CallerType.USER),
        (f"{IAM}:user/team/ci", "user/ci", CallerType.USER),
        (f"{IAM}:user/BedrockAPIKey-ab12", "user/BedrockAPIKey-ab12", CallerType.API_KEY),
        (f"{IAM}:root", "root", CallerType.ROOT),
        (f"{STS}:federated-user/bob", "federated/bob", CallerType.FEDERATED),
        (SSO, "sso/DataScience/jo@example.com", CallerType.SSO),
        (f"{STS}:assumed-role/App/worker", "App/worker", CallerType.ROLE),
        (f"{STS}:assumed-role/App/jo@example.com", "App/jo@example.com", CallerType.ROLE),
        (f"{STS}:assumed-role/App/i-0123456789abcdef0", "App/*", CallerType.ROLE),
        (f"{STS}:assumed-role/App/1699999999999", "App/*", CallerType.ROLE),
        (f"{STS}:assumed-role/App/0f8fad5b-d9cb-469f-a165-70867728950e", "App/*", CallerType.ROLE),
        (f"{STS}:assumed-role/App/eks-pod-0F8FAD5B-D9CB-469F-A165-70867728950E", "App/*", CallerType.ROLE),
        (f"{STS}:assumed-role/App/botocore-session-1699999999", "App/*", CallerType.ROLE),
        (f"{STS}:assumed-role/App/0123456789abcdef0123456789abcdef", "App/*", CallerType.ROLE),
        (f"{STS}:assumed-role/App/batch-2024", "App/batch-2024", CallerType.ROLE),
        (
            f"{STS}:assumed-role/BedrockAgentCore-helper-execution-role/agent",
            "BedrockAgentCore-helper-execution-role/agent",
            CallerType.ROLE,
        ),
        (f"{STS}:assumed-role/checkout-api", "checkout-api", CallerType.ROLE),
        (f"{STS}:assumed-role/...", "...", CallerType.ROLE),
        (f"{IAM}:role/service/MyRole", "MyRole", CallerType.ROLE),
        ("arn:aws:sts::XXXXXXX:assumed-role/Admin/XXXXXX", "Admin/XXXXXX", CallerType.ROLE),
        ("arn:aws-us-gov:iam::1:user/x", "user/x", CallerType.USER),
        ("<arn>", "<arn>", CallerType.UNKNOWN),
        (f"{IAM}:group/x", f"{IAM}:group/x", CallerType.UNKNOWN),
    ],
)
def test_a_principal_has_a_readable_name_and_a_type(arn: str, name: str, kind: CallerType) -> None:
    caller = resolve_caller(arn)
    assert (caller.name, caller.type, caller.identity_arn) == (name, kind, arn)


@given(st.text())
def test_any_text_is_a_caller(arn: str) -> None:
    assert resolve_caller(arn).name == arn or arn.startswith("arn:")


@pytest.mark.parametrize(
    ("arn", "name", "reduced"),
    [
        (f"{IAM}:user/dev@example.com", "user/*", f"{IAM}:user/*"),
        (f"{IAM}:user/BedrockAPIKey-ab12", "user/BedrockAPIKey-ab12", f"{IAM}:user/BedrockAPIKey-ab12"),
        (SSO, "sso/DataScience/*", SSO.replace("jo@example.com", "*")),
        (f"{STS}:assumed-role/App/worker", "App/*", f"{STS}:assumed-role/App/*"),
        (f"{STS}:federated-user/bob", "federated/*", f"{STS}:federated-user/*"),
        (f"{IAM}:root", "root", f"{IAM}:root"),
        ("jo@example.com", "*", "*"),
    ],
)
def test_detail_role_leaves_persons_out_of_name_and_arn(arn: str, name: str, reduced: str) -> None:
    caller = with_detail(resolve_caller(arn), CallerDetail.ROLE)
    assert (caller.name, caller.identity_arn) == (name, reduced)


def test_a_pseudonym_tells_persons_apart_without_naming_them() -> None:
    first = with_detail(resolve_caller(SSO), CallerDetail.PSEUDONYM, b"secret")
    second = with_detail(resolve_caller(f"{SSO}x"), CallerDetail.PSEUDONYM, b"secret")
    again = with_detail(resolve_caller(SSO), CallerDetail.PSEUDONYM, b"secret")
    other_key = with_detail(resolve_caller(SSO), CallerDetail.PSEUDONYM, b"another")
    assert first == again
    assert len({first.name, second.name, other_key.name}) == 3
    assert first.name.startswith("sso/DataScience/~")
    assert "example" not in first.name + first.identity_arn


def test_full_detail_changes_nothing() -> None:
    caller = resolve_caller(SSO)
    assert with_detail(caller, CallerDetail.FULL) is caller
