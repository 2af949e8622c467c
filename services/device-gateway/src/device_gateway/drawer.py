"""Opening the cash drawer without a sale: a right or a manager's word, a reason, and a trace (C5)."""

import uuid
from datetime import datetime

import ledger
from device_gateway import overrides
from device_gateway.devices.drawer_port import DrawerWorker
from device_gateway.devices.registry import DeviceRole
from device_gateway.identification import Identified
from device_gateway.store import jobs, journal
from device_gateway.store.jobs import Document, NewJob, Role
from device_gateway.till import Seller, Till
from kit.errors import FieldInvalid

RIGHT = "cashdesk.open_drawer"
REASONS = ("change", "count", "other")
LONGEST_NOTE = 100


def has_own_port(till: Till) -> bool:
    """Whether the drawer hangs on a port of its own, and not on the receipt printer."""
    return till.station.entry(DeviceRole.DRAWER) is not None


def kick(till: Till) -> None:
    """Open the drawer on its own port, if there is one: its opening is journalled. Nobody waits for it."""
    worker = till.station.worker(DeviceRole.DRAWER)
    if isinstance(worker, DrawerWorker) and not till.is_training:
        worker.open()


def open_without_sale(
    till: Till, seller: Seller, reason: str, note: str, approver: Identified | None, now: datetime
) -> None:
    """Journal the opening, then kick the drawer. A note is needed for the reason "other".

    Raises OverrideNeeded, FieldInvalid, TillFrozen, ClockWrong.
    """
    till.require_thawed()
    if reason not in REASONS:
        raise FieldInvalid("reason", f"must be one of {', '.join(REASONS)}")
    note = note.strip()
    if len(note) > LONGEST_NOTE or not note.isprintable() or (reason == "other" and not note):
        raise FieldInvalid("note", f"must be one line of at most {LONGEST_NOTE} characters, and say what for")
    own_port = has_own_port(till)
    with till.database.write() as tx:
        journal.require_clock(tx, now)
        overrides.require(tx, till, seller, RIGHT, approver, "no_sale", now)
        body = {"cashier_id": seller.cashier.id, "shift_id": seller.shift.shift_id, "order_id": None,
                "reason": f"no_sale:{reason}", "note": note}  # fmt: skip
        journal.append(tx, till.identity, ledger.Kind.DRAWER_OPENED, body, now)
        if not own_port:
            jobs.add(tx, NewJob(f"no_sale:{uuid.uuid4()}", Role.RECEIPT, Document.DRAWER, "", "", ""), now)
    if own_port:
        kick(till)
    till.wake_printing([Role.RECEIPT])
    till.wake_upload.set()
