"""Calls to other services, each with a deadline; answers in our words. Never inside a transaction."""

import gzip
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Generic, TypeVar

import grpc

import ledger
import titles
from kit.errors import DomainError, Kind, Unavailable
from kit.grpc_client import deadline_at
from kit.grpc_errors import from_rpc_error
from orders.domain.basket import Performance, Price, Priced, Product, Programme
from orders.domain.conflict import Claim
from orders.domain.errors import HoldExpired
from orders.domain.order import Sold, Times
from orders.domain.seating import Need, Plan
from orders.messages import sale_message
from seating import read_plan
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.accounts.v1 import accounts_service_pb2_grpc as accounts_rpc
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as cashdesk_pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as cashdesk_rpc
from ticketing.catalog.v1 import catalog_pb2
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1 import catalog_service_pb2_grpc as catalog_rpc
from ticketing.documents.v1 import documents_service_pb2 as documents_pb
from ticketing.documents.v1 import documents_service_pb2_grpc as documents_rpc
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.inventory.v1 import inventory_service_pb2_grpc as inventory_rpc

CALL_SECONDS = 5.0
RENDER_SECONDS = 30.0
PRICE_SECONDS = 3.0  # how long a price may be out of date
CERTIFICATE_SECONDS = 30.0
PLAN_SECONDS, MOST_PLANS = 3600.0, 50
HOLD_SECONDS = 120
HOLD_MARGIN = timedelta(seconds=15)  # a hold found again must last until the sale is sealed and confirmed

Value = TypeVar("Value")
Held = Mapping[str, Sequence[Sequence[int]]]  # seats of numbered lines, by performance, in the order of what was asked


def _ask(method: Callable[..., Any], request: Any, seconds: float = CALL_SECONDS) -> Any:
    try:
        return method(request, timeout=seconds)
    except grpc.RpcError as error:
        raise from_rpc_error(error) from error


@contextmanager
def own_deadline() -> Iterator[None]:
    """Work done for many callers does not end with the deadline of the one who happens to lead."""
    token = deadline_at.set(None)
    try:
        yield
    finally:
        deadline_at.reset(token)


class _Fresh(Generic[Value]):
    """Answers kept for some seconds by key; one caller fetches, the others wait for it."""

    def __init__(self, fetch: Callable[[str], Value], seconds: float, limit: int = 2000) -> None:
        self._fetch, self._seconds, self._limit = fetch, seconds, limit
        self._kept: dict[str, tuple[float, Value]] = {}
        self._lock = threading.Lock()

    def get(self, key: str = "") -> Value:
        kept = self._kept.get(key)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and kept[0] > time.monotonic():
                return kept[1]
            if len(self._kept) >= self._limit:
                self._kept.clear()
            with own_deadline():
                value = self._fetch(key)
            self._kept[key] = (time.monotonic() + self._seconds, value)
            return value

    def forget(self) -> None:
        self._kept.clear()


