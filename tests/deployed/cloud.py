"""AWS with the declared resources in it: accounts, roles, and what services do by themselves.

Everything is found by looking at what was declared: this module knows types, and no name of any resource.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import boto3
from moto import mock_aws

from tests.deployed.iam import Request, allowed, granted
from tests.deployed.needs import requests_of
from tests.deployed.programs import Program
from tests.deployed.provider import make
from tests.deployed.wire import HARNESS, Wire, tapped
from tests.fakes.athena import FakeAthena
from tests.pulumi.engine import Resource

ROLE, ROLE_POLICY = "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy"
MANAGED_POLICY, ATTACHMENT = "aws:iam/policy:Policy", "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
QUEUE_POLICY, BUCKET_POLICY = "aws:sqs/queuePolicy:QueuePolicy", "aws:s3/bucketPolicy:BucketPolicy"
OVER_TLS: Final = {"aws:SecureTransport": ["true"]}


@dataclass
class Cloud:
    """Programs as deployed. `people` are further roles, by ARN, with the ARNs of their policies."""

    programs: Sequence[Program]
    wire: Wire
    people: dict[str, list[str]] = field(default_factory=dict)
    further: list[tuple[str, Request]] = field(default_factory=list)
    """What AWS's services asked for as roles, beside the calls on the wire."""

    def resources(self, type_: str) -> list[Resource]:
        """Resources of a type, of all programs."""
        return [one for program in self.programs for one in program.deployed.of(type_)]

    def with_arn(self, type_: str, arn: str) -> Resource:
        """The resource of a type that has an ARN."""
        [found] = [one for one in self.resources(type_) if one.outputs.get("arn") == arn]
        return found

    def session(self, account: str, region: str) -> boto3.Session:
        """A session of the harness itself in an account: what it does is not recorded."""
        return _session(boto3.Session(), f"arn:aws:iam::{account}:{HARNESS}", region)

    def assume(self, role_arn: str, region: str, request: Request) -> boto3.Session:
        """A session of a declared role, for a principal that its trust must accept."""
        role = self.with_arn(ROLE, role_arn)
        assert granted(role.inputs["assumeRolePolicy"], request), (
            f"{role_arn} does not trust {request.principal}"
        )
        return _session(boto3.Session(), role_arn, region)

    def service_session(self, role_arn: str, service: str, region: str) -> boto3.Session:
        """A session of a declared role for an AWS service of the role's account."""
        account = role_arn.split(":")[4]
        context = {"aws:SourceAccount": [account]}
        return self.assume(
            role_arn,
            region,
            Request(action="sts:AssumeRole", resource=role_arn, principal=service, context=context),
        )

    def person(self, account: str, region: str, *policies: str) -> boto3.Session:
        """A session of a person with managed policies, whose role the program does not declare."""
        arn = f"arn:aws:iam::{account}:role/person-{len(self.people)}"
        self.people[arn] = list(policies)
        return _session(boto3.Session(), arn, region)

    def policies_of(self, role_arn: str) -> list[str]:
        """Documents of what a role may do, inline and attached."""
        if role_arn in self.people:
            return [self.with_arn(MANAGED_POLICY, arn).inputs["policy"] for arn in self.people[role_arn]]
        account, name = role_arn.split(":")[4], role_arn.rpartition("/")[2]
        inline, attached = self._own(account, ROLE_POLICY), self._own(account, ATTACHMENT)
        return [
            *(one.inputs["policy"] for one in inline if one.inputs["role"] == name),
            *(
                self.with_arn(MANAGED_POLICY, one.inputs["policyArn"]).inputs["policy"]
                for one in attached
                if one.inputs["role"] == name
            ),
        ]

    def _own(self, account: str, type_: str) -> list[Resource]:
        programs = [program for program in self.programs if program.account == account]
        return [one for program in programs for one in program.deployed.of(type_)]

    def asked(self) -> Iterator[tuple[str, Request]]:
        """Everything that roles asked for, by role."""
        yield from self.further
        for call in self.wire.calls:
            for request in requests_of(call, self.wire.workgroup_of):
                yield call.principal, request

    def ask(self, role_arn: str, request: Request) -> None:
        """Note what a service asks for as a role."""
        self.further.append((role_arn, request))

    def may(self, role_arn: str, request: Request) -> bool:
        """Whether a role's policies allow a request."""
        return allowed(self.policies_of(role_arn), request)

    def queue_takes(self, queue_url: str, request: Request) -> bool:
        """Whether a queue's own policy lets a service send to it."""
        [policy] = [one for one in self.resources(QUEUE_POLICY) if one.inputs["queueUrl"] == queue_url]
        return granted(policy.inputs["policy"], request)

    def bucket_takes(self, bucket: str, request: Request) -> bool:
        """Whether a bucket's own policy lets a service write to it."""
        [policy] = [one for one in self.resources(BUCKET_POLICY) if one.inputs["bucket"] == bucket]
        return granted(policy.inputs["policy"], request)


def _session(base: boto3.Session, role_arn: str, region: str) -> boto3.Session:
    sts = base.client("sts", region_name=region)
    keys = sts.assume_role(RoleArn=role_arn, RoleSessionName="deployed")["Credentials"]
    return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region)


@contextmanager
def cloud_of(programs: Sequence[Program], athena: FakeAthena) -> Iterator[Cloud]:
    """AWS with what the programs declare."""
    wire = Wire(athena=athena)
    with mock_aws(), tapped(wire):
        cloud = Cloud(programs=programs, wire=wire)
        for program in programs:
            make(program.deployed, cloud.session(program.account, program.region))
        yield cloud
