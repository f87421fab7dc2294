"""The parts of a deployment on AWS, by their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Final

from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.deployment_options import AwsNames
from bedrock_analytics.storage.athena_desk import AthenaDesk
from bedrock_analytics.storage.athena_lake import AthenaLake, LakeTable
from bedrock_analytics.storage.athena_queries import AthenaQueries
from bedrock_analytics.storage.dynamodb_table import DynamoDBTable
from bedrock_analytics.storage.lake_migration import LakeMigration
from bedrock_analytics.storage.lake_schema import LakeColumns, SchemaTable
from bedrock_analytics.storage.price_table import PriceTable
from bedrock_analytics.storage.secret_parameter import secret_parameter
from bedrock_analytics.storage.usage_pages import Retention
from bedrock_analytics.storage.usage_table import UsageTable

if TYPE_CHECKING:
    from bedrock_analytics.domain.usage_event import Column
    from bedrock_analytics.reporting.deployment_signals import DeploymentSignals
    from bedrock_analytics.storage.item_table import ItemTable
    from bedrock_analytics.storage.lake import EventLake

DEFAULT_NAMESPACE: Final = "bedrock_analytics"


class AwsDeployment:
    """Reads a deployment on AWS with the caller's own credentials, or with those of a session."""

    def __init__(self, names: AwsNames, session: AwsSession | None = None) -> None:
        self._names = names
        self._session = session or AwsSession(names.profile, names.region)

    @property
    def title(self) -> str:
        """What to call it."""
        return f"{self._names.usage_table or self._names.price_table} on AWS"

    def usage_table(self) -> UsageTable:
        items = DynamoDBTable(self._client("dynamodb"), self._names.required("usage_table"))
        return UsageTable(items, self._retention)

    @property
    def _retention(self) -> Retention:
        """How long pages are kept, as the deployment says; where it does not, the usual times."""
        names, usual = self._names, Retention()
        return Retention(
            hourly_days=int(names.hourly_days) if names.hourly_days else usual.hourly_days,
            hours_days=int(names.hours_days) if names.hours_days else usual.hours_days,
            daily_days=int(names.daily_days) if names.daily_days else usual.daily_days,
        )

    @property
    def compute_interval(self) -> timedelta | None:
        """How often the functions compute; None where the deployment does not tell."""
        minutes = self._names.compute_minutes
        return timedelta(minutes=int(minutes)) if minutes else None

    @property
    def monthly_budget_usd(self) -> Decimal | None:
        """What all usage of a month may cost by the stack; None where it does not say."""
        budget = self._names.monthly_budget_usd
        return Decimal(budget) if budget else None

    def price_items(self) -> ItemTable:
        return DynamoDBTable(self._client("dynamodb"), self._names.required("price_table"))

    def price_table(self) -> PriceTable:
        return PriceTable(self.price_items())

    def session_secret(self, name: str | None, make: Callable[[], str]) -> str:
        """The dashboard's secret under an SSM parameter's name, or under this deployment's own."""
        own = name or f"/bedrock-analytics/{self._names.required('usage_table')}/session-secret"
        return secret_parameter(self._client("ssm"), own, make)

    def lake(self) -> EventLake:
        """The lake, queried in the workgroup for people."""
        queries, s3tables = self.queries(), self._client("s3tables")
        table, missing = self._lake_table, self._missing_columns()
        return AthenaLake(queries, s3tables, table, people=queries, missing=missing)

    def lake_desk(self) -> AthenaDesk | None:
        """None where only the tables are named."""
        if not self._has_lake:
            return None
        missing = self._missing_columns()
        return AthenaDesk(self.queries(), self._lake_table, self.lake().version, missing=missing)

    def signals(self) -> DeploymentSignals:
        from bedrock_analytics.cli.aws_signals import AwsSignals

        now = partial(datetime.now, UTC)
        version = self.lake().version if self._has_lake else None
        return AwsSignals(self._session, self._names, version, now).bundle(self.price_items())

    def queries(self) -> AthenaQueries:
        """Athena in the workgroup for people, with the lake as context."""
        table = self._lake_table
        return AthenaQueries(
            self._client("athena"),
            workgroup=self._names.required("workgroup"),
            catalog=table.catalog,
            database=table.namespace,
        )

    def migration(self) -> LakeMigration:
        """What brings the lake up to this version's columns."""
        return LakeMigration(self.queries(), self._schema, now=lambda: datetime.now(UTC))

    def _missing_columns(self) -> Callable[[], Sequence[Column]]:
        """What tells the lake's missing columns; where no usage table is named, it is taken to have all."""
        return LakeColumns(self._schema).missing if self._names.usage_table else tuple

    @property
    def _schema(self) -> SchemaTable:
        return SchemaTable(DynamoDBTable(self._client("dynamodb"), self._names.required("usage_table")))

    def close(self) -> None:
        """Nothing is held open."""

    @property
    def _has_lake(self) -> bool:
        return self._names.workgroup is not None and self._names.table_bucket is not None

    @cached_property
    def _lake_table(self) -> LakeTable:
        return LakeTable(
            bucket_arn=self._names.required("table_bucket"),
            namespace=self._names.namespace or DEFAULT_NAMESPACE,
        )

    def _client(self, service: str) -> Any:
        return self._session.client(service)
