"""A house for the seat map alone: the built component on a page, a plan, and its seats' states, over loopback.

`python -m tests.e2e.seat_map_house` serves the demo plans for looking at them and changes a few seats each second.
"""

import json
import queue
import struct
import sys
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import parse_qs, urlsplit

from kit.web.assets import DIST
from kit.web.security import POLICY
from seating import generate
from seating.geometry import encode
from seating.plan import Plan
from seating.states import SeatState, pack

ENTRY = "src/seatmap/element.svelte.ts"
PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><title>Plan</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="{css}"><script type="module" src="{js}"></script></head>
<body><main><h1>{title}</h1><tk-seat-map geometry-url="/geometry" {attributes}></tk-seat-map></main></body></html>"""
BEAT_S = 15


class House:
    """One performance as the live gateway tells it. Seats are by ordinal; every change has a version."""

    def __init__(self, plan: Plan, sold: float = 0.0, seed: int = 7) -> None:
        self.plan = plan
        self.geometry = encode(plan)
        self.states = bytearray(sum(1 for _ in plan.seats()))
        self.version = 1
        self.snapshots = 0  # how many were asked for
        self.reachable = True
        self._listeners: list[queue.Queue[bytes | None]] = []
        self._lock = threading.Lock()
        if sold:
            self._as_on_a_good_evening(Random(seed), sold)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def page(self, *, lang: str = "fr", **attributes: str) -> str:
        """The address of a page with the map; attributes with underscores for dashes."""
        words = {"lang": lang, **attributes}
        return self.address + "/?" + "&".join(f"{name.replace('_', '-')}={value}" for name, value in words.items())

    def ordinal(self, zone: str, row: str, label: str) -> int:
        """The ordinal of a seat by what is written on it."""
        ordinal = 0
        for each in self.plan.zones:
            for one in each.rows:
                for seat in one.seats:
                    ordinal += 1
                    if (each.name, one.label, seat.label) == (zone, row, label):
                        return ordinal
        raise LookupError((zone, row, label))

    def change(self, seats: dict[int, int], *, tell: bool = True, untold: int = 0) -> None:
        """Give seats other bytes, as one version; `untold` versions before it never reach the listeners."""
        with self._lock:
            before = self.version + untold
            for ordinal, byte in seats.items():
                self.states[ordinal - 1] = byte
            self.version = before + 1
            told = {"from": before, "to": self.version, "seats": [n for pair in seats.items() for n in pair]}
            if tell:
                self._say(f"event: seats\nid: {self.version}\ndata: {json.dumps(told)}\n\n".encode())

    def resync(self) -> None:
        """Tell everybody to load the snapshot again."""
        with self._lock:
            self._say(f'event: resync\ndata: {{"version": {self.version}}}\n\n'.encode())

    def hang_up(self) -> None:
        """Close every line, and answer nothing until `reachable` is set again."""
        self.reachable = False
        with self._lock:
            for listener in self._listeners:
                listener.put(None)

    def listeners(self) -> int:
        return len(self._listeners)

    def close(self) -> None:
        self.hang_up()
        self._server.shutdown()
        self._server.server_close()

    def _say(self, words: bytes) -> None:
        for listener in self._listeners:
            listener.put(words)

    def snapshot(self) -> bytes:
        with self._lock:
            self.snapshots += 1
            return b"TKS1" + struct.pack("<IQ", len(self.states), self.version) + bytes(self.states)

    def listen(self, since: int) -> "queue.Queue[bytes | None]":
        """What a browser with this version still has to hear. Behind our version it has missed something."""
        listener: queue.Queue[bytes | None] = queue.Queue()
        with self._lock:
            if since != self.version:
                listener.put(f'event: resync\ndata: {{"version": {self.version}}}\n\n'.encode())
            self._listeners.append(listener)
        return listener

    def leave(self, listener: "queue.Queue[bytes | None]") -> None:
        with self._lock:
            self._listeners.remove(listener)

    def _as_on_a_good_evening(self, random: Random, share: float) -> None:
        """Groups sit together, the dear seats go first; a few rows are kept for others."""
        at, ordinal = 0, 0
        for zone in self.plan.zones:
            for row in zone.rows:
                keen = share * random.uniform(0.5, 1.4)
                place = 0
                while place < len(row.seats):
                    group = random.choice((1, 2, 2, 2, 3, 4, 4, 6))
                    state, contingent = SeatState.FREE, 0
                    if random.random() < keen:
                        state = SeatState.SOLD
                    elif random.random() < 0.16:
                        state = random.choice((
                            SeatState.HELD, SeatState.HELD, SeatState.LEASED, SeatState.OPTIONED, SeatState.OPTIONED,
                            SeatState.HOUSE, SeatState.KILLED,
                        ))  # fmt: skip
                    elif random.random() < 0.07:
                        contingent = random.randint(1, 3)
                    for _ in row.seats[place : place + group]:
                        self.states[ordinal] = pack(int(state), contingent)
                        ordinal += 1
                    place += group
                at += 1


def _handler(house: House) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query, keep_blank_values=True)
            if path in ("/status", "/events") and not house.reachable:
                self.send_error(503)
            elif path == "/":
                self.answer(_page({name: values[0] for name, values in query.items()}).encode(), "text/html")
            elif path == "/geometry":
                self.answer(house.geometry, "application/octet-stream")
            elif path == "/status":
                self.answer(house.snapshot(), "application/octet-stream")
            elif path == "/events":
                self.events(int(query["since"][0]))
            elif path.startswith("/static/dist/assets/"):
                file = DIST / "assets" / path.rsplit("/", 1)[-1]
                self.answer(file.read_bytes(), "text/css" if file.suffix == ".css" else "text/javascript")
            else:
                self.send_error(404)

        def answer(self, content: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Content-Security-Policy", POLICY)
            self.end_headers()
            self.wfile.write(content)

        def events(self, since: int) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            listener = house.listen(since)
            try:
                self.wfile.write(b":\n\n")
                while True:
                    try:
                        words = listener.get(timeout=BEAT_S)
                    except queue.Empty:
                        words = b":\n\n"
                    if words is None:
                        break
                    self.wfile.write(words)
            except (BrokenPipeError, ConnectionResetError):
                pass
            finally:
                house.leave(listener)
                self.close_connection = True

    return Handler


def _page(attributes: dict[str, str]) -> str:
    manifest = json.loads((DIST / ".vite" / "manifest.json").read_text("utf-8"))
    style = manifest["src/backoffice/main.ts"]["css"][0]
    lang = attributes.pop("lang", "fr")
    live = {"status-url": "/status", "events-url": "/events"} if attributes.pop("states", "live") == "live" else {}
    return PAGE.format(
        lang=lang, title="Le Cid" if lang == "fr" else "The Cid", css=f"/static/dist/{style}",
        js=f"/static/dist/{manifest[ENTRY]['file']}",
        attributes=" ".join(f'{name}="{value}"' for name, value in (live | attributes).items()),
    )  # fmt: skip


PLANS: dict[str, Callable[[], Plan]] = {
    "theatre": generate.theatre,
    "arena": generate.arena,
    "stadium": generate.stadium,
}


def main(names: Sequence[str]) -> None:
    houses = {name: House(PLANS[name](), sold=0.45) for name in names or PLANS}
    for name, house in houses.items():
        print(f"{name}: {house.page()}", flush=True)
    random, tick = Random(1), threading.Event()
    while not tick.wait(1.0):
        for house in houses.values():
            some = random.sample(range(1, len(house.states) + 1), 3)
            house.change({ordinal: random.choice((0, 1, 4)) for ordinal in some})


if __name__ == "__main__":
    main(sys.argv[1:])
