"""Athena and S3 Tables in memory: runs the submitted SQL on DuckDB and answers as the services do.

Written from the API reference and the user guide, without the project's own adapters: parameters are put
in textually by position, all values come back as text, pages hold 1,000 rows with the header as the first
row of the first page, a query is queued, then running, then finished.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import msgspec
import pyarrow as pa  # type: ignore[import-untyped]
import sqlglot
from botocore.exceptions import ClientError
from sqlglot import exp

from bedrock_analytics.domain.usage_event import COLUMNS, UsageEvent

BUCKET_ARN = "arn:aws:s3tables:us-east-1:111122223333:bucket/usage-lake"
CATALOG = "s3tablescatalog/usage-lake"
NAMESPACE = "bedrock_analytics"
TABLE = "usage_events"

_ARROW = {
    "string": pa.string(),
    "long": pa.int64(),
    "boolean": pa.bool_(),
    "timestamptz": pa.timestamp("us", "UTC"),
}
_SCHEMA = pa.schema([pa.field(column.name, _ARROW[column.type.value]) for column in COLUMNS])
_HIVE = {"string": "string", "long": "bigint", "boolean": "boolean"}
_ADD_COLUMNS = re.compile(r"alter table usage_events add columns \((?P<columns>[^)]*)\)", re.IGNORECASE)
_LITERAL = re.compile(r"-?\d+(\.\d+)?|'(?:[^']|'')*'")


def client_error(operation: str, code: str, message: str = "") -> ClientError:
    status = 500 if code.startswith("Internal") else 400
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, operation)  # type: ignore[arg-type]


@dataclass
class Failure:
    """How the next execution ends instead of succeeding."""

    reason: str
    retryable: bool = False
    state: str = "FAILED"


@dataclass
class Execution:
    request: dict[str, Any]
    submitted_at: datetime
    failure: Failure | None = None
    columns: list[dict[str, str]] = field(default_factory=list)
    rows: list[list[str | None]] = field(default_factory=list)
    polls: int = 0
    cancelled: bool = False
    results_gone: bool = False


class FakeAthena:
    """The four operations that the project uses. `events` may be changed at any time."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        workgroups: Iterable[str] = ("pipeline", "people"),
        catalog: str = CATALOG,
    ) -> None:
        self.events: list[UsageEvent] = []
        self.executions: dict[str, Execution] = {}
        self.failures: list[Failure] = []
        self.errors: list[ClientError | Exception] = []
        self.polls_until_finished = 2
        self.lacking: set[str] = set()
        """Columns that the table does not have yet."""
        self._clock = clock
        self._workgroups = tuple(workgroups)
        self._place = (catalog, NAMESPACE, TABLE)
        self._tokens: dict[str, str] = {}

    def start_query_execution(self, **request: Any) -> dict[str, str]:
        self._raise_planned()
        allowed = {
            "QueryString",
            "QueryExecutionContext",
            "WorkGroup",
            "ExecutionParameters",
            "ClientRequestToken",
        }
        if unknown := request.keys() - allowed:
            raise client_error(
                "StartQueryExecution", "InvalidRequestException", f"with managed results: {unknown}"
            )
        if request["WorkGroup"] not in self._workgroups:
            raise client_error("StartQueryExecution", "InvalidRequestException", "WorkGroup is not found.")
        if len(request["QueryString"].encode()) > 262_144:
            raise client_error("StartQueryExecution", "InvalidRequestException", "query too long")
        token = request.get("ClientRequestToken")
        if token is not None:
            known = self._known(token, request)
            if known is not None:
                return {"QueryExecutionId": known}
        query_id = f"00000000-0000-0000-0000-{len(self.executions):012}"
        execution = Execution(request, self._clock())
        self.executions[query_id] = execution
        if token is not None:
            self._tokens[token] = query_id
        execution.failure = self.failures.pop(0) if self.failures else self._execute(execution)
        return {"QueryExecutionId": query_id}

    def _known(self, token: str, request: dict[str, Any]) -> str | None:
        if not 32 <= len(token) <= 128:
            raise client_error("StartQueryExecution", "InvalidRequestException", "token length")
        query_id = self._tokens.get(token)
        if query_id is not None and self.executions[query_id].request != request:
            raise client_error(
                "StartQueryExecution", "InvalidRequestException", "Idempotent parameters do not match"
            )
        return query_id

    def get_query_execution(self, *, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        self._raise_planned()
        execution = self._execution("GetQueryExecution", QueryExecutionId)
        execution.polls += 1
        status: dict[str, Any] = {"State": "QUEUED", "SubmissionDateTime": execution.submitted_at}
        if execution.cancelled:
            status |= {"State": "CANCELLED", "StateChangeReason": "Query cancelled by user"}
        elif execution.polls > self.polls_until_finished:
            status |= {"State": "SUCCEEDED", "CompletionDateTime": self._clock()}
            if (failure := execution.failure) is not None:
                fault = {"Retryable": failure.retryable, "ErrorMessage": failure.reason}
                status |= {"State": failure.state, "StateChangeReason": failure.reason, "AthenaError": fault}
        elif execution.polls > 1:
            status["State"] = "RUNNING"
        return {"QueryExecution": {"Status": status, "Statistics": {"DataScannedInBytes": 10_485_760}}}

    def get_query_results(
        self,
        *,
        QueryExecutionId: str,  # noqa: N803
        MaxResults: int,  # noqa: N803
        NextToken: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        self._raise_planned()
        execution = self._execution("GetQueryResults", QueryExecutionId)
        if execution.results_gone:
            raise client_error("GetQueryResults", "InvalidRequestException", "The results have expired.")
        if execution.failure is not None or execution.cancelled:
            raise client_error(
                "GetQueryResults", "InvalidRequestException", "Query did not finish successfully"
            )
        assert 1 <= MaxResults <= 1000
        header: list[str | None] = [column["Name"] for column in execution.columns]
        rows = [header, *execution.rows]
        start = int(NextToken or 0)
        page = rows[start : start + MaxResults]
        answer: dict[str, Any] = {
            "ResultSet": {
                "Rows": [{"Data": [_cell(text) for text in row]} for row in page],
                "ResultSetMetadata": {"ColumnInfo": execution.columns},
            }
        }
        if start + MaxResults < len(rows):
            answer["NextToken"] = str(start + MaxResults)
        return answer

    def stop_query_execution(self, *, QueryExecutionId: str) -> dict[str, Any]:  # noqa: N803
        self._raise_planned()
        execution = self._execution("StopQueryExecution", QueryExecutionId)
        if execution.polls <= self.polls_until_finished:
            execution.cancelled = True
        return {}

    def _execution(self, operation: str, query_id: str) -> Execution:
        if query_id not in self.executions:
            raise client_error(
                operation, "InvalidRequestException", f"QueryExecution {query_id} was not found"
            )
        return self.executions[query_id]

    def _raise_planned(self) -> None:
        if self.errors:
            raise self.errors.pop(0)

    def _execute(self, execution: Execution) -> Failure | None:
        request = execution.request
        if added := _ADD_COLUMNS.fullmatch(request["QueryString"]):
            return self._add_columns(added["columns"], request["QueryExecutionContext"])
        try:
            sql = substituted(request["QueryString"], request.get("ExecutionParameters", []))
            connection = duckdb.connect(":memory:")
            connection.execute("set TimeZone = 'UTC'")
            rows = [msgspec.structs.asdict(event) for event in self.events]
            stored = pa.Table.from_pylist(rows, _SCHEMA).drop_columns(sorted(self.lacking))
            connection.register("stored_events", stored)
            answer = connection.execute(_in_duckdb(sql, request["QueryExecutionContext"], self._place))
            execution.columns = [
                {"Name": str(name), "Type": _athena_type(str(kind))}
                for name, kind, *_ in answer.description or ()
            ]
            execution.rows = [[_text(value) for value in row] for row in answer.fetchall()]
            connection.close()
        except (ValueError, duckdb.Error, sqlglot.errors.SqlglotError) as error:
            return Failure(f"SYNTAX_ERROR: {error}")
        return None

    def _add_columns(self, columns: str, context: dict[str, str]) -> Failure | None:
        """Athena's DDL: plain names, Hive's types, the catalog from the context; no column twice."""
        if context != dict(zip(("Catalog", "Database"), self._place, strict=False)):
            return Failure("FAILED: SemanticException table not found")
        for name, kind in (column.split() for column in columns.split(", ")):
            wanted = next(column.type.value for column in COLUMNS if column.name == name)
            if name not in self.lacking or _HIVE.get(wanted) != kind:
                return Failure(f"FAILED: cannot add column {name} {kind}")
            self.lacking.discard(name)
        return None


class FakeS3Tables:
    """GetTableMetadataLocation of one table; the location follows the number of events."""

    def __init__(self, athena: FakeAthena) -> None:
        self._athena = athena
        self.calls = 0
        self.errors: list[ClientError] = []

    def get_table_metadata_location(
        self,
        *,
        tableBucketARN: str,  # noqa: N803
        namespace: str,
        name: str,
    ) -> dict[str, str]:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        if (tableBucketARN, namespace, name) != (BUCKET_ARN, NAMESPACE, TABLE):
            raise client_error("GetTableMetadataLocation", "NotFoundException", "no such table")
        location = f"s3://warehouse/metadata/{len(self._athena.events):05}.metadata.json"
        return {"versionToken": "t", "metadataLocation": location, "warehouseLocation": "s3://warehouse"}


def substituted(sql: str, parameters: list[str]) -> str:
    """The SQL with each `?` replaced by the literal at its position, as Athena does it."""
    pieces = sql.split("?")
    if len(pieces) != len(parameters) + 1:
        raise ValueError(
            f"Incorrect number of parameters: expected {len(pieces) - 1} but found {len(parameters)}"
        )
    for parameter in parameters:
        if not (_LITERAL.fullmatch(parameter) and len(parameter) <= 1024):
            raise ValueError(f"not a literal: {parameter}")
    return "".join(text for pair in zip(pieces, [*parameters, ""], strict=True) for text in pair)


def _in_duckdb(sql: str, context: dict[str, str], wanted: tuple[str, str, str]) -> str:
    tree = sqlglot.parse_one(sql, read="athena")
    common = {table.alias for table in tree.find_all(exp.CTE)}
    for table in tree.find_all(exp.Table):
        if table.name in common and not table.db:
            continue
        place = (table.catalog or context["Catalog"], table.db or context["Database"], table.name)
        if place != wanted:
            raise ValueError(f"TABLE_NOT_FOUND: {place}")
        table.set("this", exp.to_identifier("stored_events"))
        table.set("db", None)
        table.set("catalog", None)
    return tree.sql(dialect="duckdb")


def _athena_type(kind: str) -> str:
    if kind.startswith("MAP"):
        return "map"
    if kind.startswith("DECIMAL"):
        return "decimal"
    return {
        "TIMESTAMP WITH TIME ZONE": "timestamp with time zone",
        "BIGINT": "bigint",
        "HUGEINT": "bigint",
        "INTEGER": "integer",
        "DOUBLE": "double",
        "BOOLEAN": "boolean",
        "DATE": "date",
        "JSON": "varchar",
    }.get(kind, "varchar")


def _text(value: object) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC")
        case date():
            return value.isoformat()
        case dict():
            return "{" + ", ".join(f"{_text(key)}={_text(count)}" for key, count in value.items()) + "}"
        case _:
            return str(value)


def _cell(text: str | None) -> dict[str, str]:
    return {} if text is None else {"VarCharValue": text}
