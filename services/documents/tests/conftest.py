"""A migrated database and a real gRPC server of documents."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from documents.grpc_api import DocumentsApi
from documents.main import SERVICE
from documents.usecases import install_shipped
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.database import engine_for, migrate, sessions_for
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from kit.grpc_server import server
from kit.tokens import KeyRing, private_key, sign_token
from suite.testing import free_port
from ticketing.documents.v1 import documents_service_pb2_grpc as rpc

SEED = b"d" * 32


@pytest.fixture(scope="session")
def public_keys() -> dict[str, bytes]:
    return {"key": Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()}


@pytest.fixture(scope="session")
def token() -> Callable[..., str]:
    return token_with


def token_with(*rights: str) -> str:
    caller = Caller(str(uuid.uuid4()), CallerKind.USER, "Zoé", frozenset(rights), now() + timedelta(minutes=15))
    return sign_token(private_key(SEED), "key", caller, now())


@pytest.fixture(scope="module")
def sessions(database):
    url = database("documents")
    migrate(url.owner_url, "documents.migrations")
    engine = engine_for(str(url))
    made = sessions_for(engine)
    install_shipped(made, now())
    yield made
    engine.dispose()


@dataclass(frozen=True)
class Door:
    """A real server, and clients of it by what they may."""

    target: str

    def who_may(self, *rights: str) -> "Calls":
        bearer = token_with(*rights)
        return Calls(rpc.DocumentsServiceStub(channel(self.target, token=lambda: bearer)))

    @property
    def editor(self) -> "Calls":
        return self.who_may("documents.view", "documents.edit")

    @property
    def anybody(self) -> "Calls":
        return Calls(rpc.DocumentsServiceStub(channel(self.target)))


class Calls:
    """A stub whose failures are our own errors."""

    def __init__(self, stub: rpc.DocumentsServiceStub) -> None:
        self._stub = stub

    def __getattr__(self, method: str):
        call = getattr(self._stub, method)

        def ask(request):
            try:
                return call(request, timeout=30)
            except grpc.RpcError as error:
                raise from_rpc_error(error) from error

        return ask


@pytest.fixture(scope="module")
def door(sessions, public_keys) -> Iterator[Door]:
    port = free_port()
    running, _ = server(
        "documents", f"127.0.0.1:{port}", KeyRing(lambda: public_keys),
        [(rpc.add_DocumentsServiceServicer_to_server, DocumentsApi(sessions), SERVICE)], threads=8,
    )  # fmt: skip
    yield Door(f"grpc://127.0.0.1:{port}")
    running.stop(1).wait()
