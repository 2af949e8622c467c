"""Whether entries follow each other: one by one at upload, and all together for an auditor."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec

from ledger.entry import Entry, SealedEntry, genesis, open_sealed
from ledger.errors import BadEntry, BadSignature, BrokenChain, Fork, Gap


@dataclass(frozen=True)
class Head:
    """How far a till's chain goes: its last sequence number (0 before the first entry) and that entry's hash."""

    till_id: str
    sequence: int
    hash: bytes

    @classmethod
    def start(cls, till_id: str) -> Self:
        """Before the first entry."""
        return cls(till_id, 0, genesis(till_id))


def follows(head: Head, entry: Entry, hash: bytes) -> Head:
    """The head after this entry, whose sealed bytes have this hash. The head's own entry, sent again, changes nothing.

    Raises Gap when entries are missing before it, BrokenChain when it does not name the head's hash, Fork when its
    number is taken, BadEntry when it is another till's. An older entry sent again is the caller's to recognise, by the
    hash that it stored under that number: here it can only be a fork.
    """
    if entry.till_id != head.till_id:
        raise BadEntry("till", f"entry of {entry.till_id} in the journal of {head.till_id}")
    if entry.sequence == head.sequence and hash == head.hash:
        return head
    if entry.sequence <= head.sequence:
        raise Fork(entry.sequence)
    if entry.sequence > head.sequence + 1:
        raise Gap(head.sequence + 1)
    if entry.previous_hash != head.hash:
        raise BrokenChain(entry.sequence)
    return Head(head.till_id, entry.sequence, hash)


class Fault(StrEnum):
    """What an auditor can find."""

    BAD_SIGNATURE = "bad_signature"  # altered, or signed by another key
    BAD_ENTRY = "bad_entry"  # signed, but not an entry of this format
    WRONG_TILL = "wrong_till"
    GAP = "gap"
    BROKEN_CHAIN = "broken_chain"
    FORK = "fork"
    REPEATED = "repeated"
    OUT_OF_ORDER = "out_of_order"


@dataclass(frozen=True)
class Finding:
    """One fault, at the number of the entry that shows it."""

    sequence: int
    reason: Fault
    detail: str


def verify_chain(
    entries: Iterable[SealedEntry], public_key: ec.EllipticCurvePublicKey, start: Head | None = None
) -> Iterator[Finding]:
    """Every fault of a till's journal, in order; nothing when it is whole.

    Reading goes on after a fault: an entry that cannot be believed takes the number expected at its place. Without
    `start` the journal must begin at entry 1. Entries missing at the end leave no trace in a chain: compare the last
    one with the centre's receipts (`ledger.receipt`).
    """
    head = start
    seen: dict[int, bytes] = {}
    for sealed in entries:
        expected = head.sequence + 1 if head else 1
        try:
            entry = open_sealed(sealed.bytes, sealed.signature, public_key)
        except (BadSignature, BadEntry) as error:
            reason = Fault.BAD_SIGNATURE if isinstance(error, BadSignature) else Fault.BAD_ENTRY
            yield Finding(expected, reason, str(error))
            head = Head(head.till_id if head else "", expected, sealed.hash)
            continue
        if head is None:
            head = Head.start(entry.till_id)
        if not head.till_id:  # nothing before could be believed: this is the first that names the till
            head = Head(entry.till_id, head.sequence, head.hash)
        try:
            head = follows(head, entry, sealed.hash)
            if seen.get(entry.sequence) == sealed.hash:
                yield Finding(entry.sequence, Fault.REPEATED, "the same entry twice")
        except BadEntry as error:
            yield Finding(entry.sequence, Fault.WRONG_TILL, str(error))
            continue
        except Gap as error:
            yield Finding(entry.sequence, Fault.GAP, f"entries {error.expected} to {entry.sequence - 1} are missing")
            head = Head(head.till_id, entry.sequence, sealed.hash)
        except BrokenChain as error:
            yield Finding(entry.sequence, Fault.BROKEN_CHAIN, str(error))
            head = Head(head.till_id, entry.sequence, sealed.hash)
        except Fork as error:
            yield _out_of_place(entry.sequence, seen.get(entry.sequence), sealed.hash, error)
        seen.setdefault(entry.sequence, sealed.hash)


def _out_of_place(sequence: int, before: bytes | None, now: bytes, error: Fork) -> Finding:
    if before is None:
        return Finding(sequence, Fault.OUT_OF_ORDER, "comes after entries that follow it")
    if before == now:
        return Finding(sequence, Fault.REPEATED, "the same entry twice")
    return Finding(sequence, Fault.FORK, str(error))
