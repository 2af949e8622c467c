"""Roles of the cashdesk image: core, web, migrate."""

import argparse
import os
import sys
from collections.abc import Sequence

from cashdesk import __version__
from cashdesk.clients import Accounts
from cashdesk.config import load
from cashdesk.consumers import SUBSCRIPTIONS
from cashdesk.grpc_api import Api
from cashdesk.seal import Seals
from kit.config import require
from kit.core import Core
from kit.database import migrate
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as rpc


def main(argv: Sequence[str] | None = None) -> int:
    """Run one role until it is told to stop; 0 when it ended well."""
    parser = argparse.ArgumentParser("cashdesk")
    parser.add_argument("role", choices=("core", "web", "migrate"))
    role = parser.parse_args(argv).role
    if role == "web":
        from cashdesk.web import front
        from kit.web import create_app, serve, web_config

        web = web_config(os.environ, "CASHDESK")
        serve(lambda: create_app([front], web), web)
        return 0
    if role == "migrate":
        migrate(require(os.environ, "CASHDESK_MIGRATE_DATABASE_URL"), "cashdesk.migrations")
        return 0
    config = load(os.environ)
    core = Core("cashdesk", __version__, config.core)
    accounts = Accounts(core.channel("accounts"))
    api = Api(core.sessions, Seals(config.seal_key), config.zone, accounts.certify_receipt_key)
    name = pb.DESCRIPTOR.services_by_name["CashdeskService"].full_name
    return core.run([(rpc.add_CashdeskServiceServicer_to_server, api, name)], subscriptions=SUBSCRIPTIONS)


if __name__ == "__main__":
    sys.exit(main())
