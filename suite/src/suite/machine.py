"""Where the suite lives on this machine: its folder, its ports, its secrets (docs/conventions.md)."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("accounts", "catalog", "inventory", "orders", "cashdesk", "documents", "reporting")
DEFAULT_PORT_BASE = 7400
HOST = "127.0.0.1"

PORT_OFFSETS = {
    "back office": 0,
    "till": 1,
    "simulators": 2,
    "live": 3,
    **{f"{service} gRPC": 10 + place for place, service in enumerate(SERVICES)},
    **{f"{service} operations": 20 + place for place, service in enumerate(SERVICES)},
    "postgres": 30,
    "nats": 31,
    "redis": 32,
    "nats monitoring": 33,
    "ticket printer": 40,
    "receipt printer": 41,
    "customer display": 42,
    "cash drawer": 43,
    "code reader": 44,
    "payment terminal": 48,
}


class BadSetting(Exception):
    """A variable of the environment cannot be used; the message names it and says why."""


@dataclass(frozen=True)
class Machine:
    """One running place of the suite: everything else is computed from these three."""

    port_base: int
    var: Path
    secrets: Mapping[str, str]

    def port(self, use: str) -> int:
        """The port of one of `PORT_OFFSETS`."""
        return self.port_base + PORT_OFFSETS[use]

    def target(self, service: str) -> str:
        """The gRPC address of a core, as the `<P>_…_TARGET` variables want it."""
        return f"grpc://{HOST}:{self.port(f'{service} gRPC')}"

    def url(self, use: str) -> str:
        """The HTTP address of a web front, the till, the simulators or a core's operations."""
        return f"http://{HOST}:{self.port(use)}"

    def database_url(self, role: str, database: str) -> str:
        return f"postgresql+psycopg://{role}:{self.secrets[role]}@{HOST}:{self.port('postgres')}/{database}"

    @property
    def nats_url(self) -> str:
        return f"nats://{HOST}:{self.port('nats')}"

    @property
    def redis_url(self) -> str:
        return f"redis://{HOST}:{self.port('redis')}/0"

    @property
    def demo_marker(self) -> Path:
        """Exists once the demo organisation has been loaded to its end."""
        return self.var / "demo-loaded"


def load(env: Mapping[str, str]) -> Machine:
    """The machine that `VAR_DIR` and `PORT_BASE` describe; its secrets are made the first time.

    Raises BadSetting.
    """
    var = Path(env.get("VAR_DIR") or "var").absolute()
    return Machine(port_base(env), var, kept_secrets(var / "secrets.json"))


def port_base(env: Mapping[str, str]) -> int:
    """`PORT_BASE`, such that every port of the suite is a port. Raises BadSetting."""
    given = env.get("PORT_BASE") or str(DEFAULT_PORT_BASE)
    highest = 65535 - max(PORT_OFFSETS.values())
    if not given.isdecimal() or not 1024 <= int(given) <= highest:
        raise BadSetting(f"PORT_BASE={given} is not a whole number from 1024 to {highest}")
    return int(given)


def kept_secrets(path: Path) -> dict[str, str]:
    """The secrets of this place, from a file that only its owner reads; those still missing are made and kept."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    missing = {name: make() for name, make in _recipes().items() if name not in kept}
    if missing:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_private(path, json.dumps(kept | missing, indent=1))
    return kept | missing


def write_private(path: Path, text: str, durable: bool = True) -> None:
    """Replace a file at once by one of mode 0600; durable means that it survives a power cut."""
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    fresh.replace(path)


def _recipes() -> dict:
    roles = ("postgres", *SERVICES, *(f"{service}_owner" for service in SERVICES))
    words = (*roles, "service_secret", "web_secret_key")
    keys = (
        "accounts_root_key",
        "accounts_token_key_secret",
        "catalog_setup_key",
        "orders_ticket_key",
        "cashdesk_seal_key",
    )
    return {name: lambda: secrets.token_hex(24) for name in words} | {name: _key for name in keys}


def _key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