class Catalog:
    """Prices and names, at most `PRICE_SECONDS` old."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = catalog_rpc.CatalogServiceStub(channel)
        self._performances = _Fresh(self._performance, PRICE_SECONDS)
        self._programme = _Fresh(self._fetch_programme, PRICE_SECONDS)
        self._products = _Fresh(self._fetch_products, PRICE_SECONDS)
        self._plans = _Fresh(self._fetch_plan, PLAN_SECONDS, MOST_PLANS)

    def performance(self, performance_id: str) -> Performance:
        """Raises PERFORMANCE_NOT_FOUND, Unavailable."""
        return self._performances.get(performance_id)

    def programme(self) -> Programme:
        """Raises Unavailable."""
        return self._programme.get()

    def products(self) -> Mapping[str, Product]:
        """All articles that are sold, by id. Raises Unavailable."""
        return self._products.get()

    def plan(self, plan_version_id: str) -> Plan:
        """A version of a seating plan; it never changes. Raises PLAN_VERSION_NOT_FOUND, Unavailable."""
        return self._plans.get(plan_version_id)

    def _performance(self, performance_id: str) -> Performance:
        request = catalog_pb.GetPerformanceRequest(performance_id=performance_id)
        answer = _ask(self._stub.GetPerformance, request)
        found = answer.performance
        times = Times(found.starts_at.ToDatetime(tzinfo=UTC), found.ends_at.ToDatetime(tzinfo=UTC))
        prices = tuple(
            Price(p.tariff_id, p.category_id, p.amount, p.vat_rate_bp, frozenset(p.channels))
            for p in answer.price_list.prices
        )
        on_sale = found.state == catalog_pb2.PERFORMANCE_STATE_ON_SALE
        return Performance(
            found.id, found.show_id, answer.show.title, on_sale, times, answer.venue.zone or "Europe/Paris",
            answer.venue.name, prices, found.plan_version_id,
        )  # fmt: skip

    def _fetch_plan(self, plan_version_id: str) -> Plan:
        answer = _ask(self._stub.GetPlanVersion, catalog_pb.GetPlanVersionRequest(plan_version_id=plan_version_id))
        plan = read_plan(json.loads(gzip.decompress(answer.content)))
        rows = [(zone, row) for zone in plan.zones for row in zone.rows]
        return Plan(
            plan_version_id, answer.version.number,
            tuple(
                ledger.Seat(plan.ordinals[seat.id], zone.name, row.label, seat.label)
                for zone, row in rows for seat in row.seats
            ),
            tuple(seat.category for _, row in rows for seat in row.seats),
        )  # fmt: skip

    def _fetch_programme(self, _: str) -> Programme:
        answer = _ask(self._stub.GetProgramme, catalog_pb.GetProgrammeRequest())
        organisation = answer.organisation
        return Programme(
            answer.version, organisation.currency or "EUR", organisation.name, organisation.licence,
            {t.id: t.name for t in answer.tariffs if not t.archived}, {c.id: c.name for c in answer.categories},
            {c.id: c.code for c in answer.categories if c.code},
        )  # fmt: skip

    def _fetch_products(self, _: str) -> Mapping[str, Product]:
        found: dict[str, Product] = {}
        request = catalog_pb.ListProductsRequest(page_size=500)
        while True:
            answer = _ask(self._stub.ListProducts, request)
            for p in answer.products:
                if not p.archived:
                    options = {o.code: (o.label, o.price) for o in p.options}
                    found[p.id] = Product(p.id, p.name, p.price, p.vat_rate_bp, options)
            if not answer.next_page_token:
                return found
            request.page_token = answer.next_page_token


class Inventory:
    """Places and articles."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = inventory_rpc.InventoryServiceStub(channel)

    def hold(self, baskets: Sequence[Priced], now: datetime) -> list[Held | DomainError]:
        """Hold what each basket needs; one answer for each: the seats that are held, or why nothing is.

        Raises Unavailable.
        """
        holds = [_hold_request(priced, HOLD_SECONDS) for priced in baskets]
        answer = _ask(self._stub.HoldPlaces, inventory_pb.HoldPlacesRequest(holds=holds))
        return [_hold_refusal(result, now) or _held(result) for result in answer.results]

    def option(self, priced: Priced, until: datetime, now: datetime) -> Held:
        """Hold what a reservation needs until a date; the seats that are held. Raises Unavailable, and the refusal."""
        asked = _hold_request(priced, ceil((until - now).total_seconds()), option=True)
        (result,) = _ask(self._stub.HoldPlaces, inventory_pb.HoldPlacesRequest(holds=[asked])).results
        if refusal := _hold_refusal(result, now):
            raise refusal
        return _held(result)

    def prolong_option(self, hold_id: str, until: datetime, now: datetime) -> None:
        """The places of a reservation are held longer. Raises HoldExpired, Unavailable."""
        seconds = ceil((until - now).total_seconds())
        request = inventory_pb.ExtendHoldsRequest(hold_ids=[hold_id], hold_seconds=seconds, option=True)
        (result,) = _ask(self._stub.ExtendHolds, request).results
        if not result.granted:
            raise HoldExpired("the places of this file were given back")

    def confirm(self, hold_ids: Sequence[str]) -> Callable[[], list[str]]:
        """Start turning holds into sales; call the answer to wait for the end and learn what was refused."""
        request = inventory_pb.ConfirmHoldsRequest(hold_ids=hold_ids)
        under_way = self._stub.ConfirmHolds.future(request, timeout=CALL_SECONDS)

        def wait() -> list[str]:
            try:
                return [f"{r.hold_id}: {r.refusal}" for r in under_way.result().results if r.refusal]
            except grpc.RpcError as error:
                raise from_rpc_error(error) from error

        return wait

    def suggest(self, performance_id: str, seat: int, categories: Sequence[str], most: int) -> list[int]:
        """Free seats that stand in for one, the best first. Raises PLAN_NOT_HERE_YET and its like, Unavailable."""
        request = inventory_pb.SuggestSeatsRequest(
            performance_id=performance_id, seat=seat, categories=categories, most=most
        )
        return list(_ask(self._stub.SuggestSeats, request).seats)

    def reseat(
        self, request_id: str, performance_id: str, claim: Claim, to_seat: int, categories: Sequence[str]
    ) -> int:
        """The seat that a ticket has instead of its own. Raises NOT_ENOUGH_PLACES, SEAT_TAKEN, Unavailable."""
        request = inventory_pb.ReseatSaleRequest(
            request_id=request_id, performance_id=performance_id, order_id=claim.order_id, line=claim.line,
            till_id=claim.till_id, lease_id=claim.lease_id, hold_id=claim.hold_id,
            seat=claim.seat.ordinal if claim.seat else 0, to_seat=to_seat, categories=categories,
        )  # fmt: skip
        seat: int = _ask(self._stub.ReseatSale, request).seat
        return seat

    def capacity(self, performance_id: str) -> int:
        """The places of a performance; 0 when it is not known. Raises Unavailable."""
        request = inventory_pb.GetAvailabilityRequest(performance_ids=[performance_id])
        found = _ask(self._stub.GetAvailability, request).availabilities
        return found[0].total if found else 0

    def release(self, hold_ids: Sequence[str]) -> None:
        """Give holds back. Raises Unavailable; then they end by themselves."""
        _ask(self._stub.ReleaseHolds, inventory_pb.ReleaseHoldsRequest(hold_ids=hold_ids))


