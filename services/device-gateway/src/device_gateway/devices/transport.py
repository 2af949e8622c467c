"""Bytes to and from a device over the network. One owner per connection: the device's worker.

tcp://printer-3.local:9100      other kinds of address: `addresses`
"""

import contextlib
import select
import socket
from typing import Protocol


class TransportError(Exception):
    """The device cannot be reached, or the line broke. `sent` says whether bytes of a write may have left."""

    def __init__(self, message: str, sent: bool = False) -> None:
        super().__init__(message)
        self.sent = sent


class BadAddress(ValueError):
    """Not the address of a device; the message says what it must look like."""


class Transport(Protocol):
    """What a driver speaks over. It knows nothing of the language; a driver knows nothing of sockets and ports."""

    generation: int  # grows with each new connection: what was half read before is gone

    def connect(self) -> None:
        """Do nothing when connected. Raises TransportError."""

    def drain(self) -> bytes:
        """Bytes that came unasked. Raises TransportError when the line is closed."""

    def write(self, data: bytes) -> None:
        """Hand all bytes over. Raises TransportError with sent=True: some may have left."""

    def read(self, seconds: float) -> bytes:
        """What arrives first within `seconds`; empty when nothing does. Raises TransportError when the line closes."""

    def close(self) -> None:
        """Never raises; `connect` opens again."""


class TcpTransport:
    """A connection that is made when needed and kept warm. `generation` grows with each new connection."""

    def __init__(self, host: str, port: int, connect_seconds: float = 5.0, write_seconds: float = 30.0) -> None:
        self._address = host, port
        self._connect_seconds, self._write_seconds = connect_seconds, write_seconds
        self._socket: socket.socket | None = None
        self.generation = 0

    def connect(self) -> None:
        """Do nothing when connected. Raises TransportError."""
        if self._socket is not None:
            return
        try:
            connection = socket.create_connection(self._address, timeout=self._connect_seconds)
        except OSError as error:
            raise TransportError(f"cannot connect: {error}") from error
        # A ticket's last bytes must not wait for the acknowledgement of the first ones (Nagle).
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(self._write_seconds)
        self._socket = connection
        self.generation += 1

    def drain(self) -> bytes:
        """Bytes that came unasked. Raises TransportError when the line is closed."""
        drained = b""
        while self._readable(0):
            drained += self._receive()
        return drained

    def write(self, data: bytes) -> None:
        """Hand all bytes over. Raises TransportError with sent=True: some may have left."""
        if self._socket is None:
            raise TransportError("not connected")
        try:
            self._socket.sendall(data)
        except OSError as error:
            self.close()
            raise TransportError(f"the line broke while writing: {error}", sent=True) from error

    def read(self, seconds: float) -> bytes:
        """What arrives first within `seconds`; empty when nothing does. Raises TransportError when the line closes."""
        return self._receive() if self._readable(seconds) else b""

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _readable(self, seconds: float) -> bool:
        if self._socket is None:
            raise TransportError("not connected")
        return bool(select.select([self._socket], [], [], max(0.0, seconds))[0])

    def _receive(self) -> bytes:
        assert self._socket is not None
        try:
            data = self._socket.recv(4096)
        except OSError as error:
            self.close()
            raise TransportError(f"the line broke: {error}") from error
        if not data:
            self.close()
            raise TransportError("the device closed the line")
        return data
