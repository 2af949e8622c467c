"""A centre over real gRPC, and printers over real TCP."""

import threading
import uuid
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta

import argon2
import grpc
import pytest
from grpc_status import rpc_status

import ledger
import titles
from device_gateway.centre import Centre
from device_gateway.devices.transport import TcpTransport
from device_gateway.printing.escpos import EscPosPrinter
from device_gateway.printing.fgl import FglPrinter
from device_gateway.printing.outcomes import Waits
from device_gateway.printing.worker import PrintWorker
from device_gateway.printing.zpl import ZplPrinter
from device_gateway.simulators.escpos_printer import EscPosSimulator
from device_gateway.simulators.fgl_printer import FglSimulator
from device_gateway.simulators.paper import Tray
from device_gateway.simulators.zpl_printer import ZplSimulator
from device_gateway.store.jobs import Role
from kit.clock import iso_ms, now
from kit.errors import DomainError
from kit.grpc_errors import to_status
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

PIN_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("2468")


def uid(name: str) -> str:
    """The same UUID for the same name, as in the till's own fixtures."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


WAITS = Waits(status=0.2, evidence=0.6, misses=2, mm_per_second=1000)
LATE_SECONDS = 1.5  # of simulated printers whose answers come too late
# What a ticket printer of the tests may be: its simulator, and the driver of it.
LANGUAGES = {
    "escpos": (EscPosSimulator, {}, EscPosPrinter, {}),
    "escpos without process-ID": (EscPosSimulator, {"process_id": False}, EscPosPrinter, {"process_id": False}),
    "fgl": (FglSimulator, {}, FglPrinter, {}),
    "fgl that answers no question": (FglSimulator, {}, FglPrinter, {"status_request": False}),
    "zpl": (ZplSimulator, {}, ZplPrinter, {}),
    "zpl that counts": (ZplSimulator, {}, ZplPrinter, {"label_counter": True}),
    "zpl, mute in error": (ZplSimulator, {"mute_in_error": True}, ZplPrinter, {"label_counter": True}),
}


class Printers:
    """Simulated printers and the till's workers on them, with short waits."""

    WAITS = WAITS

    def __init__(self, world, ticket_language: str = "escpos") -> None:
        self._world, self._folder = world, world.folder.parent / "papers"
        self.workers: list[PrintWorker] = []
        self._languages = {"ticket": LANGUAGES[ticket_language], "receipt": LANGUAGES["escpos"]}
        self.simulated = {}
        for role, (simulator, how, _, _) in self._languages.items():
            self.simulated[role] = simulator(role, "127.0.0.1", 0, Tray(self._folder, role), LATE_SECONDS, **how)
        for printer in self.simulated.values():
            printer.start()
        self.ticket, self.receipt = self.simulated["ticket"], self.simulated["receipt"]

    def driver(self, role: Role):
        _, _, driver, options = self._languages[role.value]
        return driver(TcpTransport("127.0.0.1", self.simulated[role.value].port, 1.0), self.WAITS, **options)

    def start(self, roles=tuple(Role)) -> None:
        for role in roles:
            worker = PrintWorker(self._world.till, role, self.driver(role), idle_seconds=0.1)
            worker.start()
            self.workers.append(worker)

    def start_with(self, shared) -> None:
        """Workers of the real till on printers that another till uses too."""
        for role, printer in shared.items():
            worker = PrintWorker(self._world.till, role, printer, idle_seconds=0.1)
            worker.start()
            self.workers.append(worker)

    def stop_workers(self) -> None:
        for worker in self.workers:
            worker.stop()
        for worker in self.workers:
            worker.join(timeout=10)
        self.workers = []

    def stop(self) -> None:
        self.stop_workers()
        for printer in self.simulated.values():
            printer.stop()


@pytest.fixture
def printers(world):
    made = Printers(world)
    yield made
    made.stop()


