import pytest
from hypothesis import given
from hypothesis import strategies as st

from bedrock_analytics.domain.model_id import (
    VENDORS,
    ModelKind,
    ResolvedProfile,
    display_name,
    profile_target,
    resolve_model,
)

ARN = "arn:aws:bedrock:us-west-2:111122223333"


@pytest.mark.parametrize(
    ("logged", "model", "route"),
    [
        ("anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-3-haiku-20240307-v1:0", "regional"),
        ("amazon.nova-lite-v1:0", "amazon.nova-lite-v1:0", "regional"),
        ("anthropic.claude-v2:1", "anthropic.claude-v2:1", "regional"),
        ("deepseek.v3.2", "deepseek.v3.2", "regional"),
        ("us.deepseek.v3.2", "deepseek.v3.2", "us"),
        ("us.anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", "us"),
        ("eu.anthropic.claude-opus-4-7", "anthropic.claude-opus-4-7", "eu"),
        ("apac.amazon.nova-micro-v1:0", "amazon.nova-micro-v1:0", "apac"),
        ("jp.anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", "jp"),
        ("au.anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", "au"),
        ("ca.anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", "ca"),
        ("us-gov.anthropic.claude-opus-5", "anthropic.claude-opus-5", "us-gov"),
        ("global.anthropic.claude-opus-4-6-v1", "anthropic.claude-opus-4-6-v1", "global"),
        ("mars-north.anthropic.claude-opus-5", "anthropic.claude-opus-5", "mars-north"),
        ("us.newvendor.model-v1:0", "newvendor.model-v1:0", "us"),
        ("newvendor.glm-4.7", "newvendor.glm-4.7", "regional"),
        ("amazon.nova-lite-v1:0:300k", "amazon.nova-lite-v1:0", "regional"),
        ("us.amazon.nova-premier-v1:0:1000k", "amazon.nova-premier-v1:0", "us"),
        ("amazon.nova-premier-v1:0:mm", "amazon.nova-premier-v1:0", "regional"),
        ("anthropic.claude-v2:1:18k", "anthropic.claude-v2:1", "regional"),
        ("anthropic.claude-instant-v1:28k", "anthropic.claude-instant-v1", "regional"),
        ("cohere.embed-english-v3:0:512", "cohere.embed-english-v3:0", "regional"),
        (f"{ARN}:inference-profile/us.anthropic.claude-sonnet-4-6", "anthropic.claude-sonnet-4-6", "us"),
        (f"{ARN}:inference-profile/global.anthropic.claude-opus-5", "anthropic.claude-opus-5", "global"),
        ("arn:aws:bedrock:us-west-2::foundation-model/ai21.j2-mid-v1", "ai21.j2-mid-v1", "regional"),
        ("arn:aws-us-gov:bedrock:us-gov-west-1::foundation-model/meta.m1", "meta.m1", "regional"),
    ],
)
def test_every_form_of_a_foundation_model_leads_to_one_canonical_id(
    logged: str, model: str, route: str
) -> None:
    identity = resolve_model(logged)
    assert (identity.model_id, identity.route) == (model, route)
    assert identity.kind is ModelKind.FOUNDATION
    assert identity.inference_profile_arn is None


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        (f"{ARN}:application-inference-profile/a1b2c3", ModelKind.APPLICATION_PROFILE),
        (f"{ARN}:provisioned-model/p1", ModelKind.PROVISIONED),
        (f"{ARN}:custom-model/amazon.nova-lite-v1:0:300k/x", ModelKind.CUSTOM),
        (f"{ARN}:custom-model-deployment/x", ModelKind.CUSTOM),
        (f"{ARN}:imported-model/x", ModelKind.IMPORTED),
        (f"{ARN}:prompt/ABC:1", ModelKind.PROMPT),
        (f"{ARN}:prompt-router/x", ModelKind.ROUTER),
        (f"{ARN}:default-prompt-router/anthropic.claude:1", ModelKind.ROUTER),
        (f"{ARN}:marketplace/model-endpoint/x", ModelKind.MARKETPLACE),
        ("arn:aws:sagemaker:us-east-1:111122223333:endpoint/e", ModelKind.MARKETPLACE),
        (f"{ARN}:something-new/x", ModelKind.UNKNOWN),
        ("<modelId>", ModelKind.UNKNOWN),
        ("", ModelKind.UNKNOWN),
    ],
)
def test_what_is_no_foundation_model_keeps_its_whole_id_and_has_no_route(arn: str, kind: ModelKind) -> None:
    identity = resolve_model(arn)
    assert (identity.model_id, identity.route, identity.kind) == (arn, None, kind)
    assert (identity.inference_profile_arn == arn) is (kind is ModelKind.APPLICATION_PROFILE)


