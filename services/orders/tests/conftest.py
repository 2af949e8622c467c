"""An orders core and a cashdesk core on real servers, with the other neighbours' contracts beside them."""

import base64
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import grpc
import pytest

import cashdesk.grpc_api
import cashdesk.seal
from kit import grpc_server
from kit.auth import Caller, CallerKind
from kit.bus import Bus
from kit.clock import now
from kit.database import engine_for, migrate, sessions_for
from kit.grpc_client import channel, service_tokens
from kit.grpc_errors import from_rpc_error
from kit.tokens import KeyRing, private_key, sign_token
from orders import clients
from orders.consumers import subscriptions
from orders.grpc_api import Api
from orders.usecases.checkout import Checkout
from orders.usecases.conflicts import ConflictDesk
from orders.usecases.keep import Issuer
from orders.usecases.reserve import ReservationDesk
from suite.testing import Database, free_port
from ticketing.accounts.v1 import accounts_service_pb2_grpc as accounts_rpc
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as cashdesk_rpc
from ticketing.catalog.v1 import catalog_pb2
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1 import catalog_service_pb2_grpc as catalog_rpc
from ticketing.documents.v1 import documents_service_pb2_grpc as documents_rpc
from ticketing.inventory.v1 import inventory_service_pb2_grpc as inventory_rpc
from ticketing.orders.v1 import orders_service_pb2 as pb
from ticketing.orders.v1 import orders_service_pb2_grpc as rpc

from . import fakes

SECRET = "between the services of a test, 32 characters and more"
TOKEN_SEED = bytes(range(1, 33))
TICKET_SEED = bytes(range(2, 34))


def new_id() -> str:
    return str(uuid.uuid4())


def _keys() -> KeyRing:
    public = private_key(TOKEN_SEED).as_dict(private=False)["x"]
    return KeyRing(lambda: {"test": base64.urlsafe_b64decode(str(public) + "=")}, SECRET)


def serve(name: str, add: Any, servicer: Any, threads: int = 16) -> tuple[grpc.Server, str]:
    target = f"127.0.0.1:{free_port()}"
    server, _ = grpc_server.server(name, target, _keys(), [(add, servicer, name)], threads=threads)
    return server, target


def as_orders(target: str) -> grpc.Channel:
    return channel(target, token=service_tokens(SECRET, "orders"), timeout_seconds=10)