class FakeCentre(
    accounts_rpc.AccountsServiceServicer, catalog_rpc.CatalogServiceServicer, inventory_rpc.InventoryServiceServicer,
    documents_rpc.DocumentsServiceServicer, cashdesk_rpc.CashdeskServiceServicer, orders_rpc.OrdersServiceServicer,
):  # fmt: skip
    """The centre's five services over real gRPC, with the behaviour that the contracts promise and nothing more."""

    def __init__(self, world) -> None:
        self.world, self.lock = world, threading.Lock()
        self.kept: list[cashdesk.SealedEntry] = []  # of the real till
        self.branch = []  # what a fork made rivals
        self.kept_of = defaultdict(list, {world.till_id: self.kept})
        self.seal = ledger.load_centre_key(bytes(range(32)))
        self.floats_elsewhere: list[cashdesk.FloatElsewhere] = []
        self.alter_receipt = lambda receipt: receipt  # what a test makes of a receipt before it is countersigned
        self.answers_lost = 0  # the next so many uploads are kept, and their answers lost
        self.reports: list[accounts.TillReport] = []
        self.asks_back, self.log_wanted = False, ""
        self.returned: list[tuple[str, int]] = []  # (till, last entry)
        self.logs: dict[str, bytes] = {}  # by request
        self.refusals: dict[str, tuple[str, dict]] = {}  # method -> (reason, facts)
        self.holdings: list = []
        self.wishes: dict[str, int] = {}
        self.last_wishes: list = []  # the latest that had a customer waiting
        self.free, self.most_granted, self.wanted_back = 100, 10**6, 0
        self.granted: dict[str, inventory.Lease] = {}
        self.frees: dict[str, int] = {}  # places free of each performance, where a calendar asks
        self.availability_asked = 0
        self.point_of_sale = uid("desk")
        self.setup, self.told_setup = None, None
        self.reservations: dict[str, orders.Reservation] = {}
        self.claimed_by: dict[str, str] = {}
        self.server, self.port = self.serve()
        services = ("accounts", "catalog", "inventory", "documents", "cashdesk", "orders")
        self.targets = {service: f"grpc://127.0.0.1:{self.port}" for service in services}

    def serve(self, credentials: grpc.ServerCredentials | None = None) -> tuple[grpc.Server, int]:
        """A door with all services; with TLS when there are credentials."""
        server = grpc.server(ThreadPoolExecutor(4))
        for add in (
            accounts_rpc.add_AccountsServiceServicer_to_server, catalog_rpc.add_CatalogServiceServicer_to_server,
            inventory_rpc.add_InventoryServiceServicer_to_server, documents_rpc.add_DocumentsServiceServicer_to_server,
            cashdesk_rpc.add_CashdeskServiceServicer_to_server, orders_rpc.add_OrdersServiceServicer_to_server,
        ):  # fmt: skip
            add(self, server)
        at = "127.0.0.1:0"
        port = server.add_secure_port(at, credentials) if credentials else server.add_insecure_port(at)
        server.start()
        return server, port

    def client(self) -> Centre:
        return Centre(self.targets)

    def _maybe_refuse(self, method: str, context) -> None:
        if method in self.refusals:
            reason, facts = self.refusals[method]
            context.abort_with_status(
                rpc_status.to_status(to_status(DomainError("no", reason=reason, **facts), "fake"))
            )

    def _till(self):
        return accounts.Till(id=self.world.till_id, number="T01", name="Accueil 1", point_of_sale_id=self.point_of_sale)

    def SearchReservations(self, request, context):
        self._maybe_refuse("SearchReservations", context)
        found = [each for each in self.reservations.values() if request.text in each.buyer.name]
        return orders.SearchReservationsResponse(reservations=found)

    def ClaimReservation(self, request, context):
        self._maybe_refuse("ClaimReservation", context)
        self.claimed_by[request.reservation_id] = request.till_id
        return orders.ClaimReservationResponse(reservation=self.reservations[request.reservation_id])

    def UnclaimReservation(self, request, context):
        self._maybe_refuse("UnclaimReservation", context)
        self.claimed_by.pop(request.reservation_id, None)
        return orders.UnclaimReservationResponse()

    def EnrolTill(self, request, context):
        self._maybe_refuse("EnrolTill", context)
        key = titles.load_public(request.ticket_public_key)
        return accounts.EnrolTillResponse(till=self._till(), certificate=self.world.certificate(key),
                                          root_public_key=titles.public_bytes(self.world.root))  # fmt: skip

    def IssueTillToken(self, request, context):
        self._maybe_refuse("IssueTillToken", context)
        at = iso_ms(request.at.ToDatetime(UTC))
        signed = f"ticketing till token v1\n{request.till_id}\n{at}".encode()
        ledger.check_signature(self.world.till.identity.journal_key.public_key(), signed, request.signature)
        answer = accounts.IssueTillTokenResponse(
            token="token", till=self._till(), certificate=self.world.certificate(self.world.till.identity.ticket_key),
            root_public_key=titles.public_bytes(self.world.root),
        )  # fmt: skip
        answer.expires_at.FromDatetime(now() + timedelta(minutes=15))
        return answer

    def ReportTill(self, request, context):
        self._maybe_refuse("ReportTill", context)
        self.reports.append(request.report)
        return accounts.ReportTillResponse(asked_back=self.asks_back, log_wanted=self.log_wanted)

    def FinishTillReturn(self, request, context):
        self._maybe_refuse("FinishTillReturn", context)
        self.returned.append((request.till_id, request.journal_sequence))
        return accounts.FinishTillReturnResponse()

    def SendTillLog(self, request, context):
        self.logs[request.log_wanted] = request.content
        self.log_wanted = ""
        return accounts.SendTillLogResponse()

    def GetTillRoster(self, request, context):
        self._maybe_refuse("GetTillRoster", context)
        if request.known_version == "r2":
            return accounts.GetTillRosterResponse(version="r2", unchanged=True)
        cashier = accounts.TillCashier(user_id=uid("alice"), name="Alice", pin_hash=PIN_HASH, rights=["cashdesk.sell"])
        return accounts.GetTillRosterResponse(version="r2", cashiers=[cashier])

    def GetTillSnapshot(self, request, context):
        self._maybe_refuse("GetTillSnapshot", context)
        if request.known_version == 13:
            return catalog.GetTillSnapshotResponse(version=13)
        answer = catalog.GetTillSnapshotResponse(version=13)
        answer.products.add(id=uid("poster"), name="Affiche", family="Papeterie", price=500, vat_rate_bp=2000)
        return answer

    def SyncTillSetup(self, request, context):
        self._maybe_refuse("SyncTillSetup", context)
        self.told_setup = request
        return catalog.SyncTillSetupResponse(setup=nouns.SignedSetup(**vars(self.setup)) if self.setup else None)

    def ListTemplates(self, request, context):
        self._maybe_refuse("ListTemplates", context)
        return documents.ListTemplatesResponse(version="t1", unchanged=request.known_version == "t1")

    def SyncLeases(self, request, context):
        self._maybe_refuse("SyncLeases", context)
        done = {told.lease_id for told in request.holdings if told.done}
        self.granted = {key: lease for key, lease in self.granted.items() if lease.lease_id not in done}
        self.holdings, self.wishes = list(request.holdings), {wish.performance_id: wish.left for wish in request.wishes}
        if any(wish.needed for wish in request.wishes):
            self.last_wishes = list(request.wishes)
        told = {each.lease_id: each for each in request.holdings}
        for performance_id, left in self.wishes.items():
            new = inventory.Lease(lease_id=uid("lease of " + performance_id), performance_id=performance_id)
            new.state = inventory.LEASE_STATE_ACTIVE
            lease = self.granted.setdefault(performance_id, new)
            held = told.get(lease.lease_id)
            at_hand = lease.granted - (held.used + held.returned if held else 0)
            lease.granted = min(lease.granted + max(0, left - at_hand), self.most_granted)
            lease.wanted_back = self.wanted_back
            lease.expires_at.FromDatetime(now() + timedelta(hours=2))
        return inventory.SyncLeasesResponse(
            leases=list(self.granted.values()),
            availabilities=[inventory.Availability(performance_id=each, free=self.free) for each in self.wishes],
        )

    def GetAvailability(self, request, context):
        self.availability_asked += 1
        self._maybe_refuse("GetAvailability", context)
        known = [each for each in request.performance_ids if each in self.frees]
        return inventory.GetAvailabilityResponse(
            availabilities=[inventory.Availability(performance_id=each, free=self.frees[each]) for each in known]
        )

    def ListFloatsElsewhere(self, request, context):
        self._maybe_refuse("ListFloatsElsewhere", context)
        return cashdesk.ListFloatsElsewhereResponse(floats=self.floats_elsewhere)

    def AppendEntries(self, request, context):
        self._maybe_refuse("AppendEntries", context)
        with self.lock:
            kept = self.kept_of[request.till_id]
            for entry in request.entries:
                if entry.sequence == len(kept) + 1:
                    kept.append(entry)
                elif entry.sequence > len(kept) + 1:
                    refusal = DomainError("gap", reason="JOURNAL_GAP", expected=len(kept) + 1)
                    context.abort_with_status(rpc_status.to_status(to_status(refusal, "fake")))
                elif entry.hash != kept[entry.sequence - 1].hash:
                    refusal = DomainError("fork", reason="JOURNAL_FORK")
                    context.abort_with_status(rpc_status.to_status(to_status(refusal, "fake")))
            if self.answers_lost:
                self.answers_lost -= 1
                context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the answer is lost")
            return cashdesk.AppendEntriesResponse(
                acknowledged_sequence=len(kept), receipt=self._receipt(request.till_id, request.entries)
            )

    def HandInBranch(self, request, context):
        self._maybe_refuse("HandInBranch", context)
        self.branch.extend(request.entries)
        return cashdesk.HandInBranchResponse(last_sequence=request.entries[-1].sequence)

    def _receipt(self, till_id, entries) -> bytes:
        last = entries[-1]
        vouches = ledger.Receipt(
            till_id, entries[0].sequence, last.sequence, len(entries),
            ledger.SealedEntry(last.content, last.signature, last.algorithm).hash,
        )  # fmt: skip
        return ledger.countersign(self.alter_receipt(vouches), self.seal)

    def GetReceiptKey(self, request, context):
        self._maybe_refuse("GetReceiptKey", context)
        public = ledger.centre_public_bytes(self.seal)
        return cashdesk.GetReceiptKeyResponse(
            public_key=public, certificate=ledger.certify_centre_key(public, self.world.root)
        )


@pytest.fixture
def centre(world):
    fake = FakeCentre(world)
    yield fake
    fake.server.stop(None)


@pytest.fixture
def centre_of_bare(bare):
    fake = FakeCentre(bare)
    yield fake
    fake.server.stop(None)
