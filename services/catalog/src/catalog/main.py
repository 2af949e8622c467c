"""Roles of the catalogue: core, web, migrate."""

import argparse
import os
import sys
from collections.abc import Sequence

from catalog import __version__, config
from kit.config import require
from kit.core import Core
from kit.database import migrate
from ticketing.catalog.v1 import catalog_service_pb2 as pb
from ticketing.catalog.v1 import catalog_service_pb2_grpc as rpc


def main(argv: Sequence[str] | None = None) -> int:
    """Run one role until told to stop."""
    parser = argparse.ArgumentParser(prog="catalog", description="The catalogue of the ticketing suite.")
    parser.add_argument("role", choices=("core", "web", "migrate"))
    role = parser.parse_args(argv).role
    if role == "web":
        from catalog.web import front
        from kit.web import create_app, serve, web_config

        pages = web_config(os.environ, "CATALOG")
        serve(lambda: create_app([front], pages), pages)
        return 0
    if role == "migrate":
        migrate(require(os.environ, "CATALOG_MIGRATE_DATABASE_URL"), "catalog.migrations")
        return 0
    settings = config.load(os.environ)
    from catalog.clients import Accounts
    from catalog.grpc_api import Api
    from catalog.usecases import Signer

    core = Core("catalog", __version__, settings.core)
    signer = Signer(Accounts(core.channel("accounts")), settings.setup_key)
    name = pb.DESCRIPTOR.services_by_name["CatalogService"].full_name
    return core.run([(rpc.add_CatalogServiceServicer_to_server, Api(core.sessions, signer), name)])


if __name__ == "__main__":
    sys.exit(main())
