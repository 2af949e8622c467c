"""The table of the suite's processes: command, environment, ports, order (docs/conventions.md)."""

import json
import os
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from suite.machine import HOST, SERVICES, Machine
from suite.servers import Server, nats, nothing_to_prepare, postgres, valkey


class Stage(IntEnum):
    """Stopping goes through these backwards. Starting follows `Process.after`, which lets more happen at once."""

    SERVERS = 0
    MIGRATION = 1
    CORES = 2
    FRONTS = 3
    SIMULATORS = 4
    DEMO = 5
    TILL = 6


@dataclass(frozen=True)
class Process:
    """One process: how it is started, when, and how to see that it is ready."""

    name: str
    stage: Stage
    command: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)  # beside the variables of whoever starts the suite
    after: tuple[str, ...] = ()  # names; started once all of these are ready, or done
    ports: Mapping[str, int] = field(default_factory=dict)  # use -> port
    ready: Callable[[], bool] | None = None  # None: a step, done when it exits with 0
    prepare: Callable[[], None] = nothing_to_prepare
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None
    address: str = ""  # for people


def table(machine: Machine) -> list[Process]:
    """Every process of the suite, in the order of `Stage`."""
    cores = tuple(SERVICES)
    seeded: tuple[str, ...] = ()
    demo: list[Process] = []
    if not machine.demo_marker.exists():
        demo = [
            Process(
                name="demo",
                stage=Stage.DEMO,
                command=_python("suite", "seed"),
                env=_place(machine),
                after=(*cores, "simulators"),
            )
        ]
        seeded = ("demo",)
    return [
        *_servers(machine),
        Process(
            name="migrations",
            stage=Stage.MIGRATION,
            command=_python("suite", "migrate"),
            env=_place(machine),
            after=("postgres",),
        ),
        *(_core(machine, service) for service in SERVICES),
        _fronts(machine),
        _live(machine),
        _simulators(machine),
        *demo,
        _till(machine, after=("simulators", *seeded)),
    ]


def migrate_url(machine: Machine, service: str) -> str:
    """The URL with which a service's migrations run."""
    return machine.database_url(f"{service}_owner", service)


def _servers(machine: Machine) -> list[Process]:
    var = machine.var
    return [
        _server(
            postgres.server(var / "postgres", machine.port("postgres"), machine.secrets["postgres"]),
            {"PostgreSQL": machine.port("postgres")},
        ),
        _server(
            nats.server(var / "nats", machine.port("nats"), machine.port("nats monitoring")),
            {"NATS": machine.port("nats"), "NATS monitoring": machine.port("nats monitoring")},
        ),
        _server(valkey.server(var / "redis", machine.port("redis")), {"Redis": machine.port("redis")}),
    ]


def _server(server: Server, ports: Mapping[str, int]) -> Process:
    return Process(
        name=server.name,
        stage=Stage.SERVERS,
        command=server.command,
        ports=ports,
        ready=server.ready,
        prepare=server.prepare,
        stop_signal=server.stop_signal,
        user=server.user,
    )


OWN_SECRETS = {
    "accounts": ("accounts_root_key", "accounts_token_key_secret"),
    "catalog": ("catalog_setup_key",),
    "orders": ("orders_ticket_key",),
    "cashdesk": ("cashdesk_seal_key",),
}


# Use of a port -> the simulated device there, and the variable by which the till knows its address.
SIMULATED = {
    "ticket printer": ("TICKET", "TILL_TICKET_PRINTER"),
    "receipt printer": ("RECEIPT", "TILL_RECEIPT_PRINTER"),
    "customer display": ("DISPLAY", "TILL_DISPLAY"),
    "cash drawer": ("DRAWER", "TILL_DRAWER"),
    "code reader": ("SCANNER", "TILL_SCANNER"),
    "payment terminal": ("TERMINAL", "TILL_TERMINAL"),
}


def _core(machine: Machine, service: str) -> Process:
    prefix = service.upper()
    grpc, operations = machine.port(f"{service} gRPC"), machine.port(f"{service} operations")
    others = [other for other in SERVICES if other != service]
    env = {
        f"{prefix}_DATABASE_URL": machine.database_url(service, service),
        f"{prefix}_NATS_URL": machine.nats_url,
        f"{prefix}_REDIS_URL": machine.redis_url,
        f"{prefix}_SERVICE_SECRET": machine.secrets["service_secret"],
        f"{prefix}_GRPC_PORT": str(grpc),
        f"{prefix}_OPS_PORT": str(operations),
        f"{prefix}_BIND": HOST,
        # A service reads those that it calls; knowing here which ones would be a second list to keep right.
        **{f"{prefix}_{other.upper()}_TARGET": machine.target(other) for other in others},
        **{name.upper(): machine.secrets[name] for name in OWN_SECRETS.get(service, ())},
    }
    return Process(
        name=service,
        stage=Stage.CORES,
        command=_python(f"{service}.main", "core"),
        env=_modest(env),
        after=("migrations", "nats", "redis"),
        ports={f"{service} (gRPC)": grpc, f"{service} (operations)": operations},
        ready=http_ready(f"{machine.url(f'{service} operations')}/readyz"),
    )


