"""Roles: core (gRPC), web (pages), migrate (schema)."""

import argparse
import os
import sys
import threading
from collections.abc import Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from documents import __version__, config
from documents.grpc_api import DocumentsApi
from documents.usecases import install_shipped
from kit import telemetry
from kit.clock import now
from kit.config import ConfigError, CoreConfig, require
from kit.core import Core
from kit.database import migrate
from ticketing.documents.v1 import documents_service_pb2 as pb
from ticketing.documents.v1 import documents_service_pb2_grpc as rpc

SERVICE = pb.DESCRIPTOR.services_by_name["DocumentsService"].full_name
RETRY_SECONDS = 2.0


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="documents", description=__doc__)
    parser.add_argument("role", choices=("core", "web", "migrate"))
    role = parser.parse_args(argv).role
    try:
        if role == "migrate":
            migrate(require(os.environ, "DOCUMENTS_MIGRATE_DATABASE_URL"), "documents.migrations")
            return 0
        return run_web() if role == "web" else run_core(config.load(os.environ))
    except ConfigError as error:
        print(f"documents: {error}", file=sys.stderr)
        return 2


def run_core(settings: CoreConfig) -> int:
    """Serve until told to stop. The shipped templates are there before the first call, unless the database is down."""
    core = Core("documents", __version__, settings)
    servicer = (rpc.add_DocumentsServiceServicer_to_server, DocumentsApi(core.sessions), SERVICE)
    if installed(core.sessions):
        return core.run([servicer])
    return core.run([servicer], background=[lambda stop: keep_installing(core.sessions, stop)])


def installed(sessions: sessionmaker[Session]) -> bool:
    """Whether the shipped templates are in the database now."""
    try:
        added = install_shipped(sessions, now())
    except SQLAlchemyError as error:
        telemetry.log().warning("shipped_templates_wait", error=str(error)[:200])
        return False
    telemetry.log().info("shipped_templates", added=added)
    return True


def keep_installing(sessions: sessionmaker[Session], stop: threading.Event) -> None:
    """Until it has worked once, or the core stops."""
    while not installed(sessions):
        if stop.wait(RETRY_SECONDS):
            return


def run_web() -> int:
    """Serve this service's pages alone."""
    from documents.web import front
    from kit.web import create_app, serve, web_config

    settings = web_config(os.environ, "DOCUMENTS")
    serve(lambda: create_app([front], settings), settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
