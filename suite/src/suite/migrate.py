"""Brings every service's database to its newest schema, in one process: starting eight Pythons would take longer."""

from time import monotonic

from kit.database import migrate
from suite import databases
from suite.machine import HOST, SERVICES, Machine
from suite.processes import migrate_url
from suite.servers.postgres import SUPERUSER


def run(machine: Machine) -> None:
    """Create the databases that are missing and migrate all. Safe to repeat, and quick when there is nothing to do."""
    admin = f"postgresql://{SUPERUSER}:{machine.secrets['postgres']}@{HOST}:{machine.port('postgres')}/postgres"
    for service in SERVICES:
        began = monotonic()
        secrets = machine.secrets
        databases.create(admin, service, service, secrets[service], secrets[f"{service}_owner"])
        migrate(migrate_url(machine, service), f"{service}.migrations")
        print(f"{service}: at its newest schema after {monotonic() - began:.2f} s", flush=True)
