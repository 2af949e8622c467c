"""Roles of the inventory: core, web, migrate."""

import argparse
import os
import sys
import threading
from collections.abc import Callable, Sequence

from sqlalchemy.orm import Session, sessionmaker

from inventory import __version__, config
from kit import telemetry
from kit.clock import now
from kit.config import require
from kit.core import Core
from kit.database import migrate
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1 import inventory_service_pb2_grpc as rpc

REAP_SECONDS = 1.0
REAP_BATCH = 200


def main(argv: Sequence[str] | None = None) -> int:
    """Run one role until told to stop."""
    parser = argparse.ArgumentParser(prog="inventory", description="The inventory of the ticketing suite.")
    parser.add_argument("role", choices=("core", "web", "migrate"))
    role = parser.parse_args(argv).role
    if role == "web":
        from inventory.web import front
        from kit.web import create_app, serve, web_config

        pages = web_config(os.environ, "INVENTORY")
        serve(lambda: create_app([front], pages), pages)
        return 0
    if role == "migrate":
        migrate(require(os.environ, "INVENTORY_MIGRATE_DATABASE_URL"), "inventory.migrations")
        return 0
    settings = config.load(os.environ)
    from inventory.consumers import SUBSCRIPTIONS
    from inventory.grpc_api import Api

    core = Core("inventory", __version__, settings.core)
    name = pb.DESCRIPTOR.services_by_name["InventoryService"].full_name
    api = Api(core.sessions, settings.lease_terms)
    return core.run(
        [(rpc.add_InventoryServiceServicer_to_server, api, name)],
        subscriptions=SUBSCRIPTIONS,
        background=[reaper(core.sessions)],
    )


def reaper(sessions: sessionmaker[Session]) -> Callable[[threading.Event], None]:
    """Frees expired holds until told to stop. Several processes may run it: the locks share out the work."""
    from inventory.usecases import reap

    def run(stop: threading.Event) -> None:
        while not stop.wait(REAP_SECONDS):
            try:
                while reap(sessions, now(), REAP_BATCH) == REAP_BATCH and not stop.is_set():
                    pass
            except Exception as error:
                telemetry.log().warning("reaper_waits", error=str(error)[:200])

    return run


if __name__ == "__main__":
    sys.exit(main())
