"""Training mode (mode école): this machine practises on a second till, whose database lies beside the real one.

Same code for sales, floats and papers; keys, chain, numbers ("E-…") and drawer counts of its own; leases made up here,
tickets that every gate refuses, papers that say so. The real chain seals when training begins and ends, and vouches
for the training chain, which is kept and uploaded as such.
"""

import sqlite3
import threading
import uuid
from datetime import datetime
from pathlib import Path

import ledger
from device_gateway import overrides, sign_in
from device_gateway.domain import leases as lease_rules
from device_gateway.domain.errors import TrainingState
from device_gateway.enrolment import describe
from device_gateway.identification import Identified
from device_gateway.printing.drivers import PrinterDriver
from device_gateway.printing.worker import PrintWorker
from device_gateway.store import identity, journal, leases, meta, shifts, snapshot
from device_gateway.store.database import Database
from device_gateway.store.jobs import Role
from device_gateway.store.shifts import Shift
from device_gateway.till import Seller, Till
from kit.telemetry import log

RIGHT = "cashdesk.training"
STOP_SECONDS = 5.0


class Training:
    """The training till of a real one. While `active`, the page is served by `till`; a restart does not end it."""

    def __init__(self, real: Till, folder: Path) -> None:
        """Raises DatabaseInUse."""
        self._real, self._folder = real, folder
        self._lock = threading.RLock()
        self._printers: dict[Role, PrinterDriver] = {}
        self._workers: dict[Role, PrintWorker] = {}
        self.wake_upload = threading.Event()
        self.till: Till | None = None
        self.active = False
        if (folder / "till.db").exists():
            self.till = self._opened()
            self.active = bool(meta.get(real.database.read(), meta.TRAINING))

    def use_printer(self, role: Role, printer: PrinterDriver | None) -> None:
        """The real till has this printer, or none: both take turns at it, and nobody speaks to the one before."""
        with self._lock:
            if worker := self._workers.pop(role, None):
                worker.stop()
                worker.join(STOP_SECONDS)
            if printer is None:
                self._printers.pop(role, None)
            else:
                self._printers[role] = printer
            if self.active:
                self._start_printing()

    def enter(self, seller: Seller, session: bytes, approver: Identified | None, now: datetime) -> Till:
        """Begin to practise, with what the real till knows today. The seller goes on in the same browser, over there.

        Raises OverrideNeeded, TrainingState, NotEnrolled, ClockWrong.
        """
        with self._lock:
            if self.active:
                raise TrainingState("this till is in training already")
            with self._real.database.write() as tx:
                journal.require_clock(tx, now)
                overrides.require(tx, self._real, seller, RIGHT, approver, "training", now)
                self._real.identity.enrolled()
                self.till = self.till or self._opened()
                self._prepare(self.till, seller, session, now)
                self._record(tx, True, seller.cashier.id, now)
                sign_in.end(self._real, tx, seller.shift, now)
                meta.put(tx, meta.TRAINING, 1)
            self._start_printing()
            self.active = True
        self._real.wake_upload.set()
        log().info("training", begins=True)
        return self.till

    def leave(self, session: bytes | None, now: datetime) -> None:
        """Back to the real till, as it was left; whoever sells there signs in anew. Raises TrainingState."""
        with self._lock:
            if not self.active or self.till is None:
                raise TrainingState("this till is not in training")
            with self.till.database.write() as tx:
                shift = shifts.current(tx, session) if session else None
                for each in shifts.under_way(tx):
                    sign_in.end(self.till, tx, each, now)
            with self._real.database.write() as tx:
                self._record(tx, False, shift.cashier_id if shift else None, now)
                meta.forget(tx, meta.TRAINING)
            self.active = False
            for worker in self._workers.values():
                worker.stop()  # it ends by itself; what it has not printed waits for the next training
            self._workers = {}
        self._real.wake_upload.set()
        self.wake_upload.set()
        log().info("training", begins=False)

    def tidy(self) -> None:
        """Keep the write-ahead log short. Raises sqlite3.Error."""
        if self.till is not None:
            self.till.database.tidy()

    def close(self) -> None:
        """Let another process in; training goes on after a restart."""
        for worker in self._workers.values():
            worker.stop()
        for worker in self._workers.values():
            worker.join(STOP_SECONDS)
        if self.till is not None:
            self.till.database.close()

    def _opened(self) -> Till:
        till = Till(Database(self._folder), is_training=True)
        till.wake_upload = self.wake_upload
        till.station, till.live = self._real.station, self._real.live
        return till

    def _prepare(self, till: Till, seller: Seller, session: bytes, now: datetime) -> None:
        """Bring the training till up to date with the real one, and sign the seller in."""
        with till.database.write() as tx:
            known = identity.keep_training(tx, self._real.identity, now)
            enrolment = known.enrolled()
            snapshot.copy(self._real.database.read(), tx)
            meta.put(tx, meta.CLOCK_VOUCHED, journal.last_sequence(tx) + 1)  # the real till's clock was asked already
            if not journal.last_sequence(tx):
                journal.append(tx, known, ledger.Kind.TILL_ENROLLED, describe(known), now)
            leases.keep(tx, [])
            leases.keep(tx, lease_rules.practice(self._real.catalogue, now))
            if shifts.current(tx, session) is None:  # else an entering that failed later on had come so far
                shift = Shift(str(uuid.uuid4()), seller.cashier.id)
                shifts.begin(tx, shift, session, now)
                change = ledger.ShiftChange(shift.cashier_id, shift.shift_id)
                journal.append(tx, known, ledger.Kind.SIGN_IN, change.to_body(), now)
        till.identity = known
        till.enrolled_as(enrolment)
        till.reload()

    def _record(self, tx: sqlite3.Connection, begins: bool, cashier_id: str | None, now: datetime) -> None:
        """Say in the real chain that training begins or ends, and by which chain it is recorded."""
        assert self.till is not None
        known = self.till.identity
        change = ledger.TrainingChange(
            begins, known.enrolled().till_id, known.enrolled().number, ledger.public_bytes(known.journal_key).hex(),
            cashier_id,
        )  # fmt: skip
        change.check(self._real.identity.enrolled().till_id)
        journal.append(tx, self._real.identity, ledger.Kind.TRAINING, change.to_body(), now)

    def _start_printing(self) -> None:
        assert self.till is not None
        for role, printer in self._printers.items():
            if role not in self._workers:
                self._workers[role] = PrintWorker(self.till, role, printer)
                self._workers[role].start()
