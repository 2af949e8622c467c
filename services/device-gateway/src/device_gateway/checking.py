"""Checking a scanned or typed ticket at the till."""

import sqlite3
from dataclasses import dataclass
from datetime import datetime

import titles
from device_gateway.store import refunds, sales
from device_gateway.till import Till
from kit.errors import FieldInvalid


@dataclass(frozen=True)
class Check:
    """`reason` is a code of titles.Reason; of tickets sold here also KNOWN_CODE (typed, not scanned) and REFUNDED."""

    colour: str
    reason: str
    order_number: str | None
    label: str


def check_ticket(till: Till, code: str, now: datetime) -> Check:
    """What this till can say of a code: a full verification for its own tickets, amber for those of other issuers.

    Raises FieldInvalid, NotEnrolled.
    """
    if not isinstance(code, str) or not 1 <= len(code.strip()) <= 512:
        raise FieldInvalid("code", "must be 1 to 512 characters")
    connection = till.database.read()
    try:
        typed = titles.parse_human_code(code)
    except titles.Unreadable:
        pass
    else:
        if typed[0] == titles.TEST_KEY_ID:
            return Check("red", titles.Reason.TEST_TITLE.value, None, "")
        if dead := _refunded(connection, *typed):
            return dead
        found = sales.ticket(connection, *typed)
        if found is None:
            return Check("amber", "UNKNOWN_ISSUER", None, "")
        return Check("green", "KNOWN_CODE", found.order_number, found.label)
    certificate = till.issuer().certificate
    root = titles.load_public(till.identity.enrolled().root_public_key)
    verdict = titles.verify(code, {certificate.key_id: certificate}, root, now)
    found = sales.ticket(connection, verdict.token.key_id, verdict.token.serial) if verdict.token else None
    if verdict.reason in (titles.Reason.GENUINE, titles.Reason.NOT_YET_VALID, titles.Reason.EXPIRED) and not found:
        # Our signature on a ticket that our journal does not know: the database was restored, or the key was stolen.
        return Check("red", "NOT_IN_JOURNAL", None, "")
    if found is None or verdict.token is None:
        return Check(verdict.colour.value, verdict.reason.value, None, "")
    if dead := _refunded(connection, found.key_id, found.serial):
        return dead
    if verdict.token.reissue < found.reissue:
        return Check("red", titles.Reason.SUPERSEDED, found.order_number, found.label)
    return Check(verdict.colour.value, verdict.reason.value, found.order_number, found.label)


def _refunded(connection: sqlite3.Connection, key_id: int, serial: int) -> Check | None:
    """Of a ticket that this till refunded: it opens nothing, however genuine it is."""
    found, number = sales.ticket(connection, key_id, serial), refunds.refund_of_ticket(connection, key_id, serial)
    return Check("red", "REFUNDED", found.order_number, found.label) if found and number else None
