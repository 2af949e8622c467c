"""Serial ports: RS-232, and USB devices that look like one. Opened for us alone.

serial:/dev/serial/by-id/usb-Prolific-if00?baud=9600&bits=7&parity=E&stop=1     as the device's manual says
serial:COM3                                                                     9600 8N1 when nothing is said
"""

import contextlib
from dataclasses import dataclass
from urllib.parse import parse_qsl

import serial

from device_gateway.devices.transport import BadAddress, TransportError

try:
    import termios
except ImportError:  # Windows, where a port that refuses its settings says so by an OSError
    _CANNOT_OPEN: tuple[type[Exception], ...] = (OSError, ValueError)
else:
    _CANNOT_OPEN = (OSError, ValueError, termios.error)

_BAUDS = (1200, 2400, 4800, 9600, 19200, 38400, 57600, 115200)
_PARITIES = ("N", "E", "O")
_EXAMPLE = "must look like serial:/dev/ttyUSB0?baud=9600&bits=8&parity=N&stop=1"
WRITE_SECONDS = 30.0


@dataclass(frozen=True)
class SerialSettings:
    """How the port speaks."""

    device: str
    baud: int = 9600
    bits: int = 8
    parity: str = "N"
    stop: int = 1


def settings_of(address: str) -> SerialSettings:
    """Raises BadAddress."""
    device, _, asked = address.removeprefix("serial:").partition("?")
    try:
        told = dict(parse_qsl(asked, keep_blank_values=True, strict_parsing=True)) if asked else {}
        settings = SerialSettings(
            device, int(told.pop("baud", "9600")), int(told.pop("bits", "8")), told.pop("parity", "N"),
            int(told.pop("stop", "1")),
        )  # fmt: skip
    except ValueError:
        raise BadAddress(_EXAMPLE) from None
    known = settings.baud in _BAUDS and settings.bits in (7, 8) and settings.stop in (1, 2)
    if not device or told or not known or settings.parity not in _PARITIES:
        raise BadAddress(_EXAMPLE)
    return settings


class SerialTransport:
    """A port that is opened when needed and kept. `generation` grows each time it is opened."""

    def __init__(self, settings: SerialSettings, write_seconds: float = WRITE_SECONDS) -> None:
        self._settings, self._write_seconds = settings, write_seconds
        self._port: serial.Serial | None = None
        self.generation = 0

    def connect(self) -> None:
        """Do nothing when open. Raises TransportError, also when another program has the port."""
        if self._port is not None:
            return
        asked = self._settings
        try:
            self._port = serial.Serial(
                asked.device, asked.baud, bytesize=asked.bits, parity=asked.parity, stopbits=asked.stop,
                timeout=0, write_timeout=self._write_seconds, exclusive=True,
            )  # fmt: skip
        except _CANNOT_OPEN as error:
            raise TransportError(f"cannot open: {error}") from error
        self.generation += 1

    def drain(self) -> bytes:
        """Bytes that came unasked. Raises TransportError when the port is gone."""
        drained = b""
        while data := self._receive():
            drained += data
        return drained

    def write(self, data: bytes) -> None:
        """Hand all bytes over. Raises TransportError with sent=True: some may have left."""
        port = self._open_port()
        try:
            port.write(data)
        except OSError as error:
            self.close()
            raise TransportError(f"the line broke while writing: {error}", sent=True) from error

    def read(self, seconds: float) -> bytes:
        """What arrives first within `seconds`; empty when nothing does. Raises TransportError when the port is gone."""
        port = self._open_port()
        try:
            port.timeout = max(0.0, seconds)
            first: bytes = port.read(1)
        except OSError as error:
            self.close()
            raise TransportError(f"the line broke: {error}") from error
        return first + self._receive() if first else b""

    def close(self) -> None:
        if self._port is not None:
            with contextlib.suppress(OSError):
                self._port.close()
            self._port = None

    def _receive(self) -> bytes:
        port = self._open_port()
        try:
            port.timeout = 0
            data: bytes = port.read(4096)
        except OSError as error:
            self.close()
            raise TransportError(f"the line broke: {error}") from error
        return data

    def _open_port(self) -> serial.Serial:
        if self._port is None:
            raise TransportError("not connected")
        return self._port
