"""Open browsers: one line each, along which server-sent events go. A line that is not read is cut."""

import asyncio
import json
from datetime import datetime

from inventory.live.seats import Change

MOST_UNREAD_BYTES = 64 * 1024

BEAT = b":\n\n"  # a comment: the browser hears that the line still stands
RESYNC = b"event: resync\ndata: {}\n\n"  # load the snapshot again


def seats_message(change: Change) -> bytes:
    """Ordinal, byte, ordinal, byte… and the versions between which they changed (web/src/seatmap/status.ts)."""
    flat = [number for pair in change.seats.items() for number in pair]
    data = json.dumps({"from": change.before, "to": change.version, "seats": flat}, separators=(",", ":"))
    return f"event: seats\nid: {change.version}\ndata: {data}\n\n".encode()


def closing_message(wait_ms: int) -> bytes:
    """The line will be closed; come back after so long."""
    return f"event: closing\ndata: {wait_ms}\n\n".encode()


class Line:
    """One browser. `known` is the version that it has; the line may stand until `until`.

    Messages go straight to the transport: with thousands of lines, awaiting each write costs more than writing it.
    """

    def __init__(self, transport: asyncio.Transport, *, chunked: bool, known: int, until: datetime) -> None:
        self.known, self.until = known, until
        self.over = asyncio.Event()
        self._transport, self._chunked = transport, chunked

    def send(self, message: bytes) -> bool:
        """False when this browser has left too much unread: it was cut off, and will come back by itself."""
        if self.over.is_set() or self._transport.is_closing():
            return True
        self._transport.write(b"%x\r\n%b\r\n" % (len(message), message) if self._chunked else message)
        if self._transport.get_write_buffer_size() <= MOST_UNREAD_BYTES:
            return True
        self._transport.abort()
        self.over.set()
        return False

    def close(self, last: bytes) -> None:
        """Say a last word, and end."""
        self.send(last)
        self.over.set()
