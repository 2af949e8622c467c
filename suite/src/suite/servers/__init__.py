"""The three backing servers, each behind one small module that can be replaced."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any


def nothing_to_prepare() -> None:
    """For servers that make their own folder."""


@dataclass(frozen=True)
class Server:
    """How to start one server: prepare, then run the command, then ask until it is ready."""

    name: str
    command: tuple[str, ...]
    ready: Callable[[], bool]
    prepare: Callable[[], None] = nothing_to_prepare
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None  # another account to run as; only root can ask for it


class ServerFailed(Exception):
    """A server did not start or could not be prepared; the message holds what it said."""


def spawn(server: Server, log: Path) -> subprocess.Popen[bytes]:
    """Start a prepared server in a process group of its own, its words going to `log`."""
    with log.open("ab") as words:
        return subprocess.Popen(
            server.command,
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd="/",
            **as_user(server.user),
        )


def as_user(user: str | None) -> dict[str, Any]:
    """The arguments of `subprocess.Popen` that run a command as another account, with that account's groups only."""
    if user is None:
        return {}
    import pwd

    account = pwd.getpwnam(user)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def wait_ready(server: Server, process: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    """Return once the server answers. Raises ServerFailed with the end of its log."""
    deadline = monotonic() + seconds
    while not server.ready():
        if process.poll() is not None or monotonic() > deadline:
            raise ServerFailed(f"{server.name} did not start:\n{tail(log)}")
        sleep(0.02)


@contextmanager
def running(server: Server, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The server, prepared and ready, for the length of a `with` block."""
    server.prepare()
    process = spawn(server, log)
    try:
        wait_ready(server, process, log)
        yield process
    finally:
        process.send_signal(server.stop_signal)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, indented; empty when there is no log."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        last = file.read().decode(errors="replace").splitlines()[-lines:]
    return "\n".join(f"    {line}" for line in last)
