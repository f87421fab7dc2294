"""Buckets, tables, the lake and its stream as calls, the way the provider makes them."""

from __future__ import annotations

import json
from typing import Any

from tests.deployed.inputs import ApiCall, Inputs


def bucket(inputs: Inputs, region: str) -> list[ApiCall]:
    parameters = {"Bucket": inputs.take("bucket")}
    if region != "us-east-1":
        parameters["CreateBucketConfiguration"] = {"LocationConstraint": region}
    return [_s3("CreateBucket", inputs.done(parameters))]


def public_access(inputs: Inputs, region: str) -> list[ApiCall]:
    name = inputs.take("bucket")
    block = inputs.some(
        BlockPublicAcls="blockPublicAcls",
        BlockPublicPolicy="blockPublicPolicy",
        IgnorePublicAcls="ignorePublicAcls",
        RestrictPublicBuckets="restrictPublicBuckets",
    )
    return [
        _s3(
            "PutPublicAccessBlock",
            inputs.done({"Bucket": name, "PublicAccessBlockConfiguration": block}),
        )
    ]


def ownership(inputs: Inputs, region: str) -> list[ApiCall]:
    rule = inputs.within("rule")
    rules = [rule.done({"ObjectOwnership": rule.take("objectOwnership")})]
    parameters = {"Bucket": inputs.take("bucket"), "OwnershipControls": {"Rules": rules}}
    return [_s3("PutBucketOwnershipControls", inputs.done(parameters))]


def bucket_encryption(inputs: Inputs, region: str) -> list[ApiCall]:
    rules = []
    for rule in inputs.each("rules"):
        default = rule.within("applyServerSideEncryptionByDefault")
        algorithm = default.done({"SSEAlgorithm": default.take("sseAlgorithm")})
        rules.append(rule.done({"ApplyServerSideEncryptionByDefault": algorithm}))
    parameters = {"Bucket": inputs.take("bucket"), "ServerSideEncryptionConfiguration": {"Rules": rules}}
    return [_s3("PutBucketEncryption", inputs.done(parameters))]


def lifecycle(inputs: Inputs, region: str) -> list[ApiCall]:
    rules = [_lifecycle_rule(rule) for rule in inputs.each("rules")]
    parameters = {"Bucket": inputs.take("bucket"), "LifecycleConfiguration": {"Rules": rules}}
    return [_s3("PutBucketLifecycleConfiguration", inputs.done(parameters))]


def _lifecycle_rule(rule: Inputs) -> dict[str, Any]:
    chosen = rule.within("filter")
    result = {"Filter": chosen.done({"Prefix": chosen.take("prefix")}), **rule.some(ID="id", Status="status")}
    if rule.has("transitions"):
        result["Transitions"] = [
            one.done(one.some(Days="days", StorageClass="storageClass")) for one in rule.each("transitions")
        ]
    if rule.has("expiration"):
        expiration = rule.within("expiration")
        result["Expiration"] = expiration.done({"Days": expiration.take("days")})
    if rule.has("abortIncompleteMultipartUpload"):
        abort = rule.within("abortIncompleteMultipartUpload")
        days = {"DaysAfterInitiation": abort.take("daysAfterInitiation")}
        result["AbortIncompleteMultipartUpload"] = abort.done(days)
    return rule.done(result)


def notification(inputs: Inputs, region: str) -> list[ApiCall]:
    assert inputs.take("eventbridge") is True
    parameters = {
        "Bucket": inputs.take("bucket"),
        "NotificationConfiguration": {"EventBridgeConfiguration": {}},
    }
    return [_s3("PutBucketNotificationConfiguration", inputs.done(parameters))]


def bucket_policy(inputs: Inputs, region: str) -> list[ApiCall]:
    """The policy, and away again: moto reads no conditions, so it would refuse everybody. `iam` judges it."""
    parameters = inputs.done(inputs.some(Bucket="bucket", Policy="policy"))
    return [_s3("PutBucketPolicy", parameters), _s3("DeleteBucketPolicy", {"Bucket": parameters["Bucket"]})]


