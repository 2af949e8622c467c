"""A fork seen by a person: what each copy of a till sealed since they parted, and what to do now (domain 5.3, 5.6)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cashdesk.web.entries import ShownEntry, read_entries
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as rpc

MOST_ENTRIES = 1000
MONEY = ("sale", "refund")


@dataclass(frozen=True)
class Side:
    """One copy's entries since the copies parted; `money`: of them, those that moved money. Amounts in minor units."""

    till: pb.TillJournal
    entries: list[ShownEntry]

    @property
    def money(self) -> list[ShownEntry]:
        return [entry for entry in self.entries if entry.kind in MONEY]

    @property
    def total(self) -> int:
        return sum(entry.body["total"] for entry in self.money)

    @property
    def currency(self) -> str:
        return next((str(entry.body["currency"]) for entry in self.money), "EUR")

    @property
    def modes(self) -> dict[str, int]:
        sums: Counter[str] = Counter()
        for entry in self.money:
            for payment in entry.body["payments"]:
                sums[payment["mode"]] += payment["amount"]
        return dict(sums)


def sides(core: rpc.CashdeskServiceStub, till: pb.TillJournal, tills: Iterable[pb.TillJournal]) -> list[Side]:
    """The till's own chain first, then each branch, from the entry after the last that all share."""
    branches = [each for each in tills if each.branch_of == till.till_id]
    parted = min((branch.branch_from for branch in branches), default=till.last_sequence)
    return [Side(each, _since(core, each, max(parted, each.branch_from))) for each in (till, *branches)]


def shared_hash(core: rpc.CashdeskServiceStub, branch: pb.TillJournal) -> bytes | None:
    """Of the last entry that a branch shares with its till's chain."""
    return _hash_of(core, branch.branch_of, branch.branch_from)


def _since(core: rpc.CashdeskServiceStub, till: pb.TillJournal, sequence: int) -> list[ShownEntry]:
    asked = pb.ListEntriesRequest(till_id=till.till_id, from_sequence=sequence + 1, page_size=MOST_ENTRIES)
    entries: Sequence[pb.SealedEntry] = core.ListEntries(asked).entries
    before = _hash_of(core, till.branch_of or till.till_id, sequence)
    return read_entries(entries, sequence + 1, before)


def _hash_of(core: Any, till_id: str, sequence: int) -> bytes | None:
    if not sequence:
        return None
    asked = pb.ListEntriesRequest(till_id=till_id, from_sequence=sequence, page_size=1)
    return next((bytes(entry.hash) for entry in core.ListEntries(asked).entries), None)
