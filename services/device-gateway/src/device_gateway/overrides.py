"""A manager's word (M4): somebody with the right gives leave, on the cashier's screen, for ONE act.

    approver = overrides.approver(till, body.get("authorisation"), now)     # before the transaction: tries are counted
    with till.database.write() as tx:
        …
        overrides.require(tx, till, seller, "orders.refund", approver, "refund", now, order_id=order_id)

What was allowed is sealed in the transaction of the act: no act without its leave, no leave without its act.
"""

import sqlite3
from datetime import datetime

import ledger
from device_gateway.domain.errors import OverrideNeeded
from device_gateway.identification import Identified, identify, parse_claim
from device_gateway.store import journal, snapshot
from device_gateway.store.snapshot import Cashier
from device_gateway.till import Seller, Till


def approver(till: Till, raw_authorisation: object, now: datetime) -> Identified | None:
    """Who types a PIN or scans a badge for somebody else's act; None when nobody does. PIN tries count as at sign-in.

    Raises FieldInvalid, CashierNotFound, PinWrong, BadgeUnknown, PinThrottled.
    """
    if raw_authorisation is None:
        return None
    return identify(till, parse_claim(raw_authorisation, "authorisation"), now)


def require(
    tx: sqlite3.Connection, till: Till, seller: Seller, right: str, approver: Identified | None, act: str,
    now: datetime, order_id: str | None = None,
) -> None:  # fmt: skip
    """Let the act pass for whoever has the right; for others only by the approver's, which is then journalled.

    `act` is a code that says what was done. Raises OverrideNeeded.
    """
    if seller.cashier.may(right):
        return
    if approver is None or not approver.cashier.may(right):
        people = ", ".join(each.name for each in authorisers(tx, right)) or "–"
        raise OverrideNeeded(f"{seller.cashier.name} needs leave: {right} is missing", right=right, people=people)
    override = ledger.Override(
        right, seller.cashier.id, seller.shift.shift_id, approver.cashier.id, approver.means, act, order_id
    )
    override.check()
    journal.append(tx, till.identity, ledger.Kind.OVERRIDE, override.to_body(), now)


def authorisers(connection: sqlite3.Connection, right: str) -> list[Cashier]:
    """Who of the roster may give leave, by name."""
    return [cashier for cashier in snapshot.cashiers(connection) if cashier.may(right)]
