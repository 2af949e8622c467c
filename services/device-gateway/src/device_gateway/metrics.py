"""What is measured: how long from the cashier's confirm to the journal and to the first byte at a printer."""

import json
import threading
import time
from pathlib import Path

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.25, 0.5, 1, 5)
CONFIRM_TO_SEALED = Histogram("till_confirm_to_sealed_seconds", "From confirm to the journal on disk", buckets=_BUCKETS)
CONFIRM_TO_PRINT = Histogram(
    "till_confirm_to_print_seconds", "From confirm to the first byte at a printer", buckets=_BUCKETS
)
WAITING = Gauge("till_entries_waiting", "Journal entries that the centre does not have yet")
JOBS = Gauge("till_jobs", "Print jobs that are not confirmed", ["state"])
SETUP = Gauge("till_setup_number", "Version of the set-up that the till runs")
SETUPS_REFUSED = Counter("till_setups_refused", "Set-ups that the till did not take", ["reason"])
SYNC_FAILURES = Gauge("till_sync_failing", "1 while a step of the sync fails", ["step"])


class Timings:
    """Sales between confirm and first byte. `write_to` makes each a JSON line, in milliseconds."""

    def __init__(self) -> None:
        self._began: dict[str, tuple[float, float]] = {}  # order -> (confirm, sealed), time.perf_counter
        self._lock = threading.Lock()
        self._file: Path | None = None

    def write_to(self, file: Path) -> None:
        self._file = file

    def sealed(self, order_id: str, confirmed_at: float, will_print: bool) -> None:
        sealed_at = time.perf_counter()
        CONFIRM_TO_SEALED.observe(sealed_at - confirmed_at)
        if will_print:
            with self._lock:
                self._began[order_id] = confirmed_at, sealed_at

    def first_byte(self, order_id: str) -> None:
        """The first byte of any document of this sale was taken by the transport."""
        at = time.perf_counter()
        with self._lock:
            began = self._began.pop(order_id, None)
        if began is None:
            return
        confirmed_at, sealed_at = began
        CONFIRM_TO_PRINT.observe(at - confirmed_at)
        if self._file:
            line = {"order_id": order_id, "confirm_to_sealed_ms": round((sealed_at - confirmed_at) * 1000, 3),
                    "confirm_to_print_ms": round((at - confirmed_at) * 1000, 3)}  # fmt: skip
            with self._lock, self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")

    def forget(self, order_id: str) -> None:
        """Its printer is not there: a wait for people is no measure of us."""
        with self._lock:
            self._began.pop(order_id, None)
