"""Where a device is, in one line, and the transport that goes there.

tcp://printer-3.local:9100     serial:/dev/serial/by-id/…?baud=9600     usb:/dev/usb/lp0     spool:/var/spool/cards
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from device_gateway.devices.files import DeviceFileTransport, SpoolTransport
from device_gateway.devices.serial_port import SerialTransport, settings_of
from device_gateway.devices.transport import BadAddress, TcpTransport, Transport


def at(address: str) -> Transport:
    """The transport of an address, not connected yet. Raises BadAddress."""
    kind = address.partition(":")[0]
    if kind not in _KINDS:
        raise BadAddress(f"must begin with {', '.join(_KINDS)}, as in tcp://host:port")
    return _KINDS[kind](address)


def _tcp(address: str) -> Transport:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise BadAddress("must look like tcp://host:port") from None
    if not parts.hostname or not port or parts.path.strip("/") or parts.query:
        raise BadAddress("must look like tcp://host:port")
    return TcpTransport(parts.hostname, port)


def _path(address: str) -> Path:
    kind, _, path = address.partition(":")
    if not Path(path).is_absolute():
        raise BadAddress(f"must look like {kind}:/path")
    return Path(path)


_KINDS: Mapping[str, Callable[[str], Transport]] = {
    "tcp": _tcp,
    "serial": lambda address: SerialTransport(settings_of(address)),
    "usb": lambda address: DeviceFileTransport(_path(address)),
    "spool": lambda address: SpoolTransport(_path(address)),
}
