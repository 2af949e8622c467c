"""Whom the audit asks."""

import os
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass

from kit.config import require
from kit.grpc_client import channel, service_tokens
from suite.machine import SERVICES, Machine
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub
from ticketing.cashdesk.v1.cashdesk_service_pb2_grpc import CashdeskServiceStub
from ticketing.inventory.v1.inventory_service_pb2_grpc import InventoryServiceStub
from ticketing.orders.v1.orders_service_pb2_grpc import OrdersServiceStub
from ticketing.reporting.v1.reporting_service_pb2_grpc import ReportingServiceStub

TIMEOUT_SECONDS = 60.0


@dataclass(frozen=True)
class Services:
    """Stubs with an auditor's token, and where each core shows its metrics."""

    accounts: AccountsServiceStub
    cashdesk: CashdeskServiceStub
    inventory: InventoryServiceStub
    orders: OrdersServiceStub
    reporting: ReportingServiceStub
    operations: Mapping[str, str]  # service -> http://host:port

    def outbox_depth(self, service: str) -> int:
        """How many events wait in this service's outbox. Raises OSError when the core does not answer."""
        with urllib.request.urlopen(f"{self.operations[service]}/metrics", timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("outbox_unpublished "):
                    return int(float(line.split()[1]))
        raise OSError(f"{service} shows no outbox_unpublished")


def services_of(machine: Machine) -> Services:
    """The services of the suite on this machine."""
    targets = {service: machine.target(service) for service in SERVICES}
    operations = {service: machine.url(f"{service} operations") for service in SERVICES}
    return connect(targets, operations, machine.secrets["service_secret"])


def services_from(env: Mapping[str, str] = os.environ) -> Services:
    """The services of a cluster: `AUDIT_<SERVICE>_TARGET`, `AUDIT_<SERVICE>_OPERATIONS`, `AUDIT_SERVICE_SECRET`.

    Raises ConfigError naming a missing variable.
    """
    targets = {service: require(env, f"AUDIT_{service.upper()}_TARGET") for service in SERVICES}
    operations = {service: require(env, f"AUDIT_{service.upper()}_OPERATIONS") for service in SERVICES}
    return connect(targets, operations, require(env, "AUDIT_SERVICE_SECRET"))


def connect(targets: Mapping[str, str], operations: Mapping[str, str], secret: str) -> Services:
    """Stubs that identify themselves as the auditor."""
    token = service_tokens(secret, "audit")
    channels = {name: channel(target, token=token, timeout_seconds=TIMEOUT_SECONDS) for name, target in targets.items()}
    return Services(
        AccountsServiceStub(channels["accounts"]),
        CashdeskServiceStub(channels["cashdesk"]),
        InventoryServiceStub(channels["inventory"]),
        OrdersServiceStub(channels["orders"]),
        ReportingServiceStub(channels["reporting"]),
        operations,
    )