def _fronts(machine: Machine) -> Process:
    port = machine.port("back office")
    env = {
        "WEB_PORT": str(port),
        "WEB_LIVE_PORT": str(machine.port("live")),
        "WEB_SECRET_KEY": machine.secrets["web_secret_key"],
        **{f"WEB_{service.upper()}_TARGET": machine.target(service) for service in SERVICES},
    }
    workers = ("--worker-class", "gthread", "--workers", "1", "--threads", "8", "--no-control-socket")
    return Process(
        name="fronts",
        stage=Stage.FRONTS,
        command=_python("gunicorn", "suite.fronts:app", *workers, "--bind", f"{HOST}:{port}"),
        env=_modest(env),
        after=("migrations",),
        ports={"back office": port},
        ready=http_ready(f"{machine.url('back office')}/readyz"),
        address=machine.url("back office"),
    )


def _live(machine: Machine) -> Process:
    port, pages = machine.port("live"), machine.port("back office")
    env = {
        "INVENTORY_NATS_URL": machine.nats_url,
        "INVENTORY_REDIS_URL": machine.redis_url,
        "INVENTORY_ACCOUNTS_TARGET": machine.target("accounts"),
        "INVENTORY_INVENTORY_TARGET": machine.target("inventory"),
        "INVENTORY_BIND": HOST,
        "INVENTORY_LIVE_PORT": str(port),
        "INVENTORY_LIVE_ORIGINS": f"http://{HOST}:{pages} http://localhost:{pages}",
    }
    return Process(
        name="live",
        stage=Stage.FRONTS,
        command=_python("inventory.main", "live"),
        env=_modest(env),
        after=("nats", "redis", "inventory"),  # the inventory makes the stream that it hears
        ports={"live plans": port},
        ready=http_ready(f"{machine.url('live')}/readyz"),
    )


def _simulators(machine: Machine) -> Process:
    ports = {name: machine.port(name) for name in ("simulators", *SIMULATED)}
    env = {
        "SIM_PANEL_PORT": str(ports["simulators"]),
        **{f"SIM_{device}_PORT": str(ports[name]) for name, (device, _) in SIMULATED.items()},
        "SIM_DATA_DIR": str(machine.var / "simulators"),
    }
    return Process(
        name="simulators",
        stage=Stage.SIMULATORS,
        command=_python("device_gateway.main", "simulators"),
        env=_modest(env),
        ports=ports,
        ready=http_ready(f"{machine.url('simulators')}/readyz"),
        address=machine.url("simulators"),
    )


def _till(machine: Machine, after: tuple[str, ...]) -> Process:
    folder = machine.var / "till"
    env = {
        "TILL_PORT": str(machine.port("till")),
        "TILL_DATA_DIR": str(folder),
        "TILL_CENTRE_TARGETS": json.dumps({service: machine.target(service) for service in SERVICES}),
        **{variable: f"tcp://{HOST}:{machine.port(name)}" for name, (_, variable) in SIMULATED.items()},
        "TILL_SIMULATORS_URL": machine.url("simulators"),
        "TILL_ENROLMENT_CODE_FILE": str(folder / "enrolment-code"),
    }
    return Process(
        name="till",
        stage=Stage.TILL,
        command=_python("device_gateway.main", "web"),
        env=_modest(env),
        after=after,
        ports={"till": machine.port("till")},
        ready=http_ready(f"{machine.url('till')}/readyz"),
        address=machine.url("till"),
    )


def http_ready(url: str) -> Callable[[], bool]:
    """A question to ask: does this URL answer 200? A wrong or late answer, or none, is no."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError, ValueError):
            return False

    return ask


def _python(module: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", module, *arguments)


def _place(machine: Machine) -> dict[str, str]:
    return {"VAR_DIR": str(machine.var), "PORT_BASE": str(machine.port_base)}


def _modest(env: Mapping[str, str]) -> dict[str, str]:
    """Keep glibc from reserving a heap per thread: a dozen threaded Pythons share one small machine."""
    return {"MALLOC_ARENA_MAX": "2", **env}


def environment(process: Process) -> dict[str, str]:
    """All the variables that a process starts with."""
    return {**os.environ, "PYTHONUNBUFFERED": "1", **process.env}