def _hold_request(priced: Priced, seconds: int, *, option: bool = False) -> inventory_pb.HoldRequest:
    basket = priced.basket
    buyer = inventory_pb.Buyer(
        channel=basket.channel, point_of_sale_id=basket.point_of_sale_id, partner=basket.partner
    )  # fmt: skip
    return inventory_pb.HoldRequest(
        hold_id=basket.hold_id, lines=map(_hold_line, priced.needs), hold_seconds=seconds, buyer=buyer, option=option
    )


def _hold_line(need: Need) -> inventory_pb.HoldLine:
    return inventory_pb.HoldLine(
        performance_id=need.performance_id, product_id=need.product_id, option=need.option, quantity=need.quantity,
        seats=need.seats, categories=[need.category] if need.category else [], wheelchairs=need.wheelchairs,
        together=need.together,
    )  # fmt: skip


def _held(result: inventory_pb.HoldResult) -> Held:
    held: dict[str, list[Sequence[int]]] = {}
    for seats in result.seats:
        held.setdefault(seats.performance_id, []).append(seats.seats)
    return held


def _hold_refusal(result: inventory_pb.HoldResult, now: datetime) -> DomainError | None:
    if not result.granted:
        # The same request id came with other lines: the caller knows it as its request, not as our hold.
        reason = "REQUEST_REUSED" if result.refusal == "HOLD_REUSED" else result.refusal or "NOT_ENOUGH_PLACES"
        kind = Kind.INVALID if reason == "REQUEST_REUSED" else Kind.REFUSED
        error = DomainError(f"the places cannot be held: {reason}", kind=kind, reason=reason)
        error.facts = dict(result.facts)
        return error
    if result.HasField("held_until") and result.held_until.ToDatetime(tzinfo=UTC) <= now + HOLD_MARGIN:
        return HoldExpired("the hold of this request has expired; start again")
    return None


@dataclass(frozen=True)
class NotSealed:
    """A sale that cashdesk refused. `sealed_before`: the order is in a journal with another content, so its event makes
    the order, and its places are taken."""

    error: DomainError
    sealed_before: bool


