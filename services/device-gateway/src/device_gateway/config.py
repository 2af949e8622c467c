"""Settings of the two roles, read once at start. A till has no other local setting (B8)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from device_gateway.devices import addresses
from device_gateway.devices.drivers import DRIVERS
from device_gateway.devices.registry import DeviceRole, Entry
from device_gateway.devices.transport import BadAddress
from device_gateway.printing.drivers import PRINTERS, Option
from device_gateway.terminals.drivers import TERMINALS
from kit.config import ConfigError, integer, require

# A till that nobody has set up on its page begins with these (C9).
_DEVICES = {
    "TILL_TICKET_PRINTER": (DeviceRole.TICKET, "TILL_TICKET_DRIVER", "escpos"),
    "TILL_RECEIPT_PRINTER": (DeviceRole.RECEIPT, "TILL_RECEIPT_DRIVER", "escpos"),
    "TILL_DISPLAY": (DeviceRole.DISPLAY, "TILL_DISPLAY_DRIVER", "two_lines"),
    "TILL_DRAWER": (DeviceRole.DRAWER, "TILL_DRAWER_DRIVER", "escpos"),
    "TILL_SCANNER": (DeviceRole.SCANNER, "TILL_SCANNER_DRIVER", "line"),
    "TILL_TERMINAL": (DeviceRole.TERMINAL, "TILL_TERMINAL_DRIVER", "caisse_ap"),
}
SIMULATED = {
    name: f"SIM_{name.upper()}_PORT" for name in ("ticket", "receipt", "display", "drawer", "scanner", "terminal")
}
CENTRE_SERVICES = ("accounts", "catalog", "inventory", "cashdesk", "documents", "orders")


@dataclass(frozen=True)
class TillConfig:
    """What the till needs."""

    bind: str
    port: int
    allowed_hosts: frozenset[str]  # `host` or `host:port` by which browsers may call us, besides loopback
    data_dir: Path
    centre_targets: Mapping[str, str]  # service -> grpc://host:port, or grpcs:// with TLS
    proxy_file: Path | None  # holds the address of an HTTP proxy and its password
    devices: tuple[Entry, ...]  # with which a till begins that nobody has set up otherwise
    enrolment_code_file: Path | None  # a till not yet enrolled takes its code from here, once
    simulators_url: str  # shown as a link; empty when there are none
    timings_file: Path | None  # one JSON line per sale, for benches


@dataclass(frozen=True)
class SimulatorsConfig:
    """What the simulated devices need."""

    bind: str
    panel_port: int
    ports: Mapping[str, int]  # of each device that there is, by its name
    ticket_language: str
    receipt_language: str
    terminal_language: str
    data_dir: Path


def till_config(env: Mapping[str, str]) -> TillConfig:
    """Raises ConfigError naming the variable that is missing or wrong."""
    bind = env.get("TILL_BIND", "127.0.0.1")
    hosts = frozenset(host.strip().lower() for host in env.get("TILL_ALLOWED_HOSTS", "").split(",") if host.strip())
    if bind not in ("127.0.0.1", "::1", "localhost") and not hosts:
        raise ConfigError(
            "TILL_ALLOWED_HOSTS must name the hosts by which the till is reached when TILL_BIND is not loopback"
        )
    return TillConfig(
        bind=bind,
        port=integer(env, "TILL_PORT"),
        allowed_hosts=hosts,
        data_dir=Path(require(env, "TILL_DATA_DIR")),
        centre_targets=_centre(env),
        proxy_file=_path(env, "TILL_PROXY_FILE"),
        devices=tuple(_device(env, name) for name in _DEVICES if env.get(name)),
        enrolment_code_file=_path(env, "TILL_ENROLMENT_CODE_FILE"),
        simulators_url=env.get("TILL_SIMULATORS_URL", ""),
        timings_file=_path(env, "TILL_TIMINGS_FILE"),
    )


def simulators_config(env: Mapping[str, str]) -> SimulatorsConfig:
    """Raises ConfigError naming the variable that is missing or wrong."""
    return SimulatorsConfig(
        bind=env.get("SIM_BIND", "127.0.0.1"),
        panel_port=integer(env, "SIM_PANEL_PORT"),
        ports={name: integer(env, variable) for name, variable in SIMULATED.items() if env.get(variable)},
        ticket_language=_language(env, "SIM_TICKET_LANGUAGE"),
        receipt_language=_language(env, "SIM_RECEIPT_LANGUAGE"),
        terminal_language=_terminal_language(env),
        data_dir=Path(require(env, "SIM_DATA_DIR")),
    )


def _centre(env: Mapping[str, str]) -> dict[str, str]:
    """One address for all services (R1), whose edge routes by the service in each call's path; or one for each."""
    url = env.get("TILL_CENTRE_URL", "")
    if not url:
        return _targets(require(env, "TILL_CENTRE_TARGETS"))
    if env.get("TILL_CENTRE_TARGETS"):
        raise ConfigError("TILL_CENTRE_URL and TILL_CENTRE_TARGETS are both set: keep one")
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise ConfigError("TILL_CENTRE_URL must look like https://host") from None
    if parts.scheme != "https" or not parts.hostname or parts.path.strip("/") or parts.query or parts.username:
        raise ConfigError("TILL_CENTRE_URL must look like https://host")
    return dict.fromkeys(CENTRE_SERVICES, f"grpcs://{parts.hostname}:{port}")


def _targets(raw: str) -> dict[str, str]:
    try:
        targets = json.loads(raw)
    except ValueError as error:
        raise ConfigError(f"TILL_CENTRE_TARGETS is not JSON: {error}") from None
    if not isinstance(targets, dict) or not all(isinstance(target, str) for target in targets.values()):
        raise ConfigError("TILL_CENTRE_TARGETS must be an object of service names and targets")
    missing = [service for service in CENTRE_SERVICES if not targets.get(service)]
    if missing:
        raise ConfigError(f"TILL_CENTRE_TARGETS does not name {', '.join(missing)}")
    return targets


def _device(env: Mapping[str, str], name: str) -> Entry:
    """Its driver and what it can stand beside its address: `TILL_TICKET_DRIVER="fgl dpi=300 cut=false"`."""
    role, driver_name, usual = _DEVICES[name]
    driver, *pairs = env.get(driver_name, "").split() or [usual]
    if driver not in DRIVERS[role]:
        raise ConfigError(f"{driver_name} must begin with one of {', '.join(DRIVERS[role])}")
    options = {option: _option(value) for option, _, value in (pair.partition("=") for pair in pairs)}
    try:
        DRIVERS[role][driver](addresses.at(env[name]), options)
    except BadAddress as error:
        raise ConfigError(f"{name} {error}") from None
    except ValueError as error:
        raise ConfigError(f"{driver_name}: {error}") from None
    return Entry(role, driver, env[name], options)


def _option(value: str) -> Option:
    if value in ("true", "false"):
        return value == "true"
    is_number = value.isdecimal() and str(int(value)) == value  # 000000 is a password
    return int(value) if is_number else value


def _language(env: Mapping[str, str], name: str) -> str:
    language = env.get(name, "escpos")
    if language not in PRINTERS:
        raise ConfigError(f"{name} must be one of {', '.join(PRINTERS)}")
    return language


def _terminal_language(env: Mapping[str, str]) -> str:
    language = env.get("SIM_TERMINAL_LANGUAGE", "caisse_ap")
    if language not in TERMINALS:
        raise ConfigError(f"SIM_TERMINAL_LANGUAGE must be one of {', '.join(TERMINALS)}")
    return language


def _path(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None