class House:
    """Everything that a sale goes through. `inventory`: another one than the one in memory."""

    def __init__(self, database: Callable[[str], Database], nats_url: str, inventory: Any = None) -> None:
        self.catalog, self.inventory = fakes.Catalog(), inventory or fakes.Inventory()
        self.accounts, self.documents = fakes.Accounts(), fakes.Documents()
        own, journal = database("orders"), database("cashdesk")
        migrate(own.owner_url, "orders.migrations")
        migrate(journal.owner_url, "cashdesk.migrations")
        self.engine, self.journal_engine = engine_for(own), engine_for(journal)
        self.sessions, self.journal_sessions = sessions_for(self.engine), sessions_for(self.journal_engine)
        self.journal = cashdesk.grpc_api.Api(
            self.journal_sessions,
            cashdesk.seal.Seals(bytes(range(32))),
            "Europe/Paris",
            certify=lambda public_key: (b"the root's word, which orders never reads", b""),
        )
        neighbours: dict[str, tuple[Any, Any]] = {
            "catalog": (catalog_rpc.add_CatalogServiceServicer_to_server, self.catalog),
            "inventory": (inventory_rpc.add_InventoryServiceServicer_to_server, self.inventory),
            "accounts": (accounts_rpc.add_AccountsServiceServicer_to_server, self.accounts),
            "documents": (documents_rpc.add_DocumentsServiceServicer_to_server, self.documents),
            "cashdesk": (cashdesk_rpc.add_CashdeskServiceServicer_to_server, self.journal),
        }
        self.servers = []
        targets = {}
        for name, (add, servicer) in neighbours.items():
            server, targets[name] = serve(name, add, servicer)
            self.servers.append(server)
        channels = {name: as_orders(target) for name, target in targets.items()}
        accounts, catalog = clients.Accounts(channels["accounts"]), clients.Catalog(channels["catalog"])
        self.catalog_client = catalog
        self.issuer = Issuer(self.sessions, accounts, TICKET_SEED)
        self.cashdesk_client = clients.Cashdesk(channels["cashdesk"])
        inventory_client = clients.Inventory(channels["inventory"])
        self.checkout = Checkout(self.sessions, catalog, inventory_client, self.cashdesk_client, self.issuer)
        self.desk = ReservationDesk(self.sessions, catalog, inventory_client)
        self.conflicts = ConflictDesk(
            self.sessions, catalog, inventory_client, self.cashdesk_client, accounts, self.issuer, 1000
        )
        api = Api(
            self.sessions,
            self.checkout,
            catalog,
            accounts,
            clients.Documents(channels["documents"]),
            self.issuer,
            self.desk,
            self.conflicts,
        )
        server, self.target = serve("orders", rpc.add_OrdersServiceServicer_to_server, api, 80)
        self.servers.append(server)
        self.cashdesk_target = targets["cashdesk"]
        self._nats_url = nats_url
        self.buses: list[Bus] = []

    def deliver_events(self) -> None:
        """Let cashdesk tell what it sealed, and orders listen."""
        telling, listening = Bus(self._nats_url, "cashdesk"), Bus(self._nats_url, "orders")
        self.buses += [telling, listening]
        for bus in self.buses[-2:]:
            bus.start()
        telling.relay(self.journal_engine)
        for subscription in subscriptions(self.issuer):
            listening.subscribe(self.sessions, subscription)

    def stop_events(self) -> None:
        for bus in self.buses:
            bus.stop()
        self.buses.clear()

    def close(self) -> None:
        self.stop_events()
        for server in self.servers:
            server.stop(1).wait()
        self.engine.dispose()
        self.journal_engine.dispose()

    def performance(self, capacity: int = 1000, prices: tuple[int, ...] = (1200, 0), **changes: Any) -> "Show":
        """A performance on sale with a tariff per price; `changes`: state, starts_in (hours), channels."""
        starts_at = now() + timedelta(hours=changes.get("starts_in", 48))
        answer = catalog_pb.GetPerformanceResponse()
        answer.performance.id, answer.performance.show_id = new_id(), new_id()
        answer.performance.starts_at.FromDatetime(starts_at)
        answer.performance.ends_at.FromDatetime(starts_at + timedelta(hours=1))
        answer.performance.state = changes.get("state", catalog_pb2.PERFORMANCE_STATE_ON_SALE)
        answer.show.id, answer.show.title = answer.performance.show_id, "Visite libre"
        answer.venue.zone, answer.venue.name = "Europe/Paris", "Musée des Cartes"
        category_id = new_id()
        self.catalog.programme.categories.add(id=category_id, name="Unique")
        tariff_ids = []
        for amount in prices:
            tariff_ids.append(new_id())
            self.catalog.programme.tariffs.add(id=tariff_ids[-1], name=f"Tarif {amount}")
            answer.price_list.prices.add(
                tariff_id=tariff_ids[-1], category_id=category_id, amount=amount, vat_rate_bp=550,
                channels=changes.get("channels", ()),
            )  # fmt: skip
        self.catalog.performances[answer.performance.id] = answer
        if isinstance(self.inventory, fakes.Inventory):
            self.inventory.free[answer.performance.id] = capacity
        self.catalog_client._programme.forget()
        return Show(answer.performance.id, tariff_ids, list(prices))

    def product(self, price: int = 450, options: tuple[tuple[str, int], ...] = (), stock: int = 100) -> str:
        product = catalog_pb2.Product(id=new_id(), name="Affiche", price=price, vat_rate_bp=2000)
        for code, own_price in options:
            product.options.add(code=code, label=code, price=own_price)
        self.catalog.products.append(product)
        self.inventory.free[product.id] = stock
        self.catalog_client._products.forget()
        return product.id

    def as_user(self, *rights: str) -> rpc.OrdersServiceStub:
        caller = Caller(new_id(), CallerKind.USER, "Ada", frozenset(rights), now() + timedelta(hours=1))
        token = sign_token(private_key(TOKEN_SEED), "test", caller, now())
        return rpc.OrdersServiceStub(channel(self.target, token=lambda: token, timeout_seconds=30))

    def sell(self, request: pb.CheckoutRequest) -> pb.Order:
        return self.as_user("orders.sell").Checkout(request).order

    def count(self, table: str, where: str = "true", engine: Any = None) -> int:
        with (engine or self.engine).connect() as connection:
            return connection.exec_driver_sql(f"SELECT count(*) FROM {table} WHERE {where}").scalar_one()


class Show:
    """A performance and its tariffs, as tests buy it."""

    def __init__(self, performance_id: str, tariff_ids: list[str], prices: list[int]) -> None:
        self.id, self.tariff_ids, self.prices = performance_id, tariff_ids, prices

    def basket(self, quantity: int = 2, tariff: int = 0, channel: str = "web") -> pb.CheckoutRequest:
        request = pb.CheckoutRequest(request_id=new_id(), channel=channel)
        request.lines.add(performance_id=self.id, tariff_id=self.tariff_ids[tariff], quantity=quantity)
        if total := self.prices[tariff] * quantity:
            request.payments.add(mode="card", amount=total, reference="AUT-42")
        return request


@pytest.fixture(scope="module")
def house(database: Callable[[str], Database], nats_url: str) -> Iterator[House]:
    running = House(database, nats_url)
    yield running
    running.close()


@pytest.fixture
def events(house: House) -> Iterator[House]:
    """The house with its events delivered, for the length of a test."""
    house.deliver_events()
    yield house
    house.stop_events()


def refusal(call: Callable[[], Any]) -> Any:
    """The DomainError that a call is refused with."""
    with pytest.raises(grpc.RpcError) as caught:
        call()
    return from_rpc_error(caught.value)
