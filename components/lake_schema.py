"""The lake's table as S3 Tables is told to make it: columns with explicit field ids, and partitions.

Source: CloudFormation, AWS::S3Tables::Table. The resource made from it is created once; later columns are
added to the table by `bedrock-analytics migrate`.
"""

from __future__ import annotations

from typing import Any, Final

from bedrock_analytics.domain.usage_event import COLUMNS
from components.naming import NAMESPACE, TABLE

UNIQUE_KEY: Final = ("account_id", "region", "request_id")
"""What one call is known by, wherever it was logged."""
ACCOUNT_BUCKETS: Final = 16
_FIELD_IDS: Final = {column.name: column.field_id for column in COLUMNS}


def schema_fields() -> list[dict[str, Any]]:
    """The columns in the order of their field ids."""
    return [
        {
            "Id": column.field_id,
            "Name": column.name,
            "Type": column.type.value,
            "Required": column.required,
        }
        for column in sorted(COLUMNS, key=lambda column: column.field_id)
    ]


def partition_fields(*, bucket_accounts: bool = False) -> list[dict[str, Any]]:
    """By account, or by hash of the account where there are more than some fifty, and by day.

    Never by year, month and day together: engines refuse to update or delete in such a table.
    """
    account: dict[str, Any] = (
        {"Transform": f"bucket[{ACCOUNT_BUCKETS}]", "Name": "account_bucket"}
        if bucket_accounts
        else {"Transform": "identity", "Name": "account_id"}
    )
    return [
        {"SourceId": _FIELD_IDS["account_id"], **account},
        {"SourceId": _FIELD_IDS["ts"], "Transform": "day", "Name": "ts_day"},
    ]


def table_state(*, bucket_accounts: bool = False) -> dict[str, Any]:
    """The desired state of the table, but for the ARN of its bucket."""
    return {
        "Namespace": NAMESPACE,
        "TableName": TABLE,
        "OpenTableFormat": "ICEBERG",
        "IcebergMetadata": {
            "IcebergSchema": {"SchemaFieldList": schema_fields()},
            "IcebergPartitionSpec": {"Fields": partition_fields(bucket_accounts=bucket_accounts)},
        },
    }
