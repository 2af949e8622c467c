"""pytest fixtures with the real servers; a plugin that installing the suite activates.

`database("orders")` gives a fresh database with its two roles; `postgres`, `nats_url`, `redis_url` give the servers.
Each starts when the first test asks for it, on a free port, with its data in a temporary folder. All workers of
pytest-xdist share one PostgreSQL, because its start costs a second; each has its own NATS and Redis, whose streams
and keys have fixed names.
"""

import fcntl
import itertools
import json
import os
import random
import shutil
import signal
import socket
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from suite import databases
from suite.servers import Server, nats, postgres, running, spawn, valkey, wait_ready

FOLDER_VARIABLE = "TICKETING_TEST_FOLDER"  # the controller tells its xdist workers by this one
PREFIX = "ticketing-test-"
PASSWORD = "of-a-test"  # noqa: S105 - guards a server that lives as long as one test run

_numbers = itertools.count(1)


class Database(str):
    """The URL (SQLAlchemy, psycopg) with the role that may not change the schema; `owner_url` may."""

    owner_url: str
    name: str


@dataclass(frozen=True)
class Postgres:
    """The running server."""

    port: int

    @property
    def admin_url(self) -> str:
        """For libpq and psycopg."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def database(self, service: str) -> Database:
        """A new, empty database for a service; the next call with the same name gives another one."""
        name = f"{service}_{os.getpid()}_{next(_numbers)}"
        databases.create(self.admin_url, name, service, PASSWORD, PASSWORD)
        database = Database(self._url(service, name))
        database.owner_url = self._url(f"{service}_owner", name)
        database.name = name
        return database

    def _url(self, role: str, name: str) -> str:
        return f"postgresql+psycopg://{role}:{PASSWORD}@127.0.0.1:{self.port}/{name}"


def pytest_configure(config: pytest.Config) -> None:
    """The controller, or a pytest without workers, makes the folder that all of them share."""
    if hasattr(config, "workerinput"):
        return
    _sweep()
    os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-")
    # Root's PostgreSQL may have to run as another account (suite.servers.postgres), which passes through here.
    Path(os.environ[FOLDER_VARIABLE]).chmod(0o711)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the shared server and delete everything."""
    if hasattr(config, "workerinput") or FOLDER_VARIABLE not in os.environ:
        return
    _clear(Path(os.environ.pop(FOLDER_VARIABLE)))


@pytest.fixture(scope="session", name="postgres")
def postgres_server() -> Postgres:
    """The PostgreSQL that all workers share."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = folder / "postgres.json"
        if not known.exists():
            port = free_port()
            server = postgres.server(folder / "postgres", port, PASSWORD, durable=False)
            server.prepare()
            process = spawn(server, folder / "postgres.log")
            _remember(folder, "postgres", process.pid, server)
            wait_ready(server, process, folder / "postgres.log")
            known.write_text(json.dumps({"port": port}))
        return Postgres(json.loads(known.read_text())["port"])


@pytest.fixture(scope="session")
def database(postgres: Postgres) -> Callable[[str], Database]:
    """Makes fresh databases: `database("orders")`."""
    return postgres.database


@pytest.fixture(scope="session")
def nats_url() -> Iterator[str]:
    """A NATS with JetStream of this worker's own."""
    port, monitoring_port = free_port(), free_port()
    home = Path(os.environ[FOLDER_VARIABLE]) / f"nats-{os.getpid()}"
    server = nats.server(home, port, monitoring_port, durable=False)
    with _owned(server):
        yield f"nats://127.0.0.1:{port}"


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Valkey of this worker's own."""
    port = free_port()
    home = Path(os.environ[FOLDER_VARIABLE]) / f"redis-{os.getpid()}"
    with _owned(valkey.server(home, port, durable=False)):
        yield f"redis://127.0.0.1:{port}/0"


def free_port() -> int:
    """A port of the loopback address that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def free_port_base(offsets: Iterable[int]) -> int:
    """A base such that base + offset was free a moment ago for every offset: `PORT_BASE` for a suite under test."""
    wanted = list(offsets)
    while True:
        base = random.randrange(10_000, 30_000, 100)  # below what systems hand out for outgoing connections
        with suppress(OSError), ExitStack() as stack:
            for offset in wanted:
                stack.enter_context(socket.socket()).bind(("127.0.0.1", base + offset))
            return base


@contextmanager
def _owned(server: Server) -> Iterator[None]:
    """Run a server for this worker and remember it, for the sweep after a run that was killed."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    name = f"{server.name}-{os.getpid()}"
    with running(server, folder / f"{name}.log") as process:
        _remember(folder, name, process.pid, server)
        yield


def _remember(folder: Path, name: str, pid: int, server: Server) -> None:
    created = psutil.Process(pid).create_time()
    note = {"pid": pid, "created": created, "signal": int(server.stop_signal)}
    (folder / f"{name}.running").write_text(json.dumps(note))


def _clear(folder: Path) -> None:
    """Stop what still runs on a folder of servers, then delete it."""
    alive = []
    for note in folder.glob("*.running"):
        known = json.loads(note.read_text())
        with suppress(psutil.Error):
            process = psutil.Process(known["pid"])
            if abs(process.create_time() - known["created"]) < 0.05:
                process.send_signal(known["signal"])
                alive.append(process)
    _, stubborn = psutil.wait_procs(alive, timeout=20)
    for process in stubborn:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    postgres.forget(folder / "postgres")
    shutil.rmtree(folder, ignore_errors=True)


def _sweep() -> None:
    """Clear the folders of test runs that were killed: their names carry the process id of the run."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        mine = folder.stat().st_uid == os.geteuid()
        if mine and pid.isdecimal() and not psutil.pid_exists(int(pid)):
            _clear(folder)
