"""Calls to the centre, each with a deadline; answers in the till's words. The centre may be away at any time.

Every method raises kit.errors.DomainError: Unavailable when there was no answer.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

import ledger
import setups
from device_gateway import __version__
from device_gateway.config import CENTRE_SERVICES
from device_gateway.domain.errors import ProxyRefused
from device_gateway.domain.leases import Lease, Wish
from device_gateway.domain.reserved import Claim, ClaimedLine
from device_gateway.store.floats import Elsewhere
from device_gateway.store.identity import Enrolment, Identity
from device_gateway.store.snapshot import Cashier
from kit.clock import iso_ms
from kit.errors import DomainError, Unavailable
from kit.grpc_client import channel
from kit.grpc_errors import from_rpc_error
from setups.catalogue import KINDS, Objects
from ticketing.accounts.v1 import accounts_service_pb2 as accounts
from ticketing.accounts.v1 import accounts_service_pb2_grpc as accounts_rpc
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as cashdesk
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as cashdesk_rpc
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as catalog
from ticketing.catalog.v1 import catalog_service_pb2_grpc as catalog_rpc
from ticketing.documents.v1 import documents_service_pb2 as documents
from ticketing.documents.v1 import documents_service_pb2_grpc as documents_rpc
from ticketing.inventory.v1 import inventory_service_pb2 as inventory
from ticketing.inventory.v1 import inventory_service_pb2_grpc as inventory_rpc
from ticketing.orders.v1 import orders_service_pb2 as orders
from ticketing.orders.v1 import orders_service_pb2_grpc as orders_rpc

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
CALL_SECONDS = 3.0
LOOK_SECONDS = 1.5  # for what a person is looking at and can do without
SNAPSHOT_SECONDS = 20.0
RENEW_BEFORE = timedelta(seconds=60)
MOST_FOUND = 50
MOST_ASKED = 5000
_PROXY_ASKS = "response code 407"  # what gRPC says when a proxy wants credentials, or others
TOKEN_DOMAIN = "ticketing till token v1"  # noqa: S105 - what is signed to get a token, not a token


@dataclass(frozen=True)
class Snapshot:
    version: int
    full: bool
    objects: Objects
    numbered_seats: bool  # numbered performances are told as they are


@dataclass(frozen=True)
class Roster:
    version: str
    cashiers: list[Cashier]
    badge_salt: bytes


@dataclass(frozen=True)
class LeaseNews:
    """All leases of this till, places free by performance, and why seats that a customer points at are not had."""

    leases: list[Lease]
    free: dict[str, int]
    refusals: dict[str, DomainError]


@dataclass(frozen=True)
class Asked:
    """What the centre asks of this till: to come back (I4), and its log (R7; "" when none is wanted)."""

    back: bool
    log: str


@dataclass(frozen=True)
class Acknowledgement:
    sequence: int
    receipt: bytes
    clock_offset_ms: int


@dataclass(frozen=True)
class PrinterReport:
    """A printer's condition and its causes, such as paper_out."""

    role: str
    condition: str
    causes: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """What changes all the time in a report, and is not worth a call of its own."""

    at: datetime
    mac_address: str
    hostname: str
    journal_sequence: int
    entries_waiting: int
    jobs_waiting: int
    leased_performances: int
    leased_places: int
    free_disk_bytes: int
    memory_bytes: int
    clock_offset_ms: int
    started_at: datetime


@dataclass(frozen=True)
class Report:
    """What the till says of its own health: what a person may have to see to, and figures."""

    frozen: str
    catalog_version: int
    jobs_in_doubt: int
    jobs_failed: int
    printers: tuple[PrinterReport, ...]
    online_since: datetime | None
    sync_failures: Mapping[str, str]  # step -> reason
    figures: Figures


@dataclass(frozen=True)
class Found:
    """A reserved file at the centre. `state`: open, completed, cancelled or expired; `due` in minor units."""

    reservation_id: str
    number: str
    state: str
    buyer: str
    phone: str
    email: str
    note: str
    due_at: datetime
    total: int
    due: int
    lines: tuple[str, ...]


