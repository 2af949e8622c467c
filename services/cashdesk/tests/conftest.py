"""A cashdesk core on real servers, and tills that keep journals of their own."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import grpc
import pytest

import ledger
from cashdesk import store
from cashdesk.grpc_api import Api
from cashdesk.seal import Seals
from kit import grpc_server
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.database import engine_for, migrate, sessions_for
from kit.grpc_client import channel, service_tokens
from kit.tokens import KeyRing, private_key, sign_token
from suite.testing import Database, free_port
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as rpc

SECRET = "between the services of a test, 32 characters and more"
SEAL_KEY = bytes(range(32))
ROOT = ledger.load_centre_key(bytes(range(2, 34)))  # of accounts
TOKEN_SEED = bytes(range(1, 33))
DAY = "2026-11-23"


def new_id() -> str:
    return str(uuid.uuid4())


def line(number: int = 1, *, quantity: int = 2, unit_price: int = 1200, rate_bp: int = 550) -> ledger.Line:
    net, vat = ledger.split_vat(quantity * unit_price, rate_bp)
    return ledger.Line(
        line=number, kind=ledger.LineKind.ADMISSION, performance_id=new_id(), show_id=new_id(), category_id=new_id(),
        tariff_id=new_id(), product_id=None, option=None, label="Plein tarif", quantity=quantity,
        unit_price=unit_price, total=quantity * unit_price, vat_rate_bp=rate_bp, vat=vat, net=net, lease_id=None,
        hold_id=None,
    )  # fmt: skip


def sale(*lines: ledger.Line, **changes: Any) -> ledger.Sale:
    """A sale that adds up, paid in cash at a till unless said otherwise."""
    lines = lines or (line(),)
    total = sum(one.total for one in lines)
    mode = ledger.Mode(changes.pop("mode", "cash" if total else "free"))
    made = ledger.Sale(
        order_id=new_id(), order_number=f"T01-{uuid.uuid4().int % 10**6:06d}", channel="till", cashier_id=new_id(),
        shift_id=new_id(), cash_float_id=None, business_on=DAY, currency="EUR", catalog_version=1, lines=lines,
        tickets=(), payments=(ledger.Payment(mode, total, total, 0, None),), total=total,
        vat=ledger.vat_totals(lines),
    )  # fmt: skip
    return replace(made, **changes)


def tickets_of(*lines: ledger.Line) -> tuple[ledger.Ticket, ...]:
    """A ticket for each place, with numbers that no other sale has."""
    key = uuid.uuid4().int % 2**32 or 1
    places = [line.line for line in lines for _ in range(line.quantity)]
    return tuple(ledger.Ticket(at, key, serial, f"T{key}S{serial}") for serial, at in enumerate(places, 1))


def refund(
    till_id: str, sequence: int, sold: ledger.Sale, quantity: int = 1, before: int = 0, **changes: Any
) -> ledger.Refund:
    """The refund of so many of a sale's first line, of which some were refunded before, by its first mode."""
    first = ledger.reverse(sold.lines[0], before, quantity)
    dead = tuple(ledger.DeadTicket(t.line, t.key_id, t.serial) for t in sold.tickets[before : before + quantity])
    made = ledger.Refund(
        refund_id=new_id(), refund_number=f"T01-{uuid.uuid4().int % 10**6:06d}",
        original=ledger.Original(sold.order_id, sold.order_number, till_id, sequence), channel="till",
        cashier_id=new_id(), shift_id=new_id(), cash_float_id=None, authorised_by=None, business_on=DAY,
        currency=sold.currency, reason=ledger.RefundReason.CUSTOMER_REQUEST, note=None, lines=(first,), tickets=dead,
        payments=(ledger.MoneyBack(sold.payments[0].mode, first.total, None),), total=first.total,
        vat=ledger.vat_totals([first]),
    )  # fmt: skip
    return replace(made, **changes)


