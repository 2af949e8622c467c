"""The real core of the catalogue behind a real gRPC door, on the real PostgreSQL."""

import os
import uuid
from datetime import timedelta

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import setups
from catalog.grpc_api import Api
from catalog.usecases import Signer
from kit import grpc_server
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.database import engine_for, migrate, sessions_for
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from kit.tokens import KeyRing, private_key, sign_token
from suite.testing import free_port
from ticketing.catalog.v1 import catalog_service_pb2 as pb
from ticketing.catalog.v1 import catalog_service_pb2_grpc as rpc

SEED, SETUP_KEY = os.urandom(32), os.urandom(32)
ROOT = Ed25519PrivateKey.generate()


class FakeAccounts:
    """The root key's owner."""

    def certify_setup_key(self, public_key):
        return setups.certify(public_key, ROOT)


@pytest.fixture(scope="module")
def database_url(database):
    url = database("catalog")
    migrate(url.owner_url, "catalog.migrations")
    return url


@pytest.fixture(scope="module")
def sessions(database_url):
    engine = engine_for(database_url)
    yield sessions_for(engine)
    engine.dispose()


@pytest.fixture(scope="module")
def target(sessions):
    keys = KeyRing(lambda: {"k1": Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()})
    address = f"127.0.0.1:{free_port()}"
    name = pb.DESCRIPTOR.services_by_name["CatalogService"].full_name
    server, _ = grpc_server.server(
        "catalog",
        address,
        keys,
        [(rpc.add_CatalogServiceServicer_to_server, Api(sessions, Signer(FakeAccounts(), SETUP_KEY)), name)],
    )
    yield f"grpc://{address}"
    server.stop(0)


@pytest.fixture(scope="module")
def stub_with(target):
    """A stub for a person with these rights."""

    def make(*rights):
        caller = Caller(str(uuid.uuid4()), CallerKind.USER, "Anna", frozenset(rights), now() + timedelta(hours=1))
        token = sign_token(private_key(SEED), "k1", caller, now())
        return rpc.CatalogServiceStub(channel(target, token=lambda: token, timeout_seconds=60))

    return make


@pytest.fixture(scope="session")
def root_public_key():
    return ROOT.public_key().public_bytes_raw()


@pytest.fixture(scope="module")
def till_stub(target):
    """A stub for the till of this id at this point of sale."""

    def make(till_id, number, point_of_sale_id):
        facts = {"point_of_sale_id": point_of_sale_id, "till_number": number}
        rights = frozenset({"catalog.view"})
        caller = Caller(till_id, CallerKind.TILL, number, rights, now() + timedelta(hours=1), facts)
        token = sign_token(private_key(SEED), "k1", caller, now())
        return rpc.CatalogServiceStub(channel(target, token=lambda: token, timeout_seconds=60))

    return make


@pytest.fixture(scope="module")
def stub(stub_with):
    return stub_with("catalog.programme", "catalog.view")


@pytest.fixture(scope="session")
def refused():
    """Call and give back the refusal."""

    def call(method, request):
        with pytest.raises(grpc.RpcError) as caught:
            method(request)
        return from_rpc_error(caught.value)

    return call