class Centre:
    """The five services that a till talks to. `answers` grows with each answer."""

    def __init__(self, targets: Mapping[str, str]) -> None:
        self._targets = targets
        self.answers = 0
        self._token = ""
        self._token_until = NEVER
        self._token_lock = threading.Lock()
        self._stubs: dict[str, Any] = {}

    def enrol(self, identity: Identity, code: str, mac_address: str, hostname: str) -> Enrolment:
        """Raises ENROLMENT_CODE_WRONG, TOO_MANY_ATTEMPTS."""
        stub = self._public("accounts", accounts_rpc.AccountsServiceStub)
        answer = self._call(stub.EnrolTill, accounts.EnrolTillRequest(
            enrolment_code=code,
            journal_public_key=ledger.public_bytes(identity.journal_key),
            ticket_public_key=identity.ticket_key.public_key().public_bytes_raw(),
            mac_address=mac_address,
            hostname=hostname,
            software_version=__version__,
        ))  # fmt: skip
        return _enrolment(answer)

    def renew(self, identity: Identity, now: datetime, *, anew: bool = False) -> Enrolment | None:
        """Get a token by proof of possession of the journal key, if the one at hand ends soon or if it must be `anew`.

        Answers what the centre now says of this till, None when the token still does. A token is a clock taken for
        right. Raises TILL_REVOKED, CLOCK_SKEWED and others.
        """
        with self._token_lock:
            if not anew and now < self._token_until - RENEW_BEFORE:
                return None
            till_id = identity.enrolled().till_id
            signed = f"{TOKEN_DOMAIN}\n{till_id}\n{iso_ms(now)}".encode()
            at = datetime.fromisoformat(iso_ms(now))  # what is sent is what was signed, to the millisecond
            answer = self._call(
                self._public("accounts", accounts_rpc.AccountsServiceStub).IssueTillToken,
                accounts.IssueTillTokenRequest(
                    till_id=till_id, at=_timestamp(at), signature=ledger.sign(identity.journal_key, signed),
                    software_version=__version__,
                ),
            )  # fmt: skip
            self._token, self._token_until = answer.token, answer.expires_at.ToDatetime(UTC)
            return _enrolment(answer)

    def has_token(self, now: datetime) -> bool:
        """Whether the token at hand still serves."""
        return now < self._token_until

    def drop_token(self) -> None:
        """The centre did not take our token (its keys or its clock changed): ask for another."""
        with self._token_lock:
            self._token_until = NEVER

    def roster(self, till_id: str, known_version: str) -> Roster | None:
        """None when nothing changed."""
        request = accounts.GetTillRosterRequest(till_id=till_id, known_version=known_version)
        answer = self._call(self._own("accounts", accounts_rpc.AccountsServiceStub).GetTillRoster, request)
        if answer.unchanged:
            return None
        cashiers = [
            Cashier(each.user_id, each.name, each.pin_hash, tuple(each.rights), each.language, each.profile,
                    each.badge_hash)
            for each in answer.cashiers
        ]  # fmt: skip
        return Roster(answer.version, cashiers, answer.badge_salt)

    def report(self, till_id: str, report: Report) -> Asked:
        """Say how this till is; what the centre asks of it. Raises TILL_REVOKED, TILL_RETURNED and others."""
        request = accounts.ReportTillRequest(till_id=till_id, report=_report(report))
        answer = self._call(self._own("accounts", accounts_rpc.AccountsServiceStub).ReportTill, request)
        return Asked(answer.asked_back, answer.log_wanted)

    def send_log(self, till_id: str, wanted: str, content: bytes) -> None:
        """The technical log (gzip of JSON lines) that was asked for."""
        request = accounts.SendTillLogRequest(till_id=till_id, log_wanted=wanted, content=content)
        self._call(self._own("accounts", accounts_rpc.AccountsServiceStub).SendTillLog, request, SNAPSHOT_SECONDS)

    def finish_return(self, till_id: str, journal_sequence: int) -> None:
        """This till has handed everything in. Raises TILL_NOT_IN_SERVICE."""
        request = accounts.FinishTillReturnRequest(till_id=till_id, journal_sequence=journal_sequence)
        self._call(self._own("accounts", accounts_rpc.AccountsServiceStub).FinishTillReturn, request)

    def snapshot(self, point_of_sale_id: str, known_version: int) -> Snapshot:
        answer = self._call(
            self._own("catalog", catalog_rpc.CatalogServiceStub).GetTillSnapshot,
            catalog.GetTillSnapshotRequest(
                point_of_sale_id=point_of_sale_id, known_version=known_version, numbered_seats=True
            ),
            SNAPSHOT_SECONDS,
        )
        objects: dict[str, dict[str, Mapping[str, Any]]] = {
            kind: {each.id: _plain(each) for each in getattr(answer, field)} for field, kind in KINDS.items()
        }
        if answer.HasField("organisation"):
            objects["organisation"] = {"": _plain(answer.organisation)}
        return Snapshot(answer.version, answer.full, objects, answer.numbered_seats)

    def plan(self, plan_version_id: str) -> tuple[int, bytes]:
        """A version of a seating plan: its number, and its geometry (gzip). Raises PLAN_VERSION_NOT_FOUND."""
        request = catalog.GetPlanGeometryRequest(plan_version_id=plan_version_id)
        answer = self._call(
            self._own("catalog", catalog_rpc.CatalogServiceStub).GetPlanGeometry, request, SNAPSHOT_SECONDS
        )
        return answer.version.number, answer.content

    def seat_status(self, performance_id: str) -> tuple[int, bytes]:
        """Where each seat stands, one byte each, and the version of that. Raises PLAN_NOT_HERE_YET and others."""
        request = inventory.GetSeatStatusRequest(performance_id=performance_id)
        stub = self._own("inventory", inventory_rpc.InventoryServiceStub)
        answer = self._call(partial(stub.GetSeatStatus, compression=grpc.Compression.Gzip), request)
        return answer.version, answer.states

    def sync_setup(
        self, till_id: str, point_of_sale_id: str, running: setups.ProfileVersion | None,
        waiting: setups.ProfileVersion | None, refused: tuple[str, str], modes_number: int,
    ) -> list[setups.Signed]:  # fmt: skip
        """Say what this till runs, keeps and refused (fingerprint, reason); what it should take, not yet verified."""
        fingerprint, reason = refused
        request = catalog.SyncTillSetupRequest(
            till_id=till_id, point_of_sale_id=point_of_sale_id, applied=_applied(running), waiting=_applied(waiting),
            refused=nouns.SetupRefusal(fingerprint=fingerprint, reason=reason) if fingerprint else None,
            modes_number=modes_number,
        )  # fmt: skip
        answer = self._call(self._own("catalog", catalog_rpc.CatalogServiceStub).SyncTillSetup, request)
        return [_signed(getattr(answer, name)) for name in ("setup", "modes") if answer.HasField(name)]

    def templates(self, known_version: str) -> tuple[str, dict[str, tuple[int, str]]] | None:
        """(version, code -> (number, JSON)); None when nothing changed."""
        request = documents.ListTemplatesRequest(known_version=known_version)
        answer = self._call(self._own("documents", documents_rpc.DocumentsServiceStub).ListTemplates, request)
        if answer.unchanged:
            return None
        return answer.version, {each.code: (each.version, each.content) for each in answer.templates}

    def sync_leases(self, till_id: str, held: Sequence[Lease], wishes: Sequence[Wish]) -> LeaseNews:
        """Say what this till has sold and gives back, and what it wishes. Raises LEASE_NOT_FOUND, LEASE_OVERUSED."""
        request = inventory.SyncLeasesRequest(
            till_id=till_id,
            holdings=[
                inventory.LeaseHolding(
                    lease_id=each.lease_id, used=each.used, returned=each.returned, done=each.done,
                    returned_seats=each.back_seats, sold_seats=each.sold_seats, epoch=each.epoch,
                )
                for each in held
            ],
            wishes=[
                inventory.LeaseWish(
                    performance_id=each.performance_id, left=each.places, needed=each.needed, seats=bool(each.seats),
                    categories=[each.seats] if each.seats else [], named_seats=each.named_seats,
                )
                for each in wishes
            ],
        )  # fmt: skip
        answer = self._call(self._own("inventory", inventory_rpc.InventoryServiceStub).SyncLeases, request)
        leases = [
            Lease(each.lease_id, each.performance_id, each.granted, each.used, each.returned, each.epoch,
                  each.expires_at.ToDatetime(UTC), each.state == inventory.LEASE_STATE_ACTIVE,
                  wanted_back=each.wanted_back, seats=tuple(each.seats))
            for each in answer.leases
        ]  # fmt: skip
        return LeaseNews(
            leases,
            {each.performance_id: each.free for each in answer.availabilities},
            {
                each.performance_id: DomainError(each.reason, reason=each.reason, **each.facts)
                for each in answer.refusals
            },
        )

    def free_places(self, performance_ids: Sequence[str]) -> dict[str, int]:
        """Places that anybody may still buy, by performance; asked while a person looks, so not for long."""
        request = inventory.GetAvailabilityRequest(performance_ids=performance_ids[:MOST_ASKED])
        stub = self._own("inventory", inventory_rpc.InventoryServiceStub)
        answer = self._call(stub.GetAvailability, request, LOOK_SECONDS)
        return {each.performance_id: max(0, each.free - each.set_apart) for each in answer.availabilities}

    def append(self, till_id: str, entries: list[tuple[int, ledger.SealedEntry]], now: datetime) -> Acknowledgement:
        """Raises JOURNAL_GAP (facts: expected), JOURNAL_FORK, TILL_FROZEN, TILL_REVOKED and others."""
        request = cashdesk.AppendEntriesRequest(
            till_id=till_id,
            entries=[
                # Without its hash: the centre computes it, and what has no pattern cannot be made smaller.
                cashdesk.SealedEntry(sequence=sequence, content=sealed.bytes, signature=sealed.signature,
                                     algorithm=sealed.algorithm)
                for sequence, sealed in entries
            ],
            till_time=_timestamp(now),
        )  # fmt: skip
        stub = self._own("cashdesk", cashdesk_rpc.CashdeskServiceStub)
        answer = self._call(partial(stub.AppendEntries, compression=grpc.Compression.Gzip), request, SNAPSHOT_SECONDS)
        return Acknowledgement(answer.acknowledged_sequence, answer.receipt, answer.clock_offset_ms)

    def hand_in(self, till_id: str, entries: list[tuple[int, ledger.SealedEntry]]) -> int:
        """Entries that a fork has made rivals; the last that is kept. Raises NOT_FORKED, JOURNAL_GAP and others."""
        request = cashdesk.HandInBranchRequest(
            till_id=till_id,
            entries=[
                cashdesk.SealedEntry(sequence=sequence, content=sealed.bytes, signature=sealed.signature,
                                     algorithm=sealed.algorithm)
                for sequence, sealed in entries
            ],
        )  # fmt: skip
        stub = self._own("cashdesk", cashdesk_rpc.CashdeskServiceStub)
        answer = self._call(partial(stub.HandInBranch, compression=grpc.Compression.Gzip), request, SNAPSHOT_SECONDS)
        return int(answer.last_sequence)

    def floats_elsewhere(self, till_id: str) -> list[Elsewhere]:
        """Open floats that this till does not hold."""
        stub = self._own("cashdesk", cashdesk_rpc.CashdeskServiceStub)
        answer = self._call(stub.ListFloatsElsewhere, cashdesk.ListFloatsElsewhereRequest(till_id=till_id))
        return [
            Elsewhere(each.cash_float_id, each.cashier_id, each.business_on, iso_ms(each.opened_at.ToDatetime(UTC)),
                      each.till_number, each.movement_id, each.amount,
                      {ledger.Mode(mode): amount for mode, amount in each.other_modes.items()})
            for each in answer.floats
        ]  # fmt: skip

    def receipt_key(self) -> tuple[bytes, bytes]:
        """The key that verifies receipts, and the root's word for it: both to be checked."""
        stub = self._own("cashdesk", cashdesk_rpc.CashdeskServiceStub)
        answer = self._call(stub.GetReceiptKey, cashdesk.GetReceiptKeyRequest())
        return answer.public_key, answer.certificate

    def search_reservations(self, text: str) -> list[Found]:
        """Reserved files, the newest first. Raises FIELD_INVALID and others."""
        request = orders.SearchReservationsRequest(text=text, page_size=MOST_FOUND)
        answer = self._call(self._own("orders", orders_rpc.OrdersServiceStub).SearchReservations, request)
        return [_found(each) for each in answer.reservations]

    def claim_reservation(self, till_id: str, reservation_id: str) -> Claim:
        """Raises RESERVATION_NOT_FOUND, RESERVATION_ENDED, RESERVATION_BEING_PAID and others."""
        request = orders.ClaimReservationRequest(reservation_id=reservation_id, till_id=till_id)
        answer = self._call(self._own("orders", orders_rpc.OrdersServiceStub).ClaimReservation, request)
        it = answer.reservation
        lines = tuple(
            ClaimedLine(x.performance_id, x.category_id, x.tariff_id, x.product_id, x.option, x.label, x.quantity,
                        x.unit_price, x.vat_rate_bp)
            for x in it.lines
        )  # fmt: skip
        return Claim(it.id, it.number, it.buyer.name, it.lines[0].hold_id, it.total, lines)

    def unclaim_reservation(self, till_id: str, reservation_id: str) -> None:
        request = orders.UnclaimReservationRequest(reservation_id=reservation_id, till_id=till_id)
        self._call(self._own("orders", orders_rpc.OrdersServiceStub).UnclaimReservation, request)

    def _public(self, service: str, stub: Callable[[grpc.Channel], Any]) -> Any:
        return stub(channel(self._targets[service]))

    def _own(self, service: str, stub: Callable[[grpc.Channel], Any]) -> Any:
        if service not in self._stubs:
            self._stubs[service] = stub(channel(self._targets[service], token=lambda: self._token))
        return self._stubs[service]

    def _call(self, method: Callable[..., Any], request: Message, seconds: float = CALL_SECONDS) -> Any:
        try:
            answer = method(request, timeout=seconds)
        except grpc.RpcError as error:
            if _PROXY_ASKS in (error.details() or ""):
                raise ProxyRefused("the proxy does not take this till's user and password") from error
            raise from_rpc_error(error) from error
        self.answers += 1
        return answer


