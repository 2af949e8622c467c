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


class Examiner:
    """Goes through a till's journal in the order in which it is shown, and says of each entry what does not hold.

    An entry that cannot be believed takes the number expected at its place, and reading goes on. Without `till_id` the
    first entry names the till.
    """

    def __init__(self, till_id: str = "", sequence: int = 0, hash: bytes | None = None) -> None:
        """After entry `sequence`, whose hash is this; at the beginning the hash follows from the till."""
        self._head = Head(till_id, sequence, hash if hash is not None else genesis(till_id))
        self._seen: dict[int, bytes] = {}

    @property
    def last(self) -> int:
        """The highest number so far."""
        return self._head.sequence

    @property
    def expected(self) -> int:
        return self._head.sequence + 1

    def examine(self, sealed: SealedEntry, key: ec.EllipticCurvePublicKey) -> tuple[Entry | None, list[Finding]]:
        """The entry if its signature holds and it is this till's, and its faults."""
        try:
            entry = open_sealed(sealed.bytes, sealed.signature, key)
        except (BadSignature, BadEntry) as error:
            reason = Fault.BAD_SIGNATURE if isinstance(error, BadSignature) else Fault.BAD_ENTRY
            finding = Finding(self.expected, reason, str(error))
            self._head = Head(self._head.till_id, self.expected, sealed.hash)
            return None, [finding]
        if not self._head.till_id:
            start = self._head.sequence == 0
            self._head = Head(entry.till_id, self._head.sequence, genesis(entry.till_id) if start else self._head.hash)
        found = self._follow(entry, sealed.hash)
        if found is not None and found.reason is Fault.WRONG_TILL:
            return None, [found]
        self._seen.setdefault(entry.sequence, sealed.hash)
        return entry, [found] if found else []

    def _follow(self, entry: Entry, hash: bytes) -> Finding | None:
        head, number = self._head, entry.sequence
        try:
            self._head = follows(head, entry, hash)
        except BadEntry as error:
            return Finding(number, Fault.WRONG_TILL, str(error))
        except Gap as error:
            self._head = Head(head.till_id, number, hash)
            return Finding(number, Fault.GAP, f"entries {error.expected} to {number - 1} are missing")
        except BrokenChain as error:
            self._head = Head(head.till_id, number, hash)
            return Finding(number, Fault.BROKEN_CHAIN, str(error))
        except Fork as error:
            return _out_of_place(number, self._seen.get(number), hash, error)
        if self._seen.get(number) == hash:
            return Finding(number, Fault.REPEATED, "the same entry twice")
        return None


def verify_chain(
    entries: Iterable[SealedEntry], public_key: ec.EllipticCurvePublicKey, start: Head | None = None
) -> Iterator[Finding]:
    """Every fault of a till's journal, in order; nothing when it is whole.

    Without `start` the journal must begin at entry 1. Entries missing at the end leave no trace in a chain: compare the
    last one with the centre's receipts (`ledger.receipt`).
    """
    examiner = Examiner(start.till_id, start.sequence, start.hash) if start else Examiner()
    for sealed in entries:
        yield from examiner.examine(sealed, public_key)[1]


def _out_of_place(sequence: int, before: bytes | None, now: bytes, error: Fork) -> Finding:
    if before is None:
        return Finding(sequence, Fault.OUT_OF_ORDER, "comes after entries that follow it")
    if before == now:
        return Finding(sequence, Fault.REPEATED, "the same entry twice")
    return Finding(sequence, Fault.FORK, str(error))
