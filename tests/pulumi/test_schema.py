"""The provider's schema takes every input that any variant declares."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.pulumi.schema import CONFLICTS, faults
from tests.pulumi.stacks import VARIANTS, deployed


@pytest.mark.parametrize("variant", VARIANTS)
def test_the_provider_knows_every_input_and_misses_none(variant: str) -> None:
    assert [fault for resource in deployed(variant).aws for fault in faults(resource)] == []


@pytest.mark.parametrize("variant", ["hub", "spoke"])
def test_what_a_preview_does_not_know_yet_is_no_fault(variant: str) -> None:
    assert [fault for resource in deployed(variant, preview=True).aws for fault in faults(resource)] == []


STREAM = "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream"


def test_a_misspelt_key_deep_inside_is_found() -> None:
    stream = deployed("hub").only(STREAM)
    wrong = {**stream.inputs["icebergConfiguration"], "bufferSize": 64}
    [fault] = faults(replace(stream, inputs={**stream.inputs, "icebergConfiguration": wrong}))
    assert fault.startswith("hub-lake-stream.icebergConfiguration: bufferSize is unknown to Firehose")


def test_a_missing_argument_is_found() -> None:
    stream = deployed("hub").only(STREAM)
    wrong = {key: one for key, one in stream.inputs["icebergConfiguration"].items() if key != "roleArn"}
    assert faults(replace(stream, inputs={**stream.inputs, "icebergConfiguration": wrong})) == [
        "hub-lake-stream.icebergConfiguration: roleArn is missing"
    ]


def test_a_text_for_a_number_and_a_number_for_a_switch_are_found() -> None:
    queue = deployed("spoke").of("aws:sqs/queue:Queue")[0]
    wrong = {**queue.inputs, "messageRetentionSeconds": "14 days", "sqsManagedSseEnabled": 1}
    assert sorted(faults(replace(queue, inputs=wrong))) == [
        f"{queue.name}.messageRetentionSeconds must be int, is '14 days'",
        f"{queue.name}.sqsManagedSseEnabled must be bool, is 1",
    ]


def test_a_map_for_a_list_is_found() -> None:
    alarm = deployed("spoke").of("aws:cloudwatch/metricAlarm:MetricAlarm")[0]
    wrong = {**alarm.inputs, "alarmActions": {"arn": "x"}}
    assert faults(replace(alarm, inputs=wrong)) == [f"{alarm.name}.alarmActions must be a list"]


def test_arguments_that_exclude_each_other_are_found() -> None:
    rule = deployed("spoke").only("aws:cloudwatch/eventRule:EventRule")
    wrong = {**rule.inputs, "scheduleExpression": "rate(1 day)"}
    assert faults(replace(rule, inputs=wrong)) == [
        f"{rule.name}: eventPattern and scheduleExpression exclude each other"
    ]


def test_conflicts_are_told_of_what_is_declared() -> None:
    declared = {one.type for variant in VARIANTS for one in deployed(variant).aws}
    assert CONFLICTS.keys() <= declared
