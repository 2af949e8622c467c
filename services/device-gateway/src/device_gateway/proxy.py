"""The way out through an HTTP proxy that asks who calls (R2). gRPC's own CONNECT does the work."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from kit.config import ConfigError


def use(file: Path) -> None:
    """From now on every call to the centre goes through the proxy in the file: `http://user:password@host:port`.

    A file, because settings of a process can be read by others of its user; special characters of the password are
    percent-encoded. Raises ConfigError, which never tells the address: it holds the password.
    """
    try:
        address = file.read_text("utf-8").strip()
        parts = urlsplit(address)
        complete = parts.scheme == "http" and parts.hostname and parts.port
    except (OSError, ValueError):
        complete = False
    if not complete:
        raise ConfigError("TILL_PROXY_FILE must be a file with one line such as http://user:password@host:port")
    os.environ["grpc_proxy"] = address  # noqa: SIM112 - gRPC reads it so
