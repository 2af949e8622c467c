"""What orders needs of its neighbours, over real gRPC: the promises of their contracts in a few lines each."""

import threading
from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import titles
from kit.clock import now
from kit.errors import DomainError, Kind
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.accounts.v1 import accounts_service_pb2_grpc as accounts_rpc
from ticketing.catalog.v1 import catalog_pb2
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1 import catalog_service_pb2_grpc as catalog_rpc
from ticketing.documents.v1 import documents_service_pb2 as documents_pb
from ticketing.documents.v1 import documents_service_pb2_grpc as documents_rpc
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.inventory.v1 import inventory_service_pb2_grpc as inventory_rpc


class Catalog(catalog_rpc.CatalogServiceServicer):
    """A programme that tests fill."""

    def __init__(self) -> None:
        self.performances: dict[str, catalog_pb.GetPerformanceResponse] = {}
        self.plans: dict[str, catalog_pb.GetPlanVersionResponse] = {}
        self.products: list[catalog_pb2.Product] = []
        self.programme = catalog_pb.GetProgrammeResponse(version=7)
        self.programme.organisation.name, self.programme.organisation.currency = "Musée des Cartes", "EUR"
        self.programme.organisation.licence = "L-R-20-1234"

    def GetPerformance(self, request: Any, context: Any) -> Any:
        if request.performance_id not in self.performances:
            raise DomainError("unknown", kind=Kind.NOT_FOUND, reason="PERFORMANCE_NOT_FOUND")
        return self.performances[request.performance_id]

    def GetPlanVersion(self, request: Any, context: Any) -> Any:
        return self.plans[request.plan_version_id]

    def GetProgramme(self, request: Any, context: Any) -> Any:
        return self.programme

    def ListProducts(self, request: Any, context: Any) -> Any:
        first = int(request.page_token or 0)
        page = self.products[first : first + 2]
        more = str(first + 2) if first + 2 < len(self.products) else ""
        return catalog_pb.ListProductsResponse(products=page, next_page_token=more)


class Inventory(inventory_rpc.InventoryServiceServicer):
    """Capacities in memory; each hold all or nothing, idempotent."""

    def __init__(self) -> None:
        self.free: Counter[str] = Counter()  # by performance or product
        self.holds: dict[str, tuple[Counter[str], str]] = {}  # id -> places, "held" or "sold"
        self.until: dict[str, datetime] = {}  # of holds that were prolonged
        self.fail_confirm = False
        self.seconds_left = 0  # when set, what is left of any hold
        self._lock = threading.Lock()

    def state(self, hold_id: str) -> str:
        return self.holds[hold_id][1] if hold_id in self.holds else "none"

    def HoldPlaces(self, request: Any, context: Any) -> Any:
        with self._lock:
            return inventory_pb.HoldPlacesResponse(results=[self._hold(hold) for hold in request.holds])

    def _hold(self, hold: Any) -> Any:
        wanted = Counter[str]()
        for line in hold.lines:
            wanted[line.performance_id or line.product_id] += line.quantity
        result = inventory_pb.HoldResult(hold_id=hold.hold_id)
        if hold.hold_id in self.holds:
            if self.holds[hold.hold_id][0] != wanted:
                result.refusal = "HOLD_REUSED"
                return result
        elif any(self.free[key] < places for key, places in wanted.items()):
            result.refusal = "NOT_ENOUGH_PLACES"
            result.facts["left"] = str(min(self.free[key] for key in wanted))
            return result
        else:
            self.free -= Counter()
            self.free.subtract(wanted)
            self.holds[hold.hold_id] = (wanted, "held")
        result.granted = True
        result.held_until.FromDatetime(now() + timedelta(seconds=self.seconds_left or hold.hold_seconds))
        return result

    def ExtendHolds(self, request: Any, context: Any) -> Any:
        results = []
        for hold_id in request.hold_ids:
            result = inventory_pb.HoldResult(hold_id=hold_id, granted=self.state(hold_id) == "held")
            if not result.granted:
                result.refusal = "HOLD_EXPIRED"
            self.until[hold_id] = now() + timedelta(seconds=request.hold_seconds)
            results.append(result)
        return inventory_pb.ExtendHoldsResponse(results=results)

    def ConfirmHolds(self, request: Any, context: Any) -> Any:
        if self.fail_confirm:
            raise DomainError("away", kind=Kind.UNAVAILABLE, reason="UNAVAILABLE")
        results = []
        with self._lock:
            for hold_id in request.hold_ids:
                if hold_id in self.holds:
                    self.holds[hold_id] = (self.holds[hold_id][0], "sold")
                    results.append(inventory_pb.HoldResult(hold_id=hold_id, granted=True))
                else:
                    results.append(inventory_pb.HoldResult(hold_id=hold_id, refusal="HOLD_NOT_FOUND"))
        return inventory_pb.ConfirmHoldsResponse(results=results)

    def ReleaseHolds(self, request: Any, context: Any) -> Any:
        with self._lock:
            for hold_id in request.hold_ids:
                if self.state(hold_id) == "held":
                    self.free.update(self.holds.pop(hold_id)[0])
        return inventory_pb.ReleaseHoldsResponse()


class Accounts(accounts_rpc.AccountsServiceServicer):
    """A root key and what it certified."""

    def __init__(self) -> None:
        self.root = titles.generate_key()
        self.certificates: dict[bytes, bytes] = {}

    def certificate(self, public_key: bytes, kind: titles.Kind, key_id: int) -> bytes:
        at = now()
        made = titles.Certificate(
            kind, key_id, 0, public_key, at - timedelta(days=1), at + timedelta(days=400), 2**32 - 1
        )
        self.certificates[public_key] = titles.certify(made, self.root)
        return self.certificates[public_key]

    def CertifyTicketKey(self, request: Any, context: Any) -> Any:
        certificate = self.certificate(request.public_key, titles.Kind.CENTRAL, 3)
        root = titles.public_bytes(self.root)
        return accounts_pb.CertifyTicketKeyResponse(key_id=3, certificate=certificate, root_public_key=root)

    def ListUsers(self, request: Any, context: Any) -> Any:
        return accounts_pb.ListUsersResponse()

    def ListTicketCertificates(self, request: Any, context: Any) -> Any:
        return accounts_pb.ListTicketCertificatesResponse(
            root_public_key=titles.public_bytes(self.root), certificates=self.certificates.values()
        )


class Documents(documents_rpc.DocumentsServiceServicer):
    """Remembers what was to be rendered."""

    def __init__(self) -> None:
        self.data: list[str] = []

    def RenderDocument(self, request: Any, context: Any) -> Any:
        self.data = list(request.data)
        return documents_pb.RenderDocumentResponse(content=b"%PDF-1.7 " + request.code.encode())
