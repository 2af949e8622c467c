"""What gates are given. Right: orders.view."""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from kit import telemetry
from kit.auth import Caller
from kit.clock import now
from kit.errors import DomainError, FieldInvalid
from orders import gates
from orders.clients import Accounts, Trust
from orders.usecases.keep import Issuer
from titles import Kind, public_bytes
from titles.revocations import MOST_ENTRIES

VIEW = "orders.view"
SILENT_BEFORE_END = timedelta(days=21)  # a till renews its certificate daily: one that ends this soon was left to end
LOOK_SECONDS = 3600.0


@dataclass(frozen=True)
class GatePack:
    """Public keys, and what follows an entry of the list. `more`: ask again after this delta's last entry."""

    root_public_key: bytes
    certificates: list[bytes]
    revocations: bytes
    more: bool


def gate_pack(
    sessions: sessionmaker[Session], accounts: Accounts, issuer: Issuer, caller: Caller, after: int, now: datetime
) -> GatePack:
    """Raises FieldInvalid, Unavailable."""
    caller.require(VIEW)
    if not 0 <= after < 2**32:
        raise FieldInvalid("after", "must be the number of an entry, or 0")
    with sessions() as session:
        entries = gates.after(session, after, MOST_ENTRIES)
    # A gate that begins is given what was certified a moment ago too: the till at its door, the key of this very list.
    trust = accounts.all_trusted(fresh=not after)
    certificates = [each.payload() + each.signature for each in trust.certificates.values()]
    delta = issuer.sign_delta(entries, after, now)
    return GatePack(public_bytes(trust.root_public_key), certificates, delta, len(entries) == MOST_ENTRIES)


def vouch_for_silent_tills(
    sessions: sessionmaker[Session], accounts: Accounts, stop: threading.Event, every: float = LOOK_SECONDS
) -> None:
    """Until `stop`: what a till sold for later stays good when the till was put away and its certificate ends."""
    while not stop.is_set():
        try:
            ending = ending_keys(accounts.all_trusted(), now())
            with sessions.begin() as session:
                gates.vouch(session, ending)
        except DomainError as error:
            telemetry.log().warning("vouching_waits", reason=error.reason)
        stop.wait(every)


def ending_keys(trust: Trust, now: datetime) -> list[int]:
    """Keys of tills that have not renewed their certificate for days."""
    return [
        each.key_id for each in trust.certificates.values()
        if each.kind is Kind.TILL and each.not_after < now + SILENT_BEFORE_END
    ]  # fmt: skip
