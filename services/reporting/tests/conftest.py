"""A reporting core on real servers, told of sales as the other services tell them."""

import base64
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from kit import grpc_server
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.consumer import Event
from kit.database import engine_for, migrate, sessions_for
from kit.errors import DomainError
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from kit.tokens import KeyRing, private_key, sign_token
from reporting.consumers import SUBSCRIPTIONS
from reporting.grpc_api import Api
from suite.testing import Database, free_port
from ticketing.accounts.v1 import events_pb2 as accounts
from ticketing.cashdesk.v1 import events_pb2 as cashdesk
from ticketing.cashdesk.v1 import sale_pb2
from ticketing.catalog.v1 import catalog_pb2
from ticketing.catalog.v1 import events_pb2 as catalog
from ticketing.orders.v1 import events_pb2 as orders
from ticketing.reporting.v1 import reporting_service_pb2 as pb
from ticketing.reporting.v1 import reporting_service_pb2_grpc as rpc

SECRET = "between the services of a test, 32 characters and more"
TOKEN_SEED = bytes(range(1, 33))
DAY = "2026-11-23"
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
HANDLERS = {subscription.message_type: subscription.handle for subscription in SUBSCRIPTIONS}

_sequences = itertools.count(1)


def new_id() -> str:
    return str(uuid.uuid4())


def stamp(at: datetime) -> Timestamp:
    made = Timestamp()
    made.FromDatetime(at)
    return made


def vat_of(total: int, rate_bp: int) -> int:
    base = 10_000 + rate_bp
    return (2 * total * rate_bp + base) // (2 * base)


def line(
    label: str = "Plein tarif", quantity: int = 1, unit_price: int = 1200, rate_bp: int = 550, **more: Any
) -> sale_pb2.SaleLine:
    """An admission, or with a `product_id` an article."""
    total = quantity * unit_price
    vat = vat_of(total, rate_bp)
    kind = "product" if "product_id" in more else "admission"
    return sale_pb2.SaleLine(
        kind=kind, label=label, quantity=quantity, unit_price=unit_price, total=total, vat_rate_bp=rate_bp, vat=vat,
        net=total - vat, **more,
    )  # fmt: skip


def sale(
    *lines: sale_pb2.SaleLine,
    paid: Sequence[tuple[str, int]] = (),
    tickets: Iterable[tuple[int, int, int]] = (),
    at: datetime = NOON,
    till: str = "till-1",
    till_number: str = "T01",
    **more: Any,
) -> cashdesk.SaleRecorded:
    """A recorded sale; paid in cash unless said otherwise. `tickets` are (line, key, serial)."""  # fmt: skip
    lines = lines or (line(),)
    total = sum(one.total for one in lines)
    for number, one in enumerate(lines, 1):
        one.line = number
    sequence = next(_sequences)
    fields = {"order_id": new_id(), "order_number": f"{till_number}-{sequence:06d}", "channel": "till",
              "cashier_id": "claire", "business_on": DAY, "currency": "EUR"} | more  # fmt: skip
    made = sale_pb2.Sale(lines=lines, total=total, **fields)
    for mode, amount in paid or [("cash" if total else "free", total)]:
        made.payments.add(mode=mode, amount=amount, tendered=amount)
    for number, key_id, serial in tickets:
        made.tickets.add(line=number, key_id=key_id, serial=serial, token="T")
    return cashdesk.SaleRecorded(till_id=till, till_number=till_number, sequence=sequence, at=stamp(at), sale=made)


def refund(
    told: cashdesk.SaleRecorded,
    quantity: int = 1,
    mode: str = "cash",
    tickets: Iterable[tuple[int, int, int]] = (),
    at: datetime = NOON,
    **more: Any,
) -> cashdesk.RefundRecorded:
    """So many of the first line of a sale given back."""  # fmt: skip
    sequence = next(_sequences)
    back = sale_pb2.SaleLine()
    back.CopyFrom(told.sale.lines[0])
    back.quantity, back.total = -quantity, -quantity * back.unit_price
    back.vat = -vat_of(-back.total, back.vat_rate_bp)
    back.net = back.total - back.vat
    fields = {"refund_id": new_id(), "refund_number": f"{told.till_number}-{sequence:06d}", "channel": "till",
              "cashier_id": "claire", "business_on": DAY, "currency": "EUR"} | more  # fmt: skip
    made = sale_pb2.Refund(lines=[back], total=back.total, **fields)
    made.original.order_id, made.original.order_number = told.sale.order_id, told.sale.order_number
    made.payments.add(mode=mode, amount=back.total)
    for number, key_id, serial in tickets:
        made.tickets.add(line=number, key_id=key_id, serial=serial)
    return cashdesk.RefundRecorded(
        till_id=told.till_id, till_number=told.till_number, sequence=sequence, at=stamp(at), refund=made
    )


