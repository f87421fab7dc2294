"""The exceptions of this project.

BedrockAnalyticsError
 ├─ ConfigurationError      a setting, option or file is wrong; the message names it and the fix
 ├─ LogObjectError          a log object cannot be read as a whole (the message returns to its queue)
 ├─ DeliveryError           events were not accepted by the event sink after all retries
 ├─ LakeError               the event lake did not answer a query
 │   ├─ LakeUnavailable     for the moment (throttled, timed out, unreachable): try again later
 │   ├─ QueryRefused        a person's query is not one read-only SELECT
 │   └─ TicketGone          the answer to a question is no longer kept: ask again
 ├─ TableError              the item table did not do what was asked
 │   ├─ TableUnavailable    for the moment
 │   └─ ConditionFailed     a conditional write found another state
 ├─ LeaseHeld               another writer holds the lease
 ├─ PageError               a stored usage page cannot be decoded
 ├─ UnsupportedCombination  the usage pages do not hold the asked dimension under the asked filter
 ├─ ComputationError        the usage of a period cannot be computed from what the lake answered
 ├─ PriceListError          a price list is broken, truncated, empty or absurd
 ├─ PriceRefused            a change of prices by hand is not possible as asked
 ├─ MetricsUnavailable      CloudWatch or another service that is only looked at does not answer
 ├─ CredentialsExpired      the AWS credentials have expired; the message names the command that renews them
 ├─ NotAllowed              the person who asks may not do that
 └─ DataDirectoryError      the embedded data directory is unusable
     └─ DataDirectoryBusy   another process writes it
"""

from __future__ import annotations


class BedrockAnalyticsError(Exception):
    """Root of every error this project raises on purpose."""


class ConfigurationError(BedrockAnalyticsError):
    """A setting, option or file is wrong; the message names it and the fix."""


class LogObjectError(BedrockAnalyticsError):
    """A log object cannot be read as a whole."""


class DeliveryError(BedrockAnalyticsError):
    """Events were not accepted by the event sink after all retries."""


class LakeError(BedrockAnalyticsError):
    """The event lake did not answer a query."""


class LakeUnavailable(LakeError):
    """The event lake cannot answer for the moment; the same query may succeed later."""


class QueryRefused(LakeError):
    """A person's query is not one read-only SELECT."""


class TicketGone(LakeError):
    """The answer to a question to the lake is no longer kept; asking again helps."""


class TableError(BedrockAnalyticsError):
    """The item table did not do what was asked."""


class TableUnavailable(TableError):
    """The item table cannot answer for the moment."""


class ConditionFailed(TableError):
    """A conditional write found another state than it expected."""


class LeaseHeld(BedrockAnalyticsError):
    """Another writer holds the lease."""


class PageError(BedrockAnalyticsError):
    """A stored usage page cannot be decoded."""


class UnsupportedCombination(BedrockAnalyticsError):
    """The usage pages do not hold the asked dimension under the asked filter; the message says which do."""


class PriceListError(BedrockAnalyticsError):
    """A price list is broken, truncated, empty or absurd."""


class PriceRefused(BedrockAnalyticsError):
    """A change of prices by hand is not possible as asked; the message says why, for people."""


class MetricsUnavailable(BedrockAnalyticsError):
    """A service that is only looked at (CloudWatch, SQS, Cost Explorer) does not answer."""


class CredentialsExpired(BedrockAnalyticsError):
    """The AWS credentials have expired; the message names the command that renews them."""


class NotAllowed(BedrockAnalyticsError):
    """The person who asks may not do that; the message says who may."""


class DataDirectoryError(BedrockAnalyticsError):
    """The embedded data directory is unusable."""


class DataDirectoryBusy(DataDirectoryError):
    """Another process writes the data directory."""


class ComputationError(BedrockAnalyticsError):
    """The usage of a period cannot be computed from what the lake answered."""
