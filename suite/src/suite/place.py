"""The suite's folder on this machine while it runs: who holds it, what runs in it, which ports it needs."""

import fcntl
import json
import os
import signal
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from suite.machine import HOST, write_private


class AlreadyRunning(Exception):
    """Another supervisor holds this folder."""


class PortsTaken(Exception):
    """Ports that the suite needs are in use; the message says which, by whom, and what to do."""


@contextmanager
def held(var: Path) -> Iterator[None]:
    """Hold the folder for the length of a `with` block. The lock dies with its holder. Raises AlreadyRunning."""
    var.mkdir(parents=True, exist_ok=True)
    with (var / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise AlreadyRunning(
                f"the suite already runs on {var} (process {lock.read().strip() or 'unknown'}): "
                "`make status` shows it, `make down` stops it"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def holder(var: Path) -> int | None:
    """The process id of the supervisor that holds the folder, if one does."""
    try:
        with (var / "lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(lock.read().strip() or 0) or None
    except FileNotFoundError:
        return None
    return None


def check_ports(wanted: Mapping[int, str]) -> None:
    """Raises PortsTaken for those that cannot be bound; `wanted` gives each port's use."""
    taken = [port for port in wanted if not _free(port)]
    if not taken:
        return
    by = _listeners()
    lines = [f"  {port}  wanted for {wanted[port]}{by.get(port, '')}" for port in taken]
    raise PortsTaken(
        "these ports are taken:\n" + "\n".join(lines) + "\n"
        "Stop what uses them, or move the whole suite, for instance: make run PORT_BASE=8400"
    )


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def _listeners() -> dict[int, str]:
    """Who listens where, as far as this account may know."""
    found: dict[int, str] = {}
    with suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.pid and connection.laddr:
                with suppress(psutil.Error):
                    name = psutil.Process(connection.pid).name()
                    found[connection.laddr.port] = f", used by process {connection.pid} ({name})"
    return found


def write_state(var: Path, state: Mapping[str, Any]) -> None:
    write_private(var / "run.json", json.dumps(state, indent=1), durable=False)


def read_state(var: Path) -> dict[str, Any]:
    """What the supervisor last wrote of itself and its processes; empty when it never ran or ended well."""
    try:
        state: dict[str, Any] = json.loads((var / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return state


def forget_state(var: Path) -> None:
    (var / "run.json").unlink(missing_ok=True)


def created(pid: int) -> float:
    """When a process began; with its id this names it for good. 0 when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return 0.0


def stop_leftovers(var: Path) -> list[str]:
    """Stop what a supervisor that was killed has left running; return the names. Call it holding the folder."""
    left: list[tuple[str, psutil.Process]] = []
    for name, entry in read_state(var).get("processes", {}).items():
        with suppress(psutil.Error):
            if entry["pid"] and abs(created(entry["pid"]) - entry["created"]) < 0.05:
                left.append((name, psutil.Process(entry["pid"])))
    for name, process in left:
        with suppress(psutil.Error):
            process.send_signal(signal.SIGINT if name == "postgres" else signal.SIGTERM)
    _, stubborn = psutil.wait_procs([process for _, process in left], timeout=10)
    for process in stubborn:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    psutil.wait_procs(stubborn, timeout=5)
    return [name for name, _ in left]
