"""Rules of the journal at the centre: which entries may be kept, and what the virtual tills are. No I/O."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec

import ledger
from kit.errors import DomainError, FieldInvalid, Kind

MAX_ENTRIES = 500  # in one call
MAX_SALES = 500
_NAMESPACE = uuid.UUID("5f0d3c52-7c1b-4b64-9b0e-2f9a3f4f7a10")
DECISIONS = "counter"  # the channel in whose virtual till decisions are sealed
VIRTUAL_TILLS: Mapping[str, str] = {"web": "WEB", "counter": "CTR", "partner": "PTN"}  # channel -> till number


class TillUnknown(DomainError):
    kind, reason = Kind.NOT_FOUND, "TILL_UNKNOWN"


class TillRevoked(DomainError):
    reason = "TILL_REVOKED"


class TillFrozen(DomainError):
    reason = "TILL_FROZEN"


class SignatureInvalid(DomainError):
    kind, reason = Kind.INVALID, "SIGNATURE_INVALID"


class EntryMalformed(DomainError):
    """An entry that says what it may not; `facts["field"]` is the path inside its body."""

    kind, reason = Kind.INVALID, "ENTRY_MALFORMED"


class ChainBroken(DomainError):
    reason = "CHAIN_BROKEN"


class JournalGap(DomainError):
    """`facts["expected"]` is the sequence to send next."""

    reason = "JOURNAL_GAP"


class JournalFork(DomainError):
    reason = "JOURNAL_FORK"


class NotForked(DomainError):
    """Only what a fork has made a rival is kept beside a chain; everything else is appended to it."""

    reason = "NOT_FORKED"


class ClosingUnknown(DomainError):
    kind, reason = Kind.NOT_FOUND, "CLOSING_UNKNOWN"


class ArchiveUnknown(DomainError):
    kind, reason = Kind.NOT_FOUND, "ARCHIVE_UNKNOWN"


class CashFloatUnknown(DomainError):
    kind, reason = Kind.NOT_FOUND, "CASH_FLOAT_UNKNOWN"


class CashFloatOpen(DomainError):
    reason = "CASH_FLOAT_OPEN"


class CashFloatValidated(DomainError):
    """One word for each float, for good."""

    reason = "CASH_FLOAT_VALIDATED"


class OwnCashFloat(DomainError):
    """Nobody validates their own float."""

    kind, reason = Kind.FORBIDDEN, "OWN_CASH_FLOAT"


class SealKeyChanged(DomainError):
    """The seal key is not the one with which this virtual till's chain was begun: nothing may be sealed."""

    reason = "SEAL_KEY_CHANGED"


@dataclass(frozen=True)
class Till:
    """A till and how far its journal is kept here."""

    till_id: str
    number: str
    name: str
    is_virtual: bool
    public_key: bytes
    frozen_reason: str | None
    revoked_at: datetime | None
    last_sequence: int
    last_hash: bytes
    last_received_at: datetime | None
    clock_offset_ms: int
    orders_numbered: int
    practice_of: str | None = None  # the till whose training chain this is: kept, and counted nowhere
    branch_of: str | None = None  # the till of whose journal this is what another copy sealed: kept, and counted
    branch_from: int | None = None  # the last entry that it shares with the till's own chain

    @property
    def head(self) -> ledger.Head:
        return ledger.Head(self.branch_of or self.till_id, self.last_sequence, self.last_hash)

    @cached_property
    def key(self) -> ec.EllipticCurvePublicKey:
        return ledger.load_public(self.public_key)

    def may_append(self) -> None:
        """Raises TillRevoked, TillFrozen."""
        if self.revoked_at is not None:
            raise TillRevoked(f"till {self.number} was revoked", till_id=self.till_id)
        if self.frozen_reason is not None:
            raise TillFrozen(
                f"till {self.number} is frozen: {self.frozen_reason}", till_id=self.till_id, why=self.frozen_reason
            )


@dataclass(frozen=True)
class Sent:
    """An entry as it was sent. `hash` is what the sender says; what counts is computed from the bytes."""

    sequence: int
    sealed: ledger.SealedEntry
    hash: bytes


Body = (
    ledger.Sale
    | ledger.Refund
    | ledger.FloatOpened
    | ledger.FloatDeclared
    | ledger.FloatClosed
    | ledger.CashMoved
    | ledger.ShiftChange
    | ledger.Override
    | ledger.TicketReissued
    | ledger.TrainingChange
    | ledger.MessageAcknowledged
    | ledger.SurveyAnswered
    | ledger.Decision
    | ledger.Closing
    | ledger.Archived
    | None
)


@dataclass(frozen=True)
class Kept:
    """An entry that may be kept: its bytes, what they say, and the body when it has a shape of its own."""

    entry: ledger.Entry
    sealed: ledger.SealedEntry
    body: Body

    @property
    def business_on(self) -> date | None:
        day = getattr(self.body, "business_on", None)
        return date.fromisoformat(day) if day else None


def check_order(entries: Sequence[Sent]) -> None:
    """Raises FieldInvalid or JournalGap unless the call carries 0 to 500 entries that count upwards by one."""
    if len(entries) > MAX_ENTRIES:
        raise FieldInvalid("entries", f"at most {MAX_ENTRIES} in one call, not {len(entries)}")
    for index, sent in enumerate(entries):
        if sent.sequence < 1:
            raise FieldInvalid(f"entries[{index}].sequence", "must be 1 or more")
        if index and sent.sequence <= entries[index - 1].sequence:
            raise FieldInvalid(f"entries[{index}].sequence", "must be higher than the one before")
        if index and sent.sequence != entries[index - 1].sequence + 1:
            raise _gap(entries[index - 1].sequence + 1)


