"""Archives of closed months and years, and what an inspector is shown of a till (LAW-6, LAW-7)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

import ledger
from cashdesk import domain, reading, store
from cashdesk.domain import ArchiveUnknown, ClosingUnknown, Till, TillUnknown
from cashdesk.reading import CountersignedRange, KeptClosing
from cashdesk.seal import Seals
from cashdesk.usecases.read import VIEW
from cashdesk.usecases.virtual import VirtualTills
from kit.auth import Caller
from ledger import archive as files

CLOSE = "cashdesk.close"
PIECE_BYTES = 1_000_000
MOST_CLOSINGS = 1000
_PAGE = 1000


@dataclass(frozen=True)
class Vouched:
    """The root's word for the centre's key, and the root's own key."""

    certificate: bytes
    root_key: bytes


@dataclass(frozen=True)
class Completeness:
    """Whether a till's journal is here without gap, and how far the centre has countersigned it.

    `receipt` is the centre's word of this moment for the whole of it; empty where there is nothing, or a branch.
    """

    till: Till
    first: int
    ranges: list[CountersignedRange]
    missing: list[tuple[int, int]]
    receipt: bytes


def get_completeness(sessions: sessionmaker[Session], seals: Seals, caller: Caller, till_id: str) -> Completeness:
    """Raises TillUnknown."""
    caller.require(VIEW)
    with sessions() as session:
        till = _till(session, till_id)
        first = (till.branch_from or 0) + 1
        receipt = b""
        if till.last_sequence and not till.branch_of:
            whole = ledger.Receipt(till.till_id, 1, till.last_sequence, till.last_sequence, till.last_hash)
            receipt = seals.countersign(whole)
        return Completeness(
            till, first, reading.countersigned(session, till_id),
            reading.missing_numbers(session, till_id, first, till.last_sequence), receipt,
        )  # fmt: skip


def list_closings(sessions: sessionmaker[Session], caller: Caller, till_id: str) -> list[KeptClosing]:
    """A till's closings, newest first, each with the archive that was made of it. Raises TillUnknown."""
    caller.require(VIEW)
    with sessions() as session:
        _till(session, till_id)
        return reading.closings(session, till_id, MOST_CLOSINGS)


def make_archive(
    sessions: sessionmaker[Session], seals: Seals, tills: VirtualTills, vouch: Callable[[], Vouched], caller: Caller,
    till_id: str, closing_sequence: int, now: datetime,
) -> KeptClosing:  # fmt: skip
    """Make the archive of the month or year that a closing ends, once, and seal that in the counter's virtual till.

    Raises TillUnknown, ClosingUnknown, SealKeyChanged, Unavailable.
    """
    caller.require(CLOSE)
    vouched = vouch()
    with sessions() as session:
        till, closing = _till(session, till_id), _closing(session, till_id, closing_sequence)
        if till.branch_of is not None:  # its closings cover entries of the till's own chain too
            raise ClosingUnknown("what a copy of a till sealed is exported, not archived", till_id=till_id)
        if closing.archived_at is not None:
            return closing
        content = files.pack(_lines(session, seals, vouched, till, closing, now))
    digest = sha256(content)
    said = ledger.Archived(
        till_id, till.number, ledger.Period(closing.period), closing.of, closing.first, closing.sequence,
        digest.hexdigest(), closing.total, closing.perpetual, closing.perpetual_absolute, caller.subject,
        caller.name or caller.subject,
    )  # fmt: skip
    try:
        with sessions.begin() as session:
            counter = tills.head(session, domain.DECISIONS, now)
            if (made := _closing(session, till_id, closing_sequence)).archived_at is not None:
                return made  # by somebody else, while this one was being written
            [kept] = tills.seal(counter, [(ledger.Kind.ARCHIVE, said)], now)
            store.keep(session, counter, [kept], now)
            store.keep_archive(
                session,
                store.NewArchive(
                    till_id, closing_sequence, digest.digest(), content, said.author_name, counter.till_id,
                    kept.entry.sequence,
                ),
                now,
            )  # fmt: skip
    except IntegrityError:
        pass
    with sessions() as session:
        return _closing(session, till_id, closing_sequence)


def read_archive(
    sessions: sessionmaker[Session], caller: Caller, till_id: str, closing_sequence: int, start: int
) -> bytes:
    """A piece of an archive's file, from a byte on; empty at its end. Raises ArchiveUnknown."""
    caller.require(VIEW)
    with sessions() as session:
        piece = reading.archive_piece(session, till_id, closing_sequence, start, PIECE_BYTES)
    if piece is None:
        raise ArchiveUnknown("no archive was made of this period", till_id=till_id)
    return piece


def _lines(
    session: Session, seals: Seals, vouched: Vouched, till: Till, closing: KeptClosing, now: datetime
) -> Iterator[bytes]:
    entries = _entries(session, till.till_id, closing.first, closing.sequence)
    first = next(entries)
    before = [
        reading.entries(session, till.till_id, sequence, 1)[0]
        for sequence, _, _ in ledger.needed(reading.closings_before(session, till.till_id, closing.first))
    ]
    receipt = reading.last_receipt(session, till.till_id, closing.first, closing.sequence)
    header = ledger.Header(
        till.branch_of or till.till_id, till.number, till.name, till.public_key.hex(), till.practice_of,
        ledger.Period(closing.period), closing.of, closing.first, closing.sequence,
        str(json.loads(first.bytes)["prev"]), now, ledger.centre_public_bytes(seals.public_key).hex(),
        vouched.certificate.hex(), vouched.root_key.hex(),
    )  # fmt: skip
    yield from files.write(
        header, map(_sealed, before), _after(first, entries), [receipt] if receipt else [], seals.archive_key
    )


def _after(first: ledger.SealedEntry, rest: Iterator[ledger.SealedEntry]) -> Iterator[ledger.SealedEntry]:
    yield first
    yield from rest


def _entries(session: Session, till_id: str, first: int, last: int) -> Iterator[ledger.SealedEntry]:
    while first <= last:
        page = reading.entries(session, till_id, first, min(_PAGE, last - first + 1))
        yield from map(_sealed, page)
        first += len(page)


def _sealed(entry: reading.StoredEntry) -> ledger.SealedEntry:
    return ledger.SealedEntry(entry.content, entry.signature, entry.algorithm)


def _till(session: Session, till_id: str) -> Till:
    till = store.known_till(session, till_id)
    if till is None:
        raise TillUnknown("no such till is enrolled", till_id=till_id)
    return till


def _closing(session: Session, till_id: str, sequence: int) -> KeptClosing:
    closing = reading.closing(session, till_id, sequence)
    if closing is None or closing.period == ledger.Period.DAY:
        raise ClosingUnknown("no month or year of this till ends with this entry", till_id=till_id)
    return closing