@given(st.text())
def test_any_text_resolves_to_something(logged: str) -> None:
    assert resolve_model(logged).model_id or not logged


@given(st.from_regex(r"[a-z]{2,6}(-[a-z]{2,6})?", fullmatch=True), st.sampled_from(sorted(VENDORS)))
def test_a_prefix_before_a_known_vendor_is_a_geography(prefix: str, vendor: str) -> None:
    identity = resolve_model(f"{prefix}.{vendor}.model-1")
    if prefix not in VENDORS:
        assert (identity.route, identity.model_id) == (prefix, f"{vendor}.model-1")


def _models(*regions: str, model: str = "anthropic.claude-sonnet-4-6") -> tuple[str, ...]:
    return tuple(f"arn:aws:bedrock:{region}::foundation-model/{model}" for region in regions)


@pytest.mark.parametrize(
    ("arns", "target"),
    [
        (_models("us-east-1"), "anthropic.claude-sonnet-4-6"),
        (_models("us-east-1", "us-east-2", "us-west-2"), "us.anthropic.claude-sonnet-4-6"),
        (_models("eu-west-1", "eu-north-1"), "eu.anthropic.claude-sonnet-4-6"),
        (_models("ap-northeast-1", "ap-northeast-3"), "jp.anthropic.claude-sonnet-4-6"),
        (_models("ap-southeast-2", "ap-southeast-4"), "au.anthropic.claude-sonnet-4-6"),
        (_models("ap-northeast-1", "ap-south-1"), "apac.anthropic.claude-sonnet-4-6"),
        (_models("ca-central-1", "us-east-1"), "ca.anthropic.claude-sonnet-4-6"),
        (_models("us-gov-west-1", "us-gov-east-1"), "us-gov.anthropic.claude-sonnet-4-6"),
        (_models("us-east-1", ""), "global.anthropic.claude-sonnet-4-6"),
        ((), None),
        ((*_models("us-east-1"), *_models("us-east-1", model="amazon.nova-lite-v1:0")), None),
        (("no arn",), None),
    ],
)
def test_a_profile_stands_for_the_model_and_geography_it_routes_to(
    arns: tuple[str, ...], target: str | None
) -> None:
    assert profile_target(arns) == target


def test_a_resolved_profile_knows_its_canonical_model_and_route() -> None:
    model = ResolvedProfile(name="team-a", profile_model_id="eu.anthropic.claude-opus-5").model
    assert (model.model_id, model.route) == ("anthropic.claude-opus-5", "eu")


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("anthropic.claude-sonnet-4-6", "Claude Sonnet 4.6"),
        ("anthropic.claude-opus-4-6-v1", "Claude Opus 4.6"),
        ("anthropic.claude-haiku-4-5-20251001-v1:0", "Claude Haiku 4.5"),
        ("anthropic.claude-3-5-sonnet-20240620-v1:0", "Claude 3.5 Sonnet"),
        ("anthropic.claude-3-5-sonnet-20241022-v2:0", "Claude 3.5 Sonnet v2"),
        ("anthropic.claude-v2:1", "Claude v2.1"),
        ("amazon.nova-lite-v1:0", "Nova Lite"),
        ("amazon.titan-embed-text-v2:0", "Titan Embed Text v2"),
        ("meta.llama3-1-405b-instruct-v1:0", "Llama 3.1 405B Instruct"),
        ("meta.llama4-scout-17b-instruct-v1:0", "Llama 4 Scout 17B Instruct"),
        ("mistral.mixtral-8x7b-instruct-v0:1", "Mixtral 8x7B Instruct v0.1"),
        ("openai.gpt-oss-120b-1:0", "GPT OSS 120B"),
        ("deepseek.r1-v1:0", "DeepSeek R1"),
        ("zai.glm-4.7-flash", "GLM 4.7 Flash"),
        ("stability.sd3-5-large-v1:0", "SD3.5 Large"),
        ("cohere.rerank-v3-5:0", "Rerank v3.5"),
        (f"{ARN}:application-inference-profile/a1b2c3", "Application profile a1b2c3"),
        (f"{ARN}:provisioned-model/p1", "Provisioned model p1"),
        ("<modelId>", "<modelId>"),
    ],
)
def test_people_read_a_name(model: str, name: str) -> None:
    assert display_name(model) == name
