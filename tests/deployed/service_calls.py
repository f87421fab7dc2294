"""Roles, functions, queues, rules, queries and alarms as calls, the way the provider makes them."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from tests.deployed.inputs import ApiCall, Inputs


def _call(service: str, operation: str, parameters: dict[str, Any]) -> list[ApiCall]:
    return [ApiCall(service=service, operation=operation, parameters=parameters)]


def role(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(
        RoleName="name",
        AssumeRolePolicyDocument="assumeRolePolicy",
        Description="description",
        MaxSessionDuration="maxSessionDuration",
    )
    return _call("iam", "CreateRole", inputs.done(parameters))


def role_policy(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(RoleName="role", PolicyName="name", PolicyDocument="policy")
    return _call("iam", "PutRolePolicy", inputs.done(parameters))


def managed_policy(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(PolicyName="name", Description="description", PolicyDocument="policy")
    return _call("iam", "CreatePolicy", inputs.done(parameters))


def attachment(inputs: Inputs, region: str) -> list[ApiCall]:
    return _call("iam", "AttachRolePolicy", inputs.done(inputs.some(RoleName="role", PolicyArn="policyArn")))


def bedrock_logging(inputs: Inputs, region: str) -> list[ApiCall]:
    logging = inputs.within("loggingConfig")
    place = logging.within("s3Config")
    config = {
        "s3Config": place.done(place.some(bucketName="bucketName", keyPrefix="keyPrefix")),
        **logging.some(
            textDataDeliveryEnabled="textDataDeliveryEnabled",
            imageDataDeliveryEnabled="imageDataDeliveryEnabled",
            embeddingDataDeliveryEnabled="embeddingDataDeliveryEnabled",
            videoDataDeliveryEnabled="videoDataDeliveryEnabled",
        ),
    }
    parameters = inputs.done({"loggingConfig": logging.done(config)})
    return _call("bedrock", "PutModelInvocationLoggingConfiguration", parameters)


def queue(inputs: Inputs, region: str) -> list[ApiCall]:
    attributes = inputs.some(
        MessageRetentionPeriod="messageRetentionSeconds",
        VisibilityTimeout="visibilityTimeoutSeconds",
        RedrivePolicy="redrivePolicy",
        SqsManagedSseEnabled="sqsManagedSseEnabled",
    )
    texts = {name: _text(value) for name, value in attributes.items()}
    return _call("sqs", "CreateQueue", inputs.done({"QueueName": inputs.take("name"), "Attributes": texts}))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def queue_policy(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = {"Attributes": inputs.some(Policy="policy"), **inputs.some(QueueUrl="queueUrl")}
    return _call("sqs", "SetQueueAttributes", inputs.done(parameters))


def redrive_allow_policy(inputs: Inputs, region: str) -> list[ApiCall]:
    attributes = inputs.some(RedriveAllowPolicy="redriveAllowPolicy")
    parameters = {"Attributes": attributes, **inputs.some(QueueUrl="queueUrl")}
    return _call("sqs", "SetQueueAttributes", inputs.done(parameters))


def event_rule(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(Name="name", Description="description", EventPattern="eventPattern")
    return _call("events", "PutRule", inputs.done(parameters))


def event_target(inputs: Inputs, region: str) -> list[ApiCall]:
    rule = inputs.take("rule")
    letters, retries = inputs.within("deadLetterConfig"), inputs.within("retryPolicy")
    target = {
        "DeadLetterConfig": letters.done(letters.some(Arn="arn")),
        "RetryPolicy": retries.done(
            retries.some(
                MaximumEventAgeInSeconds="maximumEventAgeInSeconds",
                MaximumRetryAttempts="maximumRetryAttempts",
            )
        ),
        **inputs.some(Id="targetId", Arn="arn"),
    }
    return _call("events", "PutTargets", {"Rule": rule, "Targets": [inputs.done(target)]})


def log_group(inputs: Inputs, region: str) -> list[ApiCall]:
    name, days = inputs.take("name"), inputs.take("retentionInDays")
    inputs.done({})
    return [
        *_call("logs", "CreateLogGroup", {"logGroupName": name}),
        *_call("logs", "PutRetentionPolicy", {"logGroupName": name, "retentionInDays": days}),
    ]


def log_stream(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(logGroupName="logGroupName", logStreamName="name")
    return _call("logs", "CreateLogStream", inputs.done(parameters))


def function(inputs: Inputs, region: str) -> list[ApiCall]:
    inputs.take("code")  # what it holds is the bundle's matter; AWS wants a zip file
    tracing, logging = inputs.within("tracingConfig"), inputs.within("loggingConfig")
    environment = inputs.within("environment")
    parameters = {
        "Code": {"ZipFile": _empty_zip()},
        "Environment": environment.done({"Variables": environment.take("variables")}),
        "TracingConfig": tracing.done(tracing.some(Mode="mode")),
        "LoggingConfig": logging.done(
            logging.some(
                LogFormat="logFormat",
                LogGroup="logGroup",
                ApplicationLogLevel="applicationLogLevel",
                SystemLogLevel="systemLogLevel",
            )
        ),
        **inputs.some(
            FunctionName="name",
            Description="description",
            Role="role",
            Runtime="runtime",
            Architectures="architectures",
            Handler="handler",
            Timeout="timeout",
            MemorySize="memorySize",
        ),
    }
    return _call("lambda", "CreateFunction", inputs.done(parameters))


def _empty_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("lambdas/__init__.py", "")
    return content.getvalue()


def poller(inputs: Inputs, region: str) -> list[ApiCall]:
    scaling = inputs.within("scalingConfig")
    parameters = {
        "ScalingConfig": scaling.done(scaling.some(MaximumConcurrency="maximumConcurrency")),
        **inputs.some(
            EventSourceArn="eventSourceArn",
            FunctionName="functionName",
            BatchSize="batchSize",
            MaximumBatchingWindowInSeconds="maximumBatchingWindowInSeconds",
            FunctionResponseTypes="functionResponseTypes",
        ),
    }
    # moto would start a container for each message; the harness polls itself.
    return _call("lambda", "CreateEventSourceMapping", inputs.done({**parameters, "Enabled": False}))


def invoke_config(inputs: Inputs, region: str) -> list[ApiCall]:
    destinations = inputs.within("destinationConfig")
    failure = destinations.within("onFailure")
    where = {"OnFailure": failure.done(failure.some(Destination="destination"))}
    parameters = {
        "DestinationConfig": destinations.done(where),
        **inputs.some(
            FunctionName="functionName",
            MaximumRetryAttempts="maximumRetryAttempts",
            MaximumEventAgeInSeconds="maximumEventAgeInSeconds",
        ),
    }
    return _call("lambda", "PutFunctionEventInvokeConfig", inputs.done(parameters))


def workgroup(inputs: Inputs, region: str) -> list[ApiCall]:
    inputs.take("forceDestroy")  # of interest when it is deleted
    configuration = inputs.within("configuration")
    managed = configuration.within("managedQueryResultsConfiguration")
    engine = configuration.within("engineVersion")
    settings = {
        "ManagedQueryResultsConfiguration": managed.done(managed.some(Enabled="enabled")),
        "EngineVersion": engine.done(engine.some(SelectedEngineVersion="selectedEngineVersion")),
        **configuration.some(
            EnforceWorkGroupConfiguration="enforceWorkgroupConfiguration",
            BytesScannedCutoffPerQuery="bytesScannedCutoffPerQuery",
            PublishCloudWatchMetricsEnabled="publishCloudwatchMetricsEnabled",
        ),
    }
    parameters = {
        "Configuration": configuration.done(settings),
        **inputs.some(Name="name", Description="description"),
    }
    return _call("athena", "CreateWorkGroup", inputs.done(parameters))


def named_query(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(
        Name="name",
        Description="description",
        Database="database",
        QueryString="query",
        WorkGroup="workgroup",
    )
    return _call("athena", "CreateNamedQuery", inputs.done(parameters))


def topic(inputs: Inputs, region: str) -> list[ApiCall]:
    return _call("sns", "CreateTopic", inputs.done(inputs.some(Name="name")))


def topic_policy(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = {
        "AttributeName": "Policy",
        **inputs.some(TopicArn="arn", AttributeValue="policy"),
    }
    return _call("sns", "SetTopicAttributes", inputs.done(parameters))


def subscription(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(TopicArn="topic", Protocol="protocol", Endpoint="endpoint")
    return _call("sns", "Subscribe", inputs.done(parameters))


def alarm(inputs: Inputs, region: str) -> list[ApiCall]:
    dimensions = inputs.take("dimensions")
    parameters = {
        "Dimensions": [{"Name": name, "Value": value} for name, value in dimensions.items()],
        **inputs.some(
            AlarmName="name",
            AlarmDescription="alarmDescription",
            Namespace="namespace",
            MetricName="metricName",
            Statistic="statistic",
            Period="period",
            EvaluationPeriods="evaluationPeriods",
            DatapointsToAlarm="datapointsToAlarm",
            Threshold="threshold",
            ComparisonOperator="comparisonOperator",
            TreatMissingData="treatMissingData",
            AlarmActions="alarmActions",
            OKActions="okActions",
        ),
    }
    return _call("cloudwatch", "PutMetricAlarm", inputs.done(parameters))


def schedule(inputs: Inputs, region: str) -> list[ApiCall]:
    window, target = inputs.within("flexibleTimeWindow"), inputs.within("target")
    letters, retries = target.within("deadLetterConfig"), target.within("retryPolicy")
    aim = {
        "DeadLetterConfig": letters.done(letters.some(Arn="arn")),
        "RetryPolicy": retries.done(
            retries.some(
                MaximumEventAgeInSeconds="maximumEventAgeInSeconds",
                MaximumRetryAttempts="maximumRetryAttempts",
            )
        ),
        **target.some(Arn="arn", RoleArn="roleArn", Input="input"),
    }
    parameters = {
        "FlexibleTimeWindow": window.done(
            window.some(Mode="mode", MaximumWindowInMinutes="maximumWindowInMinutes")
        ),
        "Target": target.done(aim),
        **inputs.some(
            Name="name",
            Description="description",
            ScheduleExpression="scheduleExpression",
            ScheduleExpressionTimezone="scheduleExpressionTimezone",
        ),
    }
    return _call("scheduler", "CreateSchedule", inputs.done(parameters))


def parameter(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(Name="name", Description="description", Type="type", Value="value")
    return _call("ssm", "PutParameter", inputs.done(parameters))


def secret(inputs: Inputs, region: str) -> list[ApiCall]:
    inputs.take("recoveryWindowInDays")  # of interest when it is deleted
    return _call(
        "secretsmanager", "CreateSecret", inputs.done(inputs.some(Name="name", Description="description"))
    )


def secret_version(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = inputs.some(SecretId="secretId", SecretString="secretString")
    return _call("secretsmanager", "PutSecretValue", inputs.done(parameters))
