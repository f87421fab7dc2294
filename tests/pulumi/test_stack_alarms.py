"""Alarms reach whom the settings name, and a budget has three."""

from __future__ import annotations

import pytest

from tests.pulumi.stacks import VARIANTS, deployed, settings_of

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_alarm_is_told_when_it_begins_and_when_it_ends(variant: str) -> None:
    stack = deployed(variant)
    assert len(stack.of(ALARM)) >= 3
    for alarm in stack.of(ALARM):
        assert alarm.inputs["alarmActions"] == [settings_of(variant).alarm_topic_arn]
        assert alarm.inputs["okActions"] == alarm.inputs["alarmActions"]


def test_an_address_is_subscribed_to_the_stacks_topic() -> None:
    stack = deployed("hub with everything")
    subscription = stack.only("aws:sns/topicSubscription:TopicSubscription")
    assert subscription.inputs["endpoint"] == "oncall@example.com"
    assert subscription.inputs["topic"] == stack.only("aws:sns/topic:Topic").outputs["arn"]


def test_an_existing_topic_is_used_and_left_as_it_is() -> None:
    stack = deployed("hub with a topic")
    assert not stack.of("aws:sns/topic:Topic")
    assert not stack.of("aws:sns/topicPolicy:TopicPolicy")


def test_a_budget_of_250_dollars_and_50_cents_has_alarms_at_80_and_100_percent_and_on_the_forecast() -> None:
    budget = {
        one.name.removeprefix("hub-alarms-"): (one.inputs["metricName"], one.inputs["threshold"])
        for one in deployed("hub with everything").of(ALARM)
        if "budget" in one.name
    }
    assert budget == {
        "budget-80": ("MonthCost", 200.4),
        "budget-100": ("MonthCost", 250.5),
        "budget-forecast": ("MonthCostForecast", 250.5),
    }


def test_without_a_budget_there_is_no_such_alarm() -> None:
    assert not [one for one in deployed("hub").of(ALARM) if "budget" in one.name]
