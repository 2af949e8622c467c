"""The demo's way in: the same RPCs that every client uses, with the token of a person who signed in."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import grpc

from kit.errors import DomainError, Kind
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from suite.demo.people import Person
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub
from ticketing.catalog.v1.catalog_service_pb2_grpc import CatalogServiceStub
from ticketing.inventory.v1.inventory_service_pb2_grpc import InventoryServiceStub

NAMESPACE = uuid.UUID("6f1d3b0e-4a53-5b8e-9f6a-0d6f6d1c7a11")


@dataclass(frozen=True)
class Centre:
    """Stubs of the services that the demo fills."""

    accounts: AccountsServiceStub
    catalog: CatalogServiceStub
    inventory: InventoryServiceStub


def signed_in(targets: Mapping[str, str], person: Person) -> Centre:
    """The services as this person sees them. Raises DomainError when the sign-in is refused."""
    request = accounts_pb.SignInRequest(login=person.login, password=person.password)
    token = call(AccountsServiceStub(channel(targets["accounts"])).SignIn, request).token

    def as_person(service: str) -> grpc.Channel:
        return channel(targets[service], token=lambda: token, timeout_seconds=60)

    return Centre(
        AccountsServiceStub(as_person("accounts")),
        CatalogServiceStub(as_person("catalog")),
        InventoryServiceStub(as_person("inventory")),
    )


def call(method: Any, request: Any) -> Any:
    """Make one call; raises our error with its reason when it is refused."""
    try:
        return method(request)
    except grpc.RpcError as error:
        raise from_rpc_error(error) from error


def once(method: Any, request: Any, *done_reasons: str) -> Any:
    """Make a call that may have been made by an earlier load: these refusals mean that it is done. None then."""
    try:
        return call(method, request)
    except DomainError as error:
        if error.reason in done_reasons and error.kind is not Kind.UNAVAILABLE:
            return None
        raise


def id_of(*names: object) -> str:
    """The same names give the same id in every load."""
    return str(uuid.uuid5(NAMESPACE, "/".join(str(name) for name in names)))
