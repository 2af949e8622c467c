"""The real core of the inventory behind a real gRPC door, on the real PostgreSQL."""

import gzip
import json
import os
import uuid
from contextlib import contextmanager
from datetime import timedelta

import grpc
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import MessageToDict

from inventory import store
from inventory.consumers import SUBSCRIPTIONS
from inventory.domain import LeaseTerms
from inventory.grpc_api import Api
from kit import grpc_server
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.consumer import handle_batch
from kit.database import engine_for, migrate, sessions_for
from kit.envelope import Unpacked
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from kit.tokens import KeyRing, private_key, sign_token
from seating.generate import stadium
from suite.testing import free_port
from ticketing.catalog.v1.catalog_pb2 import Performance
from ticketing.catalog.v1.events_pb2 import PerformanceScheduled
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1 import inventory_service_pb2_grpc as rpc

SEED = os.urandom(32)
SMALL = stadium(120)
TERMS = LeaseTerms(timedelta(hours=12), timedelta(minutes=5))


def new():
    return str(uuid.uuid4())


def scheduled(performance_id, total, revision=1, state=2, **times):
    starts_at = times.get("starts_at", now() + timedelta(hours=2))
    performance = Performance(
        id=performance_id, capacity=total, revision=revision, state=state, starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
    )  # fmt: skip
    return PerformanceScheduled(performance=performance)


@pytest.fixture(scope="module")
def database_url(database):
    url = database("inventory")
    migrate(url.owner_url, "inventory.migrations")
    return url


@pytest.fixture(scope="module")
def sessions(database_url):
    engine = engine_for(database_url)
    yield sessions_for(engine)
    engine.dispose()


@contextmanager
def serving(sessions):
    """The core behind its door; gives its target."""
    keys = KeyRing(lambda: {"k1": Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw()})
    address = f"127.0.0.1:{free_port()}"
    name = pb.DESCRIPTOR.services_by_name["InventoryService"].full_name
    server, _ = grpc_server.server(
        "inventory", address, keys, [(rpc.add_InventoryServiceServicer_to_server, Api(sessions, TERMS), name)]
    )
    yield f"grpc://{address}"
    server.stop(0)


@pytest.fixture(scope="module")
def target(sessions):
    with serving(sessions) as address:
        yield address


@pytest.fixture(scope="module")
def other_target(database_url):
    """A second core on the same database, which knows nothing of what the first one remembers."""
    engine = engine_for(database_url)
    with serving(sessions_for(engine)) as address:
        yield address
    engine.dispose()


@pytest.fixture(scope="module")
def stub_with(target):
    """A stub for a person with these rights."""

    def make(*rights, target=target):
        caller = Caller(str(uuid.uuid4()), CallerKind.USER, "Anna", frozenset(rights), now() + timedelta(hours=1))
        token = sign_token(private_key(SEED), "k1", caller, now())
        return rpc.InventoryServiceStub(channel(target, token=lambda: token, timeout_seconds=60))

    return make


@pytest.fixture(scope="module")
def stub(stub_with):
    return stub_with("orders.sell", "inventory.view", "inventory.manage")


@pytest.fixture(scope="module")
def till_stub(target):
    """A stub for a till."""

    def make(till_id):
        rights = frozenset({"inventory.lease", "cashdesk.append", "catalog.view"})
        caller = Caller(till_id, CallerKind.TILL, till_id, rights, now() + timedelta(hours=1))
        token = sign_token(private_key(SEED), "k1", caller, now())
        return rpc.InventoryServiceStub(channel(target, token=lambda: token, timeout_seconds=60))

    return make


@pytest.fixture
def tell(sessions):
    """Deliver events as the bus does: claimed, handled, committed together."""
    by_type = {sub.message_type: sub for sub in SUBSCRIPTIONS}

    def deliver(*messages, event_ids=None):
        sub = by_type[type(messages[0])]
        ids = event_ids or [str(uuid.uuid4()) for _ in messages]
        told = [Unpacked(i, "", None, MessageToDict(m)) for i, m in zip(ids, messages, strict=True)]
        handle_batch(sessions, sub, told)
        return ids

    return deliver


@pytest.fixture(scope="session")
def refused():
    """Call and give back the refusal."""

    def call(method, request):
        with pytest.raises(grpc.RpcError) as caught:
            method(request)
        return from_rpc_error(caught.value)

    return call


@pytest.fixture
def room(tell):
    """Opens a performance of so many places."""

    def make(total):
        performance_id = new()
        tell(scheduled(performance_id, total))
        return performance_id

    return make


@pytest.fixture
def places(stub):
    """(sold, held, leased, free) of a performance."""

    def read(performance_id):
        (found,) = stub.GetAvailability(pb.GetAvailabilityRequest(performance_ids=[performance_id])).availabilities
        return found.sold, found.held, found.leased, found.free

    return read


@pytest.fixture(scope="module")
def plan_of(sessions):
    """The version id of a plan that the catalogue has told."""
    ids = {}

    def make(plan):
        if plan.name not in ids:
            ids[plan.name] = new()
            content = gzip.compress(json.dumps(plan.to_json()).encode())
            with sessions.begin() as session:
                store.add_plan(session, ids[plan.name], plan.fingerprint(), content, len(plan.ordinals))
        return ids[plan.name]

    return make


@pytest.fixture
def house(tell, plan_of):
    """Opens a numbered performance."""

    def make(plan=SMALL):
        event = scheduled(new(), len(plan.ordinals))
        event.performance.plan_version_id = plan_of(plan)
        tell(event)
        return event.performance.id

    return make


@pytest.fixture(scope="module")
def other(stub_with, other_target):
    return stub_with("orders.sell", "inventory.view", "inventory.manage", target=other_target)