class Cashdesk:
    """The journal."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = cashdesk_rpc.CashdeskServiceStub(channel)

    def record(self, sales: Sequence[ledger.Sale]) -> list[Sold | NotSealed]:
        """Seal sales in their channels' virtual tills; one answer per sale.

        Raises Unavailable: then nobody knows whether they were sealed, and the same call tells.
        """
        messages = [sale_message(sale) for sale in sales]
        answer = _ask(self._stub.RecordSales, cashdesk_pb.RecordSalesRequest(sales=messages))
        return [_sold(sale, result) for sale, result in zip(sales, answer.results, strict=True)]

    def decide(
        self, request_id: str, conflict_id: str, decided: str, author_id: str, author_name: str, reason: str,
        performance_id: str, tickets: Sequence[tuple[int, int, str, str, str]],
    ) -> tuple[str, int]:  # fmt: skip
        """Seal what was decided of places sold twice: the till's number and the entry's. `tickets`: key, serial, order,
        fate, what each has now. Raises FieldInvalid, Unavailable."""
        request = cashdesk_pb.RecordDecisionRequest(
            request_id=request_id, conflict_id=conflict_id, decided=decided, author_id=author_id,
            author_name=author_name, reason=reason, performance_id=performance_id,
            tickets=[_decided(*each) for each in tickets],
        )  # fmt: skip
        answer = _ask(self._stub.RecordDecision, request)
        return answer.till_number, answer.sequence


def _decided(key_id: int, serial: int, order_id: str, fate: str, now: str) -> cashdesk_pb.DecidedTicket:
    return cashdesk_pb.DecidedTicket(key_id=key_id, serial=serial, order_id=order_id, fate=fate, now=now)


def _sold(sale: ledger.Sale, result: cashdesk_pb.RecordedSale) -> Sold | NotSealed:
    if result.refusal == "ORDER_REUSED":
        # An earlier try was sealed, perhaps at the prices of then; its event is on the way.
        return NotSealed(Unavailable("this request is being completed; ask again"), True)
    if not result.recorded:
        error = DomainError(f"the sale was refused: {result.refusal}", reason=result.refusal)
        error.facts = dict(result.facts)
        return NotSealed(error, False)
    numbered = replace(sale, order_number=result.order_number)
    return Sold(numbered, result.till_id, result.sequence, result.at.ToDatetime(tzinfo=UTC), True)


@dataclass(frozen=True)
class Trust:
    """What verifies barcodes: the root's public key and the certificates by key id."""

    root_public_key: Any
    certificates: Mapping[int, titles.Certificate]


class Accounts:
    """Certificates of ticket keys."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = accounts_rpc.AccountsServiceStub(channel)
        self._trust = _Fresh(self._fetch_trust, CERTIFICATE_SECONDS)
        self._people = _Fresh(self._fetch_people, CERTIFICATE_SECONDS)

    def people(self) -> Mapping[str, str]:
        """Names of users by id. Raises Unavailable."""
        return self._people.get()

    def _fetch_people(self, _: str) -> Mapping[str, str]:
        return {user.id: user.name for user in _ask(self._stub.ListUsers, accounts_pb.ListUsersRequest()).users}

    def certify(self, public_key: bytes) -> int:
        """The key id under which this central key is certified. Raises Unavailable."""
        key_id: int = _ask(
            self._stub.CertifyTicketKey, accounts_pb.CertifyTicketKeyRequest(public_key=public_key)
        ).key_id
        return key_id

    def trust(self, key_id: int) -> Trust:
        """Certificates at most `CERTIFICATE_SECONDS` old, fresh when `key_id` is not among them. Raises Unavailable."""
        trust = self._trust.get()
        if key_id not in trust.certificates:
            self._trust.forget()
            trust = self._trust.get()
        return trust

    def all_trusted(self, *, fresh: bool = False) -> Trust:
        """All certificates, at most `CERTIFICATE_SECONDS` old, or as they are now. Raises Unavailable."""
        if fresh:
            self._trust.forget()
        return self._trust.get()

    def _fetch_trust(self, _: str) -> Trust:
        answer = _ask(self._stub.ListTicketCertificates, accounts_pb.ListTicketCertificatesRequest())
        root = titles.load_public(answer.root_public_key)
        newest: dict[int, titles.Certificate] = {}
        for data in answer.certificates:
            certificate = titles.read_certificate(data, root)
            known = newest.get(certificate.key_id)
            if known is None or known.not_after < certificate.not_after:
                newest[certificate.key_id] = certificate
        return Trust(root, newest)


class Documents:
    """Paper."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = documents_rpc.DocumentsServiceStub(channel)

    def pdf(self, code: str, data: Sequence[str]) -> bytes:
        """One page per datum (JSON). Raises TEMPLATE_NOT_FOUND, DATA_INVALID, Unavailable."""
        request = documents_pb.RenderDocumentRequest(code=code, data=data, format=documents_pb.FORMAT_PDF)
        content: bytes = _ask(self._stub.RenderDocument, request, RENDER_SECONDS).content
        return content