def _s3(operation: str, parameters: dict[str, Any]) -> ApiCall:
    return ApiCall(service="s3", operation=operation, parameters=parameters)


def dynamodb_table(inputs: Inputs, region: str) -> list[ApiCall]:
    name = inputs.take("name")
    keys = [("HASH", inputs.take("hashKey")), ("RANGE", inputs.take("rangeKey"))]
    create = {
        "TableName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": kind} for kind, key in keys],
        "AttributeDefinitions": [
            one.done(one.some(AttributeName="name", AttributeType="type"))
            for one in inputs.each("attributes")
        ],
        **inputs.some(BillingMode="billingMode", DeletionProtectionEnabled="deletionProtectionEnabled"),
    }
    recovery = inputs.within("pointInTimeRecovery")
    backups = recovery.done(
        recovery.some(PointInTimeRecoveryEnabled="enabled", RecoveryPeriodInDays="recoveryPeriodInDays")
    )
    calls = [
        _dynamodb("CreateTable", create),
        _dynamodb(
            "UpdateContinuousBackups", {"TableName": name, "PointInTimeRecoverySpecification": backups}
        ),
    ]
    if inputs.has("ttl"):
        ttl = inputs.within("ttl")
        expiry = ttl.done(ttl.some(AttributeName="attributeName", Enabled="enabled"))
        calls.append(_dynamodb("UpdateTimeToLive", {"TableName": name, "TimeToLiveSpecification": expiry}))
    inputs.done({})
    return calls


def _dynamodb(operation: str, parameters: dict[str, Any]) -> ApiCall:
    return ApiCall(service="dynamodb", operation=operation, parameters=parameters)


def table_bucket(inputs: Inputs, region: str) -> list[ApiCall]:
    return [_s3tables("CreateTableBucket", inputs.done(inputs.some(name="name")))]


def table_namespace(inputs: Inputs, region: str) -> list[ApiCall]:
    names = [inputs.take("namespace")]
    return [
        _s3tables(
            "CreateNamespace",
            inputs.done({"namespace": names, **inputs.some(tableBucketARN="tableBucketArn")}),
        )
    ]


def cloud_control(inputs: Inputs, region: str) -> list[ApiCall]:
    """Cloud Control's own call, and the one that its handler for S3 tables makes."""
    asked = inputs.done(inputs.some(TypeName="typeName", DesiredState="desiredState"))
    assert asked["TypeName"] == "AWS::S3Tables::Table"
    state = Inputs(json.loads(asked["DesiredState"]), asked["TypeName"])
    metadata = state.within("IcebergMetadata")
    schema, spec = metadata.within("IcebergSchema"), metadata.within("IcebergPartitionSpec")
    fields = [
        one.done(one.some(id="Id", name="Name", type="Type", required="Required"))
        for one in schema.each("SchemaFieldList")
    ]
    partitions = [
        one.done(one.some(sourceId="SourceId", transform="Transform", name="Name"))
        for one in spec.each("Fields")
    ]
    iceberg = metadata.done(
        {"schema": schema.done({"fields": fields}), "partitionSpec": spec.done({"fields": partitions})}
    )
    create = state.some(
        tableBucketARN="TableBucketARN", namespace="Namespace", name="TableName", format="OpenTableFormat"
    )
    return [
        ApiCall(service="cloudcontrol", operation="CreateResource", parameters=asked),
        _s3tables("CreateTable", state.done({**create, "metadata": {"iceberg": iceberg}})),
    ]


def _s3tables(operation: str, parameters: dict[str, Any]) -> ApiCall:
    return ApiCall(service="s3tables", operation=operation, parameters=parameters)