def next_entry(till: Till, head: ledger.Head, sent: Sent) -> tuple[Kept, ledger.Head]:
    """The entry after `head`, believed only once its signature, its place in the chain and its body hold.

    Raises SignatureInvalid, EntryMalformed, JournalGap, ChainBroken.
    """
    entry = open_sent(till, sent)
    number = sent.sequence
    try:
        head = ledger.follows(head, entry, sent.sealed.hash)
    except ledger.Gap as error:
        raise _gap(error.expected) from error
    except (ledger.BrokenChain, ledger.Fork) as error:
        raise ChainBroken(str(error), sequence=number) from error
    except ledger.BadEntry as error:
        raise EntryMalformed(str(error), field=error.field, why=error.reason, sequence=number) from error
    try:
        return Kept(entry, sent.sealed, read_body(entry)), head
    except ledger.BadEntry as error:
        why = f"entry {number}, {error}"
        raise EntryMalformed(why, field=f"body.{error.field}", why=error.reason, sequence=number) from error


def open_sent(till: Till, sent: Sent) -> ledger.Entry:
    """What the sealed bytes say, once their signature holds. Raises SignatureInvalid, EntryMalformed."""
    number = sent.sequence
    if sent.sealed.algorithm != ledger.ALGORITHM:
        raise EntryMalformed(f"algorithm must be {ledger.ALGORITHM}", field="algorithm", why="unknown", sequence=number)
    try:
        entry = ledger.open_sealed(sent.sealed.bytes, sent.sealed.signature, till.key)
    except ledger.BadSignature as error:
        raise SignatureInvalid(f"entry {number}: {error}", sequence=number) from error
    except ledger.BadEntry as error:
        why = f"entry {number}, {error}"
        raise EntryMalformed(why, field=error.field, why=error.reason, sequence=number) from error
    if sent.hash and sent.hash != sent.sealed.hash:
        why = "not that of the bytes"
        raise EntryMalformed(f"the hash is {why}", field="hash", why=why, sequence=number)
    if entry.sequence != sent.sequence:
        why = f"the bytes say entry {entry.sequence}, the envelope {number}"
        raise EntryMalformed(why, field="seq", why=why, sequence=number)
    return entry


def read_body(entry: ledger.Entry) -> Body:
    """The body in its shape, checked to the cent; None for kinds whose body is free. Raises ledger.BadEntry."""
    match entry.kind:
        case ledger.Kind.SALE:
            sale = ledger.Sale.from_body(entry.body)
            sale.check_sums()
            return sale
        case ledger.Kind.REFUND:
            refund = ledger.Refund.from_body(entry.body)
            refund.check_sums()
            return refund
        case ledger.Kind.FLOAT_OPENED:
            opened = ledger.FloatOpened.from_body(entry.body)
            opened.check()
            return opened
        case ledger.Kind.FLOAT_CLOSED:
            closed = ledger.FloatClosed.from_body(entry.body)
            closed.check()
            return closed
        case ledger.Kind.FLOAT_DECLARED:
            declared = ledger.FloatDeclared.from_body(entry.body)
            declared.check()
            return declared
        case ledger.Kind.CASH_MOVED:
            moved = ledger.CashMoved.from_body(entry.body)
            moved.check()
            return moved
        case ledger.Kind.SIGN_IN | ledger.Kind.SIGN_OUT:
            return ledger.ShiftChange.from_body(entry.body)
        case ledger.Kind.OVERRIDE:
            override = ledger.Override.from_body(entry.body)
            override.check()
            return override
        case ledger.Kind.TICKET_REISSUED:
            return ledger.TicketReissued.from_body(entry.body)
        case ledger.Kind.TRAINING:
            change = ledger.TrainingChange.from_body(entry.body)
            change.check(entry.till_id)
            return change
        case ledger.Kind.TECHNICAL:
            return ledger.read_remark(entry.body)
        case ledger.Kind.DECISION:
            return ledger.Decision.from_body(entry.body)
        case ledger.Kind.CLOSING:
            return ledger.Closing.from_body(entry.body)
        case ledger.Kind.ARCHIVE:
            return ledger.Archived.from_body(entry.body)
        case _:
            return None


def _gap(expected: int) -> JournalGap:
    return JournalGap(f"entry {expected} is missing; send from there", expected=expected)


def branch_id(till_id: str, first: bytes) -> str:
    """The same branch for the same first rival entry, given its hash, however often it is handed in."""
    return str(uuid.uuid5(_NAMESPACE, f"branch of {till_id} {first.hex()}"))


def branch_number(till_number: str, count: int) -> str:
    """ "T1*", "T1**": what a copy of T1 sealed, and what another one did."""
    return till_number + "*" * count


def virtual_till_id(channel: str) -> str:
    """The same till for the same channel, in every process and after every restart."""
    return str(uuid.uuid5(_NAMESPACE, f"virtual till {channel}"))


def order_number(till_number: str, count: int) -> str:
    """Numbers of a till's own series: "WEB-000001"."""
    return f"{till_number}-{count:06d}"


def check_virtual_sale(sale: ledger.Sale) -> None:
    """Raises ledger.BadEntry when the sale does not add up, or is not one that a virtual till may seal."""
    if sale.channel not in VIRTUAL_TILLS:
        raise ledger.BadEntry("channel", f"{sale.channel!r} has no virtual till")
    if sale.tickets:
        raise ledger.BadEntry("tickets", "tickets of a virtual till's sale are issued after sealing")
    if sale.cash_float_id is not None:
        raise ledger.BadEntry("cash_float_id", "a virtual till has no cash float")
    sale.check()
