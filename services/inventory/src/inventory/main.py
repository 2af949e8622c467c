"""Roles of the inventory: core, live, web, migrate."""

import argparse
import itertools
import os
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session, sessionmaker

from inventory import __version__, config
from kit import telemetry
from kit.clock import now
from kit.config import require
from kit.core import Core
from kit.database import migrate
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1 import inventory_service_pb2_grpc as rpc

if TYPE_CHECKING:
    from inventory.clients import Catalog

REAP_SECONDS = 1.0
REAP_BATCH = 200
PLAN_SECONDS = 2.0  # between two looks for plans that are missing
TIDY_TURNS = 900  # looks between two times that old changes are forgotten


def main(argv: Sequence[str] | None = None) -> int:
    """Run one role until told to stop."""
    parser = argparse.ArgumentParser(prog="inventory", description="The inventory of the ticketing suite.")
    parser.add_argument("role", choices=("core", "live", "web", "migrate"))
    role = parser.parse_args(argv).role
    if role == "web":
        from inventory.web import front
        from kit.web import create_app, serve, web_config

        pages = web_config(os.environ, "INVENTORY")
        serve(lambda: create_app([front], pages), pages)
        return 0
    if role == "live":
        from inventory.live import config as live_config
        from inventory.live.run import run

        return run(live_config.load(os.environ), __version__)
    if role == "migrate":
        migrate(require(os.environ, "INVENTORY_MIGRATE_DATABASE_URL"), "inventory.migrations")
        return 0
    settings = config.load(os.environ)
    from inventory.clients import Catalog
    from inventory.consumers import SUBSCRIPTIONS
    from inventory.grpc_api import Api

    core = Core("inventory", __version__, settings.core)
    name = pb.DESCRIPTOR.services_by_name["InventoryService"].full_name
    api = Api(core.sessions, settings.lease_terms)
    return core.run(
        [(rpc.add_InventoryServiceServicer_to_server, api, name)],
        subscriptions=SUBSCRIPTIONS,
        background=[reaper(core.sessions), plan_fetcher(core.sessions, Catalog(core.channel("catalog")))],
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


def plan_fetcher(sessions: sessionmaker[Session], catalog: "Catalog") -> Callable[[threading.Event], None]:
    """Keeps the plans of numbered performances at hand, and old seat changes short, until told to stop."""
    from inventory.store import forget_changes
    from inventory.usecases import fetch_plans

    def run(stop: threading.Event) -> None:
        for turn in itertools.count():
            try:
                fetch_plans(sessions, catalog)
                if turn % TIDY_TURNS == 0:
                    with sessions.begin() as session:
                        forget_changes(session)
            except Exception as error:
                telemetry.log().warning("plan_fetcher_waits", error=str(error)[:200])
            if stop.wait(PLAN_SECONDS):
                return

    return run


if __name__ == "__main__":
    sys.exit(main())