class TillJournal:
    """A till with its key, writing its chain."""

    def __init__(self) -> None:
        self.id, self.key = new_id(), ledger.generate_key()
        self.head = ledger.Head.start(self.id)

    def write(
        self, body: dict[str, Any] | ledger.Sale | ledger.Refund | None = None, kind: str = "technical", **changes: Any
    ) -> Any:
        """The next entry as a message; `changes` replace fields of the entry before it is sealed."""
        if isinstance(body, ledger.Sale):
            body, kind = body.to_body(), "sale"
        elif isinstance(body, ledger.Refund):
            body, kind = body.to_body(), "refund"
        fields = {
            "till_id": self.id, "sequence": self.head.sequence + 1, "at": now(), "monotonic_ms": 1,
            "kind": ledger.Kind(kind), "previous_hash": self.head.hash, "body": body or {},
        }  # fmt: skip
        entry = ledger.Entry(**{**fields, **changes})
        sealed = ledger.seal(entry, self.key)
        self.head = ledger.Head(self.id, entry.sequence, sealed.hash)
        return message(entry.sequence, sealed)

    def sales(self, count: int) -> list[Any]:
        return [self.write(sale()) for _ in range(count)]


def message(sequence: int, sealed: ledger.SealedEntry) -> pb.SealedEntry:
    return pb.SealedEntry(
        sequence=sequence, content=sealed.bytes, signature=sealed.signature, algorithm=sealed.algorithm,
        hash=sealed.hash,
    )  # fmt: skip


class Core:
    """A running core and whoever calls it."""

    def __init__(self, database: Database) -> None:
        migrate(database.owner_url, "cashdesk.migrations")
        self.engine, self.owner_url = engine_for(database), database.owner_url.replace("+psycopg", "")
        self.sessions = sessions_for(self.engine)
        self.seals = Seals(SEAL_KEY)
        self.target = f"127.0.0.1:{free_port()}"
        keys = KeyRing(lambda: {"test": self._signer_public()}, SECRET)
        name = pb.DESCRIPTOR.services_by_name["CashdeskService"].full_name
        api = Api(
            self.sessions, self.seals, "Europe/Paris",
            lambda public: (ledger.certify_centre_key(public, ROOT), ledger.centre_public_bytes(ROOT)),
        )  # fmt: skip
        servicer = (rpc.add_CashdeskServiceServicer_to_server, api, name)
        self.server, _ = grpc_server.server("cashdesk", self.target, keys, [servicer])

    def _signer_public(self) -> bytes:
        import base64

        return base64.urlsafe_b64decode(private_key(TOKEN_SEED).as_dict(private=False)["x"] + "=")

    def as_caller(self, kind: CallerKind, subject: str, *rights: str) -> rpc.CashdeskServiceStub:
        caller = Caller(subject, kind, subject, frozenset(rights), now() + timedelta(hours=1))
        token = sign_token(private_key(TOKEN_SEED), "test", caller, now())
        return rpc.CashdeskServiceStub(channel(self.target, token=lambda: token, timeout_seconds=30))

    def as_till(self, till: TillJournal) -> rpc.CashdeskServiceStub:
        return self.as_caller(CallerKind.TILL, till.id, "cashdesk.append")

    def as_user(self, *rights: str) -> rpc.CashdeskServiceStub:
        return self.as_caller(CallerKind.USER, new_id(), *rights)

    def as_service(self) -> rpc.CashdeskServiceStub:
        return rpc.CashdeskServiceStub(channel(self.target, token=service_tokens(SECRET, "orders"), timeout_seconds=30))

    def enrol(self, number: str | None = None) -> TillJournal:
        till = TillJournal()
        with self.sessions.begin() as session:
            number = number or f"T{uuid.uuid4().int % 10**5}"
            store.enrol_till(session, till.id, number, "Guichet", ledger.public_bytes(till.key), now())
        return till

    def append(self, till: TillJournal, entries: list[Any], **fields: Any) -> pb.AppendEntriesResponse:
        return self.as_till(till).AppendEntries(pb.AppendEntriesRequest(till_id=till.id, entries=entries, **fields))

    def count(self, table: str, where: str = "true") -> int:
        with self.engine.connect() as connection:
            return connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE {where}").scalar_one()


@pytest.fixture(scope="module")
def core(database: Callable[[str], Database]) -> Iterator[Core]:
    running = Core(database("cashdesk"))
    yield running
    running.server.stop(1).wait()
    running.engine.dispose()


@pytest.fixture
def till(core: Core) -> TillJournal:
    return core.enrol()


def refusal(call: Callable[[], Any]) -> Any:
    """The DomainError that a call is refused with."""
    from kit.grpc_errors import from_rpc_error

    with pytest.raises(grpc.RpcError) as caught:
        call()
    return from_rpc_error(caught.value)
