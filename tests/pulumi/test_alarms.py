from __future__ import annotations

import ast
from pathlib import Path

import pytest

from components.alarms import METRICS, Alarm, Alarms, AlarmsArgs, hub_alarms, log_alarms, metric_dimensions
from components.naming import METRIC_NAMESPACE, FunctionName, HubNames, SpokeNames
from tests.pulumi.documents import statements
from tests.pulumi.engine import ACCOUNT, REGION, Deployed, deploy

HUB = HubNames(account=ACCOUNT, region=REGION)
SPOKE = SpokeNames(account=ACCOUNT, region=REGION)
ALARM, TOPIC = "aws:cloudwatch/metricAlarm:MetricAlarm", "aws:sns/topic:Topic"
EVERY_FIVE_MINUTES = 300
LAMBDAS = Path(__file__).parents[2] / "lambdas"


def declared(**changes: object) -> Deployed:
    arguments = {"names": HUB, "alarms": hub_alarms(HUB, EVERY_FIVE_MINUTES), **changes}
    return deploy(lambda: Alarms("alarms", AlarmsArgs(**arguments)))  # type: ignore[arg-type]


def alarms_by_part(interval: int = EVERY_FIVE_MINUTES) -> dict[str, Alarm]:
    return {alarm.part: alarm for alarm in hub_alarms(HUB, interval)}


def emitted_metrics(function: FunctionName) -> set[str]:
    """Names that a handler's module hands to `metrics.add_metric`."""
    tree = ast.parse((LAMBDAS / f"{function.replace('-', '_')}.py").read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [
        node for node in calls if isinstance(node.func, ast.Attribute) and node.func.attr == "add_metric"
    ]
    return {ast.literal_eval(node.args[0]) for node in named}


@pytest.mark.parametrize("function", FunctionName)
def test_a_function_emits_the_metrics_that_are_listed(function: FunctionName) -> None:
    assert emitted_metrics(function) == set(METRICS.get(function, ()))


def test_a_hub_has_eight_metrics_and_a_spoke_two() -> None:
    assert sum(len(names) for names in METRICS.values()) == 8
    assert len(METRICS[FunctionName.PARSE_LOG]) == 2


def test_an_own_metric_is_known_by_its_function_alone() -> None:
    own = [alarm for alarm in hub_alarms(HUB, EVERY_FIVE_MINUTES) if alarm.namespace == METRIC_NAMESPACE]
    assert len(own) == 4
    for alarm in own:
        [function] = [name for name in FunctionName if metric_dimensions(name) == alarm.dimensions]
        assert alarm.metric in METRICS[function]


def test_every_queue_of_dead_letters_is_watched() -> None:
    watched = {
        alarm.dimensions["QueueName"]
        for alarm in alarms_by_part().values()
        if "QueueName" in alarm.dimensions
    }
    assert watched == {HUB.log_queue, HUB.log_dead_letters, HUB.event_dead_letters, HUB.failed_runs}
    spoke = {alarm.dimensions["QueueName"] for alarm in log_alarms(SPOKE)}
    assert spoke == {SPOKE.log_queue, SPOKE.log_dead_letters, SPOKE.event_dead_letters}


def test_the_stream_is_watched_for_failures_age_and_throttling() -> None:
    stream = {alarm.metric: alarm for alarm in alarms_by_part().values() if alarm.namespace == "AWS/Firehose"}
    assert stream.keys() == {
        "DeliveryToIceberg.FailedRowCount",
        "DeliveryToIceberg.DataFreshness",
        "ThrottledRecords",
    }
    assert {alarm.dimensions["DeliveryStreamName"] for alarm in stream.values()} == {HUB.stream}
    assert stream["DeliveryToIceberg.DataFreshness"].threshold == 900


@pytest.mark.parametrize(("interval", "seconds"), [(60, 1800), (300, 1800), (900, 5400), (3600, 21_600)])
def test_data_is_stale_after_six_missed_runs_and_silence_counts_as_stale(interval: int, seconds: int) -> None:
    stale = alarms_by_part(interval)["compute-stale"]
    assert (stale.metric, stale.threshold, stale.missing) == ("DataAgeSeconds", seconds, "breaching")
    assert stale.period_seconds == seconds


def test_a_failed_price_sync_and_parked_periods_are_told() -> None:
    alarms = alarms_by_part()
    assert alarms["price-sync"].metric == "PriceSyncFailed"
    assert alarms["price-sync-errors"].dimensions == {"FunctionName": HUB.function(FunctionName.SYNC_PRICING)}
    assert alarms["parked-periods"].metric == "ParkedPeriods"
    assert alarms["missing-columns"].metric == "MissingColumns"


def test_every_alarm_goes_to_the_topic_and_tells_when_it_is_over() -> None:
    found = declared()
    topic = found.only(TOPIC).outputs["arn"]
    assert len(found.of(ALARM)) == len(hub_alarms(HUB, EVERY_FIVE_MINUTES))
    for alarm in found.of(ALARM):
        assert alarm.inputs["alarmActions"] == alarm.inputs["okActions"] == [topic]
        assert alarm.inputs["name"].startswith(f"bedrock-analytics-hub-{REGION}-")
        assert alarm.inputs["alarmDescription"]


def test_only_alarms_of_this_account_publish_and_over_tls() -> None:
    found = declared()
    policy = statements(found.only("aws:sns/topicPolicy:TopicPolicy").inputs["policy"])
    assert policy.keys() == {"TakeAlarms", "DenyPlainText"}
    statement = policy["TakeAlarms"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Resource"] == [found.only(TOPIC).outputs["arn"]]
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def test_each_address_is_subscribed_under_its_own_name() -> None:
    found = declared(emails=("a@example.com", "b@example.com"))
    subscriptions = {one.name: one.inputs for one in found.of("aws:sns/topicSubscription:TopicSubscription")}
    assert subscriptions.keys() == {"alarms-email-a@example.com", "alarms-email-b@example.com"}
    assert subscriptions["alarms-email-b@example.com"]["endpoint"] == "b@example.com"


def test_a_topic_that_is_there_is_used_and_left_as_it_is() -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:operations"
    found = declared(topic_arn=topic)
    assert {one.type for one in found.aws} == {ALARM}
    assert {tuple(alarm.inputs["alarmActions"]) for alarm in found.of(ALARM)} == {(topic,)}