class Nobody(Centre):
    """The centre of a till that practises: every call is answered by silence, so nothing of training reaches it."""

    def __init__(self) -> None:
        super().__init__(dict.fromkeys(CENTRE_SERVICES, "grpc://127.0.0.1:9"))

    def _call(self, method: Callable[..., Any], request: Message, seconds: float = CALL_SECONDS) -> Any:
        raise Unavailable("a till in training calls nobody")


def _found(it: Any) -> Found:
    state = orders.ReservationState.Name(it.state).removeprefix("RESERVATION_STATE_").lower()
    return Found(
        it.id, it.number, state, it.buyer.name, it.buyer.phone, it.buyer.email, it.note, it.due_at.ToDatetime(UTC),
        it.total, it.due, tuple(f"{line.quantity} × {line.label}" for line in it.lines),
    )  # fmt: skip


def _applied(version: setups.ProfileVersion | None) -> nouns.SetupApplied | None:
    return nouns.SetupApplied(till_profile_id=version.id, number=version.number) if version else None


def _signed(it: Any) -> setups.Signed:
    return setups.Signed(it.content, it.signature, it.public_key, it.certificate)


def _report(report: Report) -> accounts.TillReport:
    figures = report.figures
    return accounts.TillReport(
        at=_timestamp(figures.at), software_version=__version__, catalog_version=report.catalog_version,
        mac_address=figures.mac_address, hostname=figures.hostname, frozen=report.frozen,
        journal_sequence=figures.journal_sequence, entries_waiting=figures.entries_waiting,
        jobs_waiting=figures.jobs_waiting, jobs_in_doubt=report.jobs_in_doubt, jobs_failed=report.jobs_failed,
        printers=[
            accounts.PrinterReport(role=each.role, condition=each.condition, causes=each.causes)
            for each in report.printers
        ],
        leased_performances=figures.leased_performances, leased_places=figures.leased_places,
        free_disk_bytes=figures.free_disk_bytes, memory_bytes=figures.memory_bytes,
        clock_offset_ms=figures.clock_offset_ms, started_at=_timestamp(figures.started_at),
        online_since=_timestamp(report.online_since) if report.online_since else None,
        sync_failures=report.sync_failures,
    )  # fmt: skip


def _enrolment(answer: Any) -> Enrolment:
    till = answer.till
    return Enrolment(till.id, till.number, till.name, till.point_of_sale_id, answer.certificate, answer.root_public_key)


def _plain(message: Message) -> dict[str, Any]:
    plain: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return plain


def _timestamp(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