def completed(told: cashdesk.SaleRecorded, *tickets: tuple[int, int, int]) -> orders.OrderCompleted:
    issued = [orders.IssuedTicket(line=number, key_id=key_id, serial=serial) for number, key_id, serial in tickets]
    return orders.OrderCompleted(order_id=told.sale.order_id, tickets=issued)


def performance(id: str, show: str, title: str, starts_at: datetime, revision: int = 1) -> catalog.PerformanceScheduled:
    return catalog.PerformanceScheduled(
        performance=catalog_pb2.Performance(id=id, show_id=show, starts_at=stamp(starts_at), revision=revision),
        show_title=title, zone="Europe/Paris",
    )  # fmt: skip


def user(id: str, name: str) -> accounts.UserSaved:
    return accounts.UserSaved(user_id=id, name=name)


class Core:
    """A running core and whoever asks it."""

    def __init__(self, database: Database) -> None:
        migrate(database.owner_url, "reporting.migrations")
        self.engine = engine_for(database)
        self.sessions = sessions_for(self.engine)
        self.target = f"127.0.0.1:{free_port()}"
        public = base64.urlsafe_b64decode(f"{private_key(TOKEN_SEED).as_dict(private=False)['x']}=")
        name = pb.DESCRIPTOR.services_by_name["ReportingService"].full_name
        servicer = (rpc.add_ReportingServiceServicer_to_server, Api(self.sessions, "Europe/Paris"), name)
        keys = KeyRing(lambda: {"test": public}, SECRET)
        self.server, _ = grpc_server.server("reporting", self.target, keys, [servicer])
        self.manager = self.as_user("reporting.view")

    def token(self, *rights: str) -> str:
        caller = Caller(new_id(), CallerKind.USER, "Claire Moreau", frozenset(rights), now() + timedelta(hours=1))
        return sign_token(private_key(TOKEN_SEED), "test", caller, now())

    def as_user(self, *rights: str) -> rpc.ReportingServiceStub:
        token = self.token(*rights)
        return rpc.ReportingServiceStub(channel(self.target, token=lambda: token, timeout_seconds=30))

    def tell(self, *messages: Message, at: datetime = NOON) -> None:
        """Handle messages as batches, in order, each under an event id of its own."""
        for kind, batch in itertools.groupby(messages, type):
            events = [Event(uuid.uuid4(), "", message, at.isoformat()) for message in batch]
            with self.sessions.begin() as session:
                HANDLERS[kind](session, events)

    def empty(self) -> None:
        tables = "sales, sale_lines, payments, tickets, cash_floats, performances, shows, products, users, tills"
        tables += ", survey_counts, cash_movements, float_modes"
        with self.engine.begin() as connection:
            for table in ("sale_lines", "payments", *tables.split(", ")):
                connection.exec_driver_sql(f"DELETE FROM {table}")

    def statement(self, **chosen: str) -> pb.GetDayStatementResponse:
        return self.manager.GetDayStatement(pb.GetDayStatementRequest(filter=day(**chosen)))

    def transactions(self, page_size: int = 0, page_token: str = "", **chosen: str) -> pb.ListTransactionsResponse:
        return self.manager.ListTransactions(
            pb.ListTransactionsRequest(filter=day(**chosen), page_size=page_size, page_token=page_token)
        )

    def export(self, report: Any, form: Any, language: str = "", **chosen: str) -> pb.ExportReportResponse:
        return self.manager.ExportReport(
            pb.ExportReportRequest(report=report, format=form, filter=day(**chosen), language=language)
        )


def day(**chosen: str) -> pb.Filter:
    """The test's day unless other days are named."""
    return pb.Filter(**{"from_on": DAY, "to_on": DAY, **chosen})


@pytest.fixture(scope="module")
def running(database: Callable[[str], Database]) -> Iterator[Core]:
    core = Core(database("reporting"))
    yield core
    core.server.stop(1).wait()
    core.engine.dispose()


@pytest.fixture
def core(running: Core) -> Core:
    """A core that has heard of nothing."""
    running.empty()
    return running


def refusal(call: Callable[[], Any]) -> DomainError:
    """The DomainError that a call is refused with."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return from_rpc_error(caught.value)
