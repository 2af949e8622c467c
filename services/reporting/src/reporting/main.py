"""Roles of the reporting image: core, web, migrate."""

import argparse
import os
import sys
from collections.abc import Sequence

from kit.config import ConfigError, require
from kit.core import Core
from kit.database import migrate
from reporting import __version__
from reporting.config import Config, load
from reporting.consumers import SUBSCRIPTIONS
from reporting.grpc_api import Api
from ticketing.reporting.v1 import reporting_service_pb2 as pb
from ticketing.reporting.v1 import reporting_service_pb2_grpc as rpc


def main(argv: Sequence[str] | None = None) -> int:
    """Run one role until it is told to stop; 0 when it ended well, 2 when a setting is missing."""
    parser = argparse.ArgumentParser("reporting")
    parser.add_argument("role", choices=("core", "web", "migrate"))
    role = parser.parse_args(argv).role
    try:
        if role == "migrate":
            migrate(require(os.environ, "REPORTING_MIGRATE_DATABASE_URL"), "reporting.migrations")
            return 0
        return _web() if role == "web" else _core(load(os.environ))
    except ConfigError as error:
        print(f"reporting: {error}", file=sys.stderr)
        return 2


def _core(config: Config) -> int:
    core = Core("reporting", __version__, config.core)
    name = pb.DESCRIPTOR.services_by_name["ReportingService"].full_name
    servicer = (rpc.add_ReportingServiceServicer_to_server, Api(core.sessions, config.zone), name)
    return core.run([servicer], subscriptions=SUBSCRIPTIONS)


def _web() -> int:
    from kit.web import create_app, serve, web_config
    from reporting.web import front

    config = web_config(os.environ, "REPORTING")
    serve(lambda: create_app([front], config), config)
    return 0


if __name__ == "__main__":
    sys.exit(main())
