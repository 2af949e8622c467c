"""A migrated database, the real servers, and a real gRPC server of accounts."""

import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import grpc
import pytest

import ledger
import titles
from accounts import config
from accounts.grpc_api import PUBLIC_METHODS, AccountsApi
from accounts.main import SERVICE, means_of
from accounts.usecases.means import Means
from kit.auth import Caller, CallerKind
from kit.clock import iso_ms, now
from kit.config import CoreConfig
from kit.database import engine_for, migrate, sessions_for
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from kit.grpc_server import server
from kit.tokens import KeyRing, service_token
from suite.testing import free_port
from ticketing.accounts.v1 import accounts_service_pb2 as pb
from ticketing.accounts.v1 import accounts_service_pb2_grpc as rpc

SERVICE_SECRET = "s" * 40


@pytest.fixture(scope="module")
def sessions(database):
    url = database("accounts")
    migrate(url.owner_url, "accounts.migrations")
    engine = engine_for(str(url))
    yield sessions_for(engine)
    engine.dispose()


def settings(redis_url: str) -> config.Config:
    core = CoreConfig("", "", "", redis_url, SERVICE_SECRET, {}, "127.0.0.1", 0, 0, 8)
    return config.Config(core, secrets.token_bytes(32), secrets.token_bytes(32))


@pytest.fixture(scope="module")
def means(sessions, redis_url) -> Means:
    return means_of(settings(redis_url), sessions)


@dataclass(frozen=True)
class Door:
    """A real server, and clients of it by who calls."""

    target: str
    means: Means

    def stub(self, token: str | Callable[[], str] | None = None) -> "Calls":
        give = token if callable(token) or token is None else (lambda: token)
        return Calls(rpc.AccountsServiceStub(channel(self.target, token=give)))

    def user(self, *rights: str) -> "Calls":
        """Somebody with these rights, by a token of the service's own key."""
        facts = {"credentials": "1"}
        caller = Caller(
            str(uuid.uuid4()), CallerKind.USER, "Test", frozenset(rights), now() + timedelta(minutes=5), facts
        )
        return self.stub(self.means.token_keys.sign(caller, now()))

    @property
    def administrator(self) -> "Calls":
        return self.user("accounts.manage_users", "accounts.enrol_tills")

    @property
    def service(self) -> "Calls":
        return self.stub(service_token(SERVICE_SECRET, "orders", now()))

    @property
    def anybody(self) -> "Calls":
        return self.stub()


class Calls:
    """A stub whose failures are our own errors."""

    def __init__(self, stub: rpc.AccountsServiceStub) -> None:
        self._stub = stub

    def __getattr__(self, method: str):
        call = getattr(self._stub, method)

        def ask(request, **options):
            try:
                return call(request, timeout=20, **options)
            except grpc.RpcError as error:
                raise from_rpc_error(error) from error

        return ask


@pytest.fixture(scope="module")
def door(means) -> Iterator[Door]:
    port = free_port()
    keys = KeyRing(lambda: means.token_keys.public_keys(now()), SERVICE_SECRET)
    running, _ = server(
        "accounts", f"127.0.0.1:{port}", keys,
        [(rpc.add_AccountsServiceServicer_to_server, AccountsApi(means), SERVICE)],
        public_methods=PUBLIC_METHODS, threads=8,
    )  # fmt: skip
    yield Door(f"grpc://127.0.0.1:{port}", means)
    running.stop(1).wait()


@pytest.fixture(autouse=True)
def _fresh_limits(request) -> None:
    """Each test has all its attempts."""
    if "redis_url" in request.fixturenames:
        import redis

        redis.Redis.from_url(request.getfixturevalue("redis_url")).flushdb()


class Machine:
    """A till's machine: it makes its keys itself."""

    def __init__(self) -> None:
        self.journal_key, self.ticket_key = ledger.generate_key(), titles.generate_key()

    def enrolment(self, code: str) -> pb.EnrolTillRequest:
        return pb.EnrolTillRequest(
            enrolment_code=code, journal_public_key=ledger.public_bytes(self.journal_key),
            ticket_public_key=titles.public_bytes(self.ticket_key), mac_address="02:00:00:00:00:01",
            hostname="caisse-1", software_version="0.1.0",
        )  # fmt: skip

    def proof(self, till_id: str, at: datetime) -> pb.IssueTillTokenRequest:
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)
        words = f"ticketing till token v1\n{till_id}\n{iso_ms(at)}".encode()
        request = pb.IssueTillTokenRequest(till_id=till_id, software_version="0.1.1")
        request.at.FromDatetime(at)
        request.signature = ledger.sign(self.journal_key, words)
        return request


@pytest.fixture
def new_machine() -> type[Machine]:
    return Machine


@pytest.fixture
def machine(new_machine) -> Machine:
    return new_machine()
