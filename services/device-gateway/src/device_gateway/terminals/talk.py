"""A conversation over a transport: bytes by count and by deadline, broken off when the till stops."""

import threading
import time

from device_gateway.devices.transport import Transport

SLICE_SECONDS = 0.2  # how long a stop may go unheard


class Silence(Exception):
    """Nothing came within the time that the protocol gives."""


class Stopped(Exception):
    """The till stops, or lets this terminal go. What is under way is asked for again at the next start."""


class Talk:
    """What is said to one terminal and heard from it, by its worker alone."""

    def __init__(self, transport: Transport, stopping: threading.Event) -> None:
        self._transport, self._stopping = transport, stopping
        self._heard = bytearray()

    def begin(self) -> None:
        """Connect; what the line bore from before is forgotten. Raises TransportError."""
        self._transport.connect()
        self._transport.drain()
        self._heard.clear()

    def say(self, data: bytes) -> None:
        """Raises TransportError."""
        self._transport.write(data)

    def hear(self, count: int, seconds: float) -> bytes:
        """So many bytes. Raises Silence, Stopped, TransportError."""
        deadline = time.monotonic() + seconds
        while len(self._heard) < count:
            self._heard += self._more(deadline)
        taken = bytes(self._heard[:count])
        del self._heard[:count]
        return taken

    def hear_some(self, seconds: float) -> bytes:
        """What comes first. Raises Silence, Stopped, TransportError."""
        if not self._heard:
            return self._more(time.monotonic() + seconds)
        taken = bytes(self._heard)
        self._heard.clear()
        return taken

    def close(self) -> None:
        self._transport.close()

    def _more(self, deadline: float) -> bytes:
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise Silence
            if data := self._transport.read(min(left, SLICE_SECONDS)):
                return data
            if self._stopping.is_set():
                raise Stopped
