"""A till that the centre asks back (I4): it sells no more, hands everything in, and empties its machine.

Nothing is emptied before the centre has countersigned the last entry (LAW-6): what this machine alone holds is never
lost, whoever asks.
"""

import shutil
import sqlite3
from pathlib import Path

from device_gateway.centre import Centre
from device_gateway.store import attempts, journal, leases, meta, shifts
from device_gateway.till import Till
from device_gateway.training import Training
from kit.clock import now
from kit.telemetry import log

_PIECE = 1 << 20


def hear(till: Till, asked_back: bool) -> None:
    """What the centre says of it, at each report."""
    if asked_back == till.is_leaving:
        return
    with till.database.write() as tx:
        meta.put(tx, meta.ASKED_BACK, 1 if asked_back else "")
        meta.forget(tx, meta.HANDED_IN)
    till.wake_leases.set()
    log().info("asked_back" if asked_back else "goes_on")


def missing(till: Till, training: Training | None = None) -> list[str]:
    """What is to be done before this machine is emptied: card payments to settle, floats to close, entries to send,
    places to give back."""
    connection = till.database.read()
    practised = training.till if training else None
    left = {
        "payments": bool(attempts.unsettled(connection) or attempts.is_busy(connection)),
        "floats": bool(shifts.open_floats(connection)),
        "entries": _waits(connection) or (practised is not None and _waits(practised.database.read())),
        "places": bool(leases.every(connection)),
    }
    return [name for name, is_left in left.items() if is_left]


def _waits(connection: sqlite3.Connection) -> bool:
    """Whether some entry has no receipt of the centre's."""
    return meta.number(connection, meta.ACKNOWLEDGED) != journal.last_sequence(connection)


def leave(till: Till, centre: Centre, training: Training | None) -> None:
    """Close every period once nothing is left to do, and say so when the centre holds that too.

    From then on this machine writes no entry.
    """
    if not till.is_leaving or not set(left := missing(till, training)) <= {"entries"}:
        return
    with till.database.write() as tx:
        if not meta.get(tx, meta.HANDED_IN) and journal.close_for_good(tx, till.identity, now()):
            till.wake_upload.set()
            return
        if left or _waits(tx):
            return
        meta.put(tx, meta.HANDED_IN, 1)
        last = journal.last_sequence(tx)
    centre.finish_return(till.identity.enrolled().till_id, last)
    till.emptied.set()


def was_returned(till: Till) -> bool:
    """The centre calls this till returned, so it has heard our word; whether that word was given."""
    if meta.get(till.database.read(), meta.HANDED_IN):
        till.emptied.set()
    return till.emptied.is_set()


def empty(folder: Path) -> None:
    """Take away all that a till leaves on a machine: keys, journal, people.

    Its files are first written over, as far as a disk writes where it is told: what it gives back later is no key.
    """
    for file in (each for each in folder.rglob("*") if each.is_file()):
        with file.open("r+b") as out:
            for _ in range(0, file.stat().st_size, _PIECE):
                out.write(bytes(_PIECE))
            out.flush()
    for each in folder.iterdir():
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    log().info("emptied", folder=str(folder))
