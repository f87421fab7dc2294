"""CloudWatch, Cost Explorer and metadata of a deployment on AWS: the hub's own, and the spokes' by role."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from bedrock_analytics.cli.aws_session import AwsSession
from bedrock_analytics.cli.deployment_options import AwsNames
from bedrock_analytics.domain.errors import ConfigurationError
from bedrock_analytics.reporting.deployment_signals import DeploymentSignals
from bedrock_analytics.storage.aws_credentials import looking
from bedrock_analytics.storage.cloudwatch import FirstTokenTimes, MetricsPlace
from bedrock_analytics.storage.cost_explorer import BilledMonth
from bedrock_analytics.storage.lake_size import LakeSize, StoredLakeSize
from bedrock_analytics.storage.pipeline_metrics import MonitoredPlace, PipelineMetrics, PlaceReading
from bedrock_analytics.storage.scan_budget import ScanBudget
from components.naming import DEFAULT_PREFIX, DeploymentNames, FunctionName, HubNames, SpokeNames

if TYPE_CHECKING:
    from bedrock_analytics.reporting.pipeline_health import RunnerHealth
    from bedrock_analytics.storage.item_table import ItemTable

SESSION_NAME: Final = "bedrock-analytics-dashboard"
_ARN_PARTS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoke:
    """A spoke as its hub tells of it."""

    account: str
    region: str
    metrics_reader_role: str
    external_id: str

    @classmethod
    def parse(cls, text: str, name: str) -> Spoke:
        """From the JSON of a parameter; ConfigurationError where it is none."""
        try:
            row: Mapping[str, str] = json.loads(text)
            return cls(**{part: row[part] for part in cls.__slots__})
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigurationError(
                f"the parameter {name} is damaged: run `make up` for the hub again"
            ) from error


class AwsSignals:
    """`HealthProbes` of a deployment on AWS, and what else it is asked beside its tables."""

    def __init__(
        self,
        session: AwsSession,
        names: AwsNames,
        lake_version: Callable[[], str] | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._session = session
        self._names = names
        self._clock = clock
        self._metrics = PipelineMetrics(self._monitored, clock, profile=names.profile)
        self._lake_size = (
            None if lake_version is None else StoredLakeSize(lambda: session.client("s3"), lake_version)
        )

    def bundle(self, price_items: ItemTable) -> DeploymentSignals:
        """All of it; `price_items` is the table that the dashboard may write."""
        profile = self._names.profile
        return DeploymentSignals(
            probes=self,
            first_tokens=FirstTokenTimes(self._metrics_places, self._clock, profile=profile),
            billed=BilledMonth(lambda: self._session.client("ce"), price_items, self._clock, profile=profile),
            scan_budget=ScanBudget(price_items, self._clock),
        )

    def lake_size(self) -> LakeSize | None:
        return None if self._lake_size is None else self._lake_size()

    def places(self) -> tuple[PlaceReading, ...]:
        return self._metrics.read()

    def runner(self) -> RunnerHealth | None:
        return None

    @cached_property
    def _hub(self) -> HubNames:
        """The hub's names; account and Region stand in the ARN of its lake."""
        parts = (self._names.table_bucket or "").split(":")
        account, region = (
            (parts[4], parts[3])
            if len(parts) == _ARN_PARTS
            else (self._session.account, self._session.region)
        )
        return HubNames(account=account, region=region, prefix=self._names.prefix or DEFAULT_PREFIX)

    def _spokes(self) -> list[Spoke]:
        """The spokes that the hub knows; asked anew each time, because they come and go."""
        found: list[Spoke] = []
        with looking("Parameter Store", self._names.profile):
            pages = self._session.client("ssm").get_paginator("get_parameters_by_path")
            for page in pages.paginate(Path=self._hub.spokes_parameters):
                found += [Spoke.parse(one["Value"], one["Name"]) for one in page["Parameters"]]
        return found

    def _metrics_places(self) -> list[MetricsPlace]:
        hub = self._hub
        own = MetricsPlace(account_id=hub.account, region=hub.region, client=self._cloudwatch)
        return [own, *(self._metrics_place(spoke) for spoke in self._spokes())]

    def _metrics_place(self, spoke: Spoke) -> MetricsPlace:
        return MetricsPlace(
            account_id=spoke.account, region=spoke.region, client=lambda: self._cloudwatch_of(spoke)
        )

    def _monitored(self) -> list[MonitoredPlace]:
        hub = self._hub
        functions = {function.value: hub.function(function) for function in FunctionName}
        queues = {**_log_queues(hub), "runs that failed": hub.failed_runs}
        own = MonitoredPlace(
            account_id=hub.account,
            region=hub.region,
            queues=queues,
            functions=functions,
            stream=hub.stream,
            client=self._cloudwatch,
        )
        return [own, *(self._monitored_spoke(spoke) for spoke in self._spokes())]

    def _monitored_spoke(self, spoke: Spoke) -> MonitoredPlace:
        names = SpokeNames(account=spoke.account, region=spoke.region, prefix=self._hub.prefix)
        return MonitoredPlace(
            account_id=spoke.account,
            region=spoke.region,
            queues=_log_queues(names),
            functions={FunctionName.PARSE_LOG.value: names.function(FunctionName.PARSE_LOG)},
            stream=None,
            client=lambda: self._cloudwatch_of(spoke),
        )

    def _cloudwatch(self) -> Any:
        return self._session.client("cloudwatch")

    def _cloudwatch_of(self, spoke: Spoke) -> Any:
        """CloudWatch of a spoke, through its read-only role."""
        return self._session.client_as(
            spoke.metrics_reader_role,
            "cloudwatch",
            external_id=spoke.external_id,
            session_name=SESSION_NAME,
            region=spoke.region,
        )


def _log_queues(names: DeploymentNames) -> dict[str, str]:
    return {
        "log objects": names.log_queue,
        "log objects that could not be parsed": names.log_dead_letters,
        "events that were not queued": names.event_dead_letters,
    }
