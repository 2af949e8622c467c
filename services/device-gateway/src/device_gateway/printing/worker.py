"""One worker per printer: takes jobs in order, one in flight, and commits each state before the next step.

queued ─► sending ─► sent ─► confirmed          evidence came, or as much of it as this printer gives
  │          │         ├──► waiting ─► …         the printer holds it (paper out) and prints it by itself
  ▼          └─────────┴──► in_doubt             a person looks at the paper
failed ─► queued                                nothing left for the printer: sent again once it is ready
"""

import threading
from datetime import datetime

import render
from device_gateway.devices.status import UNASKED, Status
from device_gateway.devices.transport import TransportError
from device_gateway.domain.errors import DomainError
from device_gateway.printing import documents
from device_gateway.printing.drivers import PrinterDriver
from device_gateway.printing.outcomes import Confirmed, HandedOver, InDoubt, Refused, Rendered
from device_gateway.store import jobs
from device_gateway.store.jobs import Document, Job, Role, State
from device_gateway.till import Till
from kit.clock import now
from kit.telemetry import log

IDLE_SECONDS = 2.0  # between two looks at an idle printer
UNRENDERED = "cannot_render"
REFUSED = "refused"
NOT_BY_ITSELF = (UNRENDERED, REFUSED, jobs.REPLACED)  # reasons of failures that another try would not mend


class PrintWorker(threading.Thread):
    """The only thread that speaks to its printer, but for the one of the training till: they take turns."""

    def __init__(self, till: Till, role: Role, printer: PrinterDriver, idle_seconds: float = IDLE_SECONDS) -> None:
        super().__init__(name=f"print-{role}", daemon=True)
        self._till, self._role, self._printer, self._idle_seconds = till, role, printer, idle_seconds
        self._wake = till.wake_printers[role]
        self._stopping = threading.Event()
        self._status = UNASKED
        till.printer_status[role] = self.status
        # Read before this worker runs: a sale made while its thread only starts was not left over by another run.
        left_over = jobs.in_states(till.database.read(), State.QUEUED, role=role)
        self._late_kicks = [job for job in left_over if job.kind is Document.DRAWER]

    def status(self) -> Status:
        """How the printer was when it was last looked at."""
        return self._status

    def stop(self) -> None:
        """Finish what is under way, at most until the next second of silence. Join after it."""
        self._stopping.set()
        self._wake.set()

    def run(self) -> None:
        self._recover()
        self._look()
        while not self._stopping.is_set():
            self._wake.clear()  # before looking: a job queued after the look sets it again
            try:
                if not self._print_next() and not self._wake.wait(self._idle_seconds):
                    self._look()
            except Exception:
                log().exception("print_worker_failed", role=self._role)
                self._stopping.wait(self._idle_seconds)
        with self._printer.turn:
            self._printer.close()

    def _print_next(self) -> bool:
        """False when nothing is queued."""
        with self._printer.turn:
            job = jobs.next_queued(self._till.database.read(), self._role)
            if job is not None:
                self._print(job)
            return job is not None

    def _recover(self) -> None:
        """After a restart: what may have been printed is asked of a person, never sent again."""
        with self._till.database.write() as tx:
            for job in jobs.in_states(tx, State.SENDING, State.SENT, role=self._role):
                jobs.move(tx, job.job_id, (State.SENDING, State.SENT), State.IN_DOUBT, now(), reason="restarted")
            for job in self._late_kicks:  # opening a drawer long after the sale would surprise
                jobs.move(tx, job.job_id, (State.QUEUED,), State.FAILED, now(), reason="restarted")

    def _look(self) -> None:
        """Ask an idle printer how it is; jobs that failed for want of it go again once it is ready."""
        with self._printer.turn:
            self._status = self._printer.status()
        connection = self._till.database.read()
        if self._status.can_print:
            for job in jobs.in_states(connection, State.FAILED, role=self._role):
                if job.kind is not Document.DRAWER and not job.reason.startswith(NOT_BY_ITSELF):
                    self._move(job, (State.FAILED,), State.QUEUED)
            for job in jobs.in_states(connection, State.WAITING, role=self._role):
                # It was waiting when the till stopped. Whether it came out meanwhile, nobody here saw.
                self._move(job, (State.WAITING,), State.IN_DOUBT, reason="restarted")

    def _print(self, job: Job) -> None:
        try:
            page = documents.page_of(job, is_training=self._till.is_training)
            rendered = self._printer.render(page, documents.reference_of(job))
        except (render.InvalidTemplate, render.InvalidData, ValueError, DomainError) as error:
            self._move(job, (State.QUEUED,), State.FAILED, reason=f"{UNRENDERED}: {error}"[:300])
            return
        self._status = self._printer.status()
        if not self._status.can_print:
            self._till.timings.forget(job.order_id)
            self._move(job, (State.QUEUED,), State.FAILED, reason=_reason(self._status))
            return
        with self._till.database.write() as tx:
            jobs.set_sending(tx, job.job_id, rendered.data, rendered.reference, now())
        try:
            self._printer.send(rendered, lambda: self._till.timings.first_byte(job.order_id))
        except TransportError as error:
            self._doubt(job, f"line_broke: {error}"[:300])
            return
        self._move(job, (State.SENDING,), State.SENT)
        self._conclude(job, rendered)

    def _conclude(self, job: Job, rendered: Rendered) -> None:
        def waiting(status: Status) -> None:
            self._status = status
            self._move(job, (State.SENT,), State.WAITING, reason=_reason(status))

        outcome = self._printer.evidence(rendered, self._stopping, waiting)
        match outcome:
            case Confirmed(evidence):
                self._move(job, (State.SENT, State.WAITING), State.CONFIRMED, evidence=evidence)
            case HandedOver(evidence):
                handed_over = f"{jobs.HANDED_OVER}: {evidence}"
                self._move(job, (State.SENT, State.WAITING), State.CONFIRMED, evidence=handed_over)
            case Refused(why):
                self._move(job, (State.SENT, State.WAITING), State.FAILED, reason=f"{REFUSED}, {why}")
            case InDoubt(why):
                self._doubt(job, why)

    def _doubt(self, job: Job, why: str) -> None:
        self._status = self._printer.status()
        self._move(job, (State.SENDING, State.SENT, State.WAITING), State.IN_DOUBT, reason=why)

    def _move(self, job: Job, before: tuple[State, ...], after: State, *, reason: str = "", evidence: str = "") -> None:
        at: datetime = now()
        with self._till.database.write() as tx:
            jobs.move(tx, job.job_id, before, after, at, reason=reason, evidence=evidence)
        if after in (State.IN_DOUBT, State.FAILED):
            log().warning("print_job", job=job.job_id, order_number=job.order_number, state=after, reason=reason)


def _reason(status: Status) -> str:
    return ", ".join((status.condition.value, *status.causes))[:300]
