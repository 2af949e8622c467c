"""Roles: core (gRPC), web (pages), migrate (schema), bootstrap (the first administrator)."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session, sessionmaker

from accounts import __version__, config
from accounts.certificates import Root
from accounts.grpc_api import PUBLIC_METHODS, AccountsApi
from accounts.throttle import Throttle
from accounts.token_keys import TokenKeys
from accounts.usecases.means import Means
from accounts.usecases.users import first_administrator
from accounts.vault import Vault
from kit import telemetry
from kit.clock import now
from kit.config import ConfigError, require
from kit.core import Core
from kit.database import engine_for, migrate, sessions_for
from kit.errors import DomainError
from kit.tokens import KeyRing
from ticketing.accounts.v1 import accounts_service_pb2 as pb
from ticketing.accounts.v1 import accounts_service_pb2_grpc as rpc

SERVICE = pb.DESCRIPTOR.services_by_name["AccountsService"].full_name


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="accounts", description=__doc__)
    parser.add_argument("role", choices=("core", "web", "migrate", "bootstrap"))
    role = parser.parse_args(argv).role
    try:
        if role == "migrate":
            migrate(require(os.environ, "ACCOUNTS_MIGRATE_DATABASE_URL"), "accounts.migrations")
            return 0
        if role == "bootstrap":
            return bootstrap(os.environ)
        return run_web() if role == "web" else run_core(config.load(os.environ))
    except ConfigError as error:
        print(f"accounts: {error}", file=sys.stderr)
        return 2


def run_core(settings: config.Config) -> int:
    """Serve until told to stop. Accounts verifies tokens by its own keys, from its own database."""
    core = Core("accounts", __version__, settings.core)
    means = means_of(settings, core.sessions)
    keys = KeyRing(lambda: means.token_keys.public_keys(now()), settings.core.service_secret)
    servicer = (rpc.add_AccountsServiceServicer_to_server, AccountsApi(means), SERVICE)
    return core.run([servicer], public_methods=PUBLIC_METHODS, keys=keys)


def run_web() -> int:
    """Serve this service's pages alone."""
    from accounts.web import front
    from kit.web import create_app, serve, web_config

    settings = web_config(os.environ, "ACCOUNTS")
    serve(lambda: create_app([front], settings), settings)
    return 0


def means_of(settings: config.Config, sessions: sessionmaker[Session]) -> Means:
    vault = Vault(settings.token_key_secret)
    return Means(
        sessions, Throttle(settings.core.redis_url), TokenKeys(sessions, vault), vault, Root(settings.root_key)
    )


def bootstrap(env: Mapping[str, str]) -> int:
    """Make the first administrator when there is no user at all; safe to repeat."""
    telemetry.configure("accounts", __version__)
    login, password = require(env, "ACCOUNTS_BOOTSTRAP_LOGIN"), require(env, "ACCOUNTS_BOOTSTRAP_PASSWORD")
    engine = engine_for(require(env, "ACCOUNTS_DATABASE_URL"))
    try:
        made = first_administrator(sessions_for(engine), login, password, now())
    except DomainError as error:
        print(f"accounts: the first administrator cannot be made: {error.message}", file=sys.stderr)
        return 2
    finally:
        engine.dispose()
    print(f"accounts: {'made the administrator ' + login if made else 'there are users already, nothing to do'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
