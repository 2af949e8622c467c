"""Roles of the orders image: core, web, migrate."""

import argparse
import os
import sys
import threading
from collections.abc import Sequence

from prometheus_client import Gauge

from kit import telemetry
from kit.config import require
from kit.core import Core
from kit.database import migrate
from kit.errors import DomainError
from orders import __version__
from orders.clients import Accounts, Cashdesk, Catalog, Documents, Inventory
from orders.config import load
from orders.consumers import subscriptions
from orders.grpc_api import Api
from orders.usecases import gates
from orders.usecases.checkout import Checkout
from orders.usecases.conflicts import ConflictDesk
from orders.usecases.keep import Issuer
from orders.usecases.reserve import ReservationDesk
from ticketing.orders.v1 import orders_service_pb2 as pb
from ticketing.orders.v1 import orders_service_pb2_grpc as rpc


def main(argv: Sequence[str] | None = None) -> int:
    """Run one role until it is told to stop; 0 when it ended well."""
    parser = argparse.ArgumentParser("orders")
    parser.add_argument("role", choices=("core", "web", "migrate"))
    role = parser.parse_args(argv).role
    if role == "web":
        from kit.web import create_app, serve, web_config
        from orders.web import front

        web = web_config(os.environ, "ORDERS")
        serve(lambda: create_app([front], web), web)
        return 0
    if role == "migrate":
        migrate(require(os.environ, "ORDERS_MIGRATE_DATABASE_URL"), "orders.migrations")
        return 0
    config = load(os.environ)
    core = Core("orders", __version__, config.core)
    accounts, catalog = Accounts(core.channel("accounts")), Catalog(core.channel("catalog"))
    issuer = Issuer(core.sessions, accounts, config.ticket_key)
    inventory = Inventory(core.channel("inventory"))
    cashdesk = Cashdesk(core.channel("cashdesk"))
    checkout = Checkout(core.sessions, catalog, inventory, cashdesk, issuer)
    conflicts = ConflictDesk(core.sessions, catalog, inventory, cashdesk, accounts, issuer, config.tolerance_bp)
    Gauge("conflicts_open", "Places sold twice that nobody has settled").set_function(conflicts.open_count)
    desk = ReservationDesk(core.sessions, catalog, inventory)
    api = Api(core.sessions, checkout, catalog, accounts, Documents(core.channel("documents")), issuer, desk, conflicts)

    def certify(stop: threading.Event) -> None:
        """Have the ticket key certified as soon as accounts answers."""
        while not stop.is_set():
            try:
                issuer.ready()
                return
            except DomainError as error:
                telemetry.log().warning("ticket_key_waits", reason=error.reason)
            stop.wait(1)

    def vouch(stop: threading.Event) -> None:
        gates.vouch_for_silent_tills(core.sessions, accounts, stop)

    name = pb.DESCRIPTOR.services_by_name["OrdersService"].full_name
    return core.run(
        [(rpc.add_OrdersServiceServicer_to_server, api, name)],
        subscriptions=subscriptions(issuer), background=[certify, vouch, desk.sweep],
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
