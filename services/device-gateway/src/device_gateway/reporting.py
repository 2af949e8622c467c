"""The till tells the centre how it is, so that nobody needs its screen to know (R7)."""

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from device_gateway import leaving, machine, technical_log
from device_gateway.centre import Centre, Figures, PrinterReport, Report
from device_gateway.devices.station import NOT_SET_UP
from device_gateway.domain import leases as lease_rules
from device_gateway.store import jobs, journal, leases, meta
from device_gateway.store.jobs import Role, State
from device_gateway.till import Till
from kit.clock import now

EVERY_SECONDS = 30.0


def report_of(till: Till, at: datetime) -> Report:
    connection = till.database.read()
    counts = jobs.counts(connection)
    sequence = journal.last_sequence(connection)
    left = lease_rules.left_by_performance(leases.every(connection), at)
    figures = Figures(
        at=at,
        mac_address=machine.mac_address(),
        hostname=socket.gethostname(),
        journal_sequence=sequence,
        entries_waiting=max(0, sequence - meta.number(connection, meta.ACKNOWLEDGED)),
        jobs_waiting=sum(counts.get(state, 0) for state in (State.QUEUED, State.SENDING, State.SENT, State.WAITING)),
        leased_performances=sum(1 for places in left.values() if places),
        leased_places=sum(left.values()),
        free_disk_bytes=shutil.disk_usage(till.database.path.parent).free,
        memory_bytes=machine.peak_memory_bytes(),
        clock_offset_ms=meta.number(connection, meta.CLOCK_OFFSET),
        started_at=till.started_at,
    )
    return Report(
        frozen=meta.frozen(connection) or "",
        catalog_version=till.catalogue.version,
        jobs_in_doubt=counts.get(State.IN_DOUBT, 0),
        jobs_failed=counts.get(State.FAILED, 0),
        printers=(*(_printer(till, role) for role in Role), *_others(till)),
        online_since=till.line.since if till.line.online else None,
        sync_failures=dict(till.sync_failures),
        figures=figures,
    )


class Reporter:
    """Tells the centre every 30 s, and when something changed that a person may have to see to; does as it is asked."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told: Report | None = None
        self._told_at = float("-inf")

    def __call__(self, till: Till, centre: Centre) -> None:
        report = report_of(till, now())
        changed = self._told is None or replace(report, figures=self._told.figures) != self._told
        if changed or self._clock() - self._told_at >= EVERY_SECONDS:
            till_id = till.identity.enrolled().till_id
            asked = centre.report(till_id, report)
            self._told, self._told_at = report, self._clock()
            leaving.hear(till, asked.back)
            if asked.log:
                centre.send_log(till_id, asked.log, technical_log.recent(till.database.path.parent))


def _others(till: Till) -> Iterator[PrinterReport]:
    """Devices that are set up here beside the printers, which are told of in any case."""
    for role in till.station.entries:
        if role.value not in list(Role):
            status = till.station.status(role)
            # An open drawer is nothing that the centre would want to hear of at each sale.
            causes = tuple(cause for cause in status.causes if cause != "drawer_open")
            yield PrinterReport(role.value, status.condition.value, causes)


def _printer(till: Till, role: Role) -> PrinterReport:
    ask = till.printer_status.get(role)
    status = ask() if ask else NOT_SET_UP
    return PrinterReport(role.value, status.condition.value, status.causes)