def glue_catalog(inputs: Inputs, region: str) -> list[ApiCall]:
    name = inputs.take("name")
    federated = inputs.within("federatedCatalog")
    catalog = {
        "FederatedCatalog": federated.done(
            federated.some(Identifier="identifier", ConnectionName="connectionName")
        ),
        "CreateDatabaseDefaultPermissions": _permissions(inputs, "createDatabaseDefaultPermissions"),
        "CreateTableDefaultPermissions": _permissions(inputs, "createTableDefaultPermissions"),
        **inputs.some(AllowFullTableExternalDataAccess="allowFullTableExternalDataAccess"),
    }
    parameters = inputs.done({"Name": name, "CatalogInput": catalog})
    return [ApiCall(service="glue", operation="CreateCatalog", parameters=parameters)]


def _permissions(inputs: Inputs, name: str) -> list[dict[str, Any]]:
    found = []
    for entry in inputs.each(name):
        principal = entry.within("principal")
        who = principal.done(principal.some(DataLakePrincipalIdentifier="dataLakePrincipalIdentifier"))
        found.append(entry.done({"Principal": who, **entry.some(Permissions="permissions")}))
    return found


def delivery_stream(inputs: Inputs, region: str) -> list[ApiCall]:
    assert inputs.take("destination") == "iceberg"
    encryption = inputs.within("serverSideEncryption")
    assert encryption.take("enabled") is True
    parameters = {
        "DeliveryStreamName": inputs.take("name"),
        "DeliveryStreamType": "DirectPut",
        "DeliveryStreamEncryptionConfigurationInput": encryption.done(encryption.some(KeyType="keyType")),
        "IcebergDestinationConfiguration": _iceberg(inputs.within("icebergConfiguration")),
    }
    return [ApiCall(service="firehose", operation="CreateDeliveryStream", parameters=inputs.done(parameters))]


def _iceberg(iceberg: Inputs) -> dict[str, Any]:
    backup, logs = iceberg.within("s3Configuration"), iceberg.within("cloudwatchLoggingOptions")
    result = {
        "RoleARN": iceberg.take("roleArn"),
        "CatalogConfiguration": {"CatalogARN": iceberg.take("catalogArn")},
        "BufferingHints": iceberg.some(SizeInMBs="bufferingSize", IntervalInSeconds="bufferingInterval"),
        "RetryOptions": iceberg.some(DurationInSeconds="retryDuration"),
        "S3Configuration": backup.done(
            backup.some(
                RoleARN="roleArn",
                BucketARN="bucketArn",
                ErrorOutputPrefix="errorOutputPrefix",
                CompressionFormat="compressionFormat",
            )
        ),
        "CloudWatchLoggingOptions": logs.done(
            logs.some(Enabled="enabled", LogGroupName="logGroupName", LogStreamName="logStreamName")
        ),
        "DestinationTableConfigurationList": _destinations(iceberg),
        **iceberg.some(S3BackupMode="s3BackupMode", AppendOnly="appendOnly"),
    }
    if iceberg.has("processingConfiguration"):
        result["ProcessingConfiguration"] = _processing(iceberg.within("processingConfiguration"))
    return iceberg.done(result)


def _destinations(iceberg: Inputs) -> list[dict[str, Any]]:
    return [
        one.done(
            one.some(
                DestinationDatabaseName="databaseName",
                DestinationTableName="tableName",
                UniqueKeys="uniqueKeys",
            )
        )
        for one in iceberg.each("destinationTableConfigurations")
    ]


def _processing(processing: Inputs) -> dict[str, Any]:
    processors = []
    for processor in processing.each("processors"):
        parameters = [
            one.done(one.some(ParameterName="parameterName", ParameterValue="parameterValue"))
            for one in processor.each("parameters")
        ]
        processors.append(processor.done({"Type": processor.take("type"), "Parameters": parameters}))
    return processing.done({"Processors": processors, **processing.some(Enabled="enabled")})
