"""Closings are kept, months and years archived, and a till's journal proved complete (LAW-2, LAW-4, LAW-6, LAW-7)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

import ledger
from cashdesk import domain, reading
from cashdesk.usecases.record import Recorder
from cashdesk.usecases.virtual import VirtualTills
from kit.auth import Caller, CallerKind
from kit.clock import now
from ledger import Kind, Period
from ledger.verify.checking import verify_file
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb

from ..conftest import ROOT, Core, TillJournal, new_id, refusal, sale

MANAGER = ("cashdesk.view", "cashdesk.close")


class ClosingTill:
    """A till that closes its periods as a till does."""

    def __init__(self, core: Core) -> None:
        self.core, self.till, self.totals = core, core.enrol(), ledger.Totals()

    @property
    def id(self) -> str:
        return self.till.id

    def write(self, body: dict | ledger.Sale, kind: str = "technical") -> pb.SealedEntry:
        entry = self.till.write(body, kind)
        read = json.loads(entry.content)
        self.totals.add(entry.sequence, Kind(read["kind"]), read["body"], entry.hash)
        return entry

    def close(self, period: Period, of: str) -> pb.SealedEntry:
        closing = self.totals.close(period, of, self.till.head.sequence)
        assert closing
        return self.write(closing.to_body(), "closing")

    def month(self, of: str, sales: int = 3) -> int:
        """So many sales, and the closings of the day and the month; the entry that ends the month."""
        entries = [self.write(sale()) for _ in range(sales)]
        entries += [self.close(Period.DAY, f"{of}-30"), self.close(Period.MONTH, of)]
        self.core.append(self.till, entries)
        return self.till.head.sequence


def archive_of(core: Core, till_id: str, sequence: int) -> bytes:
    stub, content = core.as_user("cashdesk.view"), b""
    while True:
        piece = stub.ReadArchive(
            pb.ReadArchiveRequest(till_id=till_id, closing_sequence=sequence, from_byte=len(content))
        ).content
        content += piece
        if not piece:
            return content


def make(core: Core, till_id: str, sequence: int) -> pb.Closing:
    request = pb.MakeArchiveRequest(till_id=till_id, closing_sequence=sequence)
    return core.as_user(*MANAGER).MakeArchive(request).closing


def test_the_archive_of_a_month_holds_for_who_knows_only_the_root(core: Core, tmp_path: Path) -> None:
    till = ClosingTill(core)
    till.month("2026-10")
    ends = till.month("2026-11")
    made = make(core, till.id, ends)
    file = tmp_path / "archive.zip"
    file.write_bytes(archive_of(core, till.id, ends))
    report = verify_file(file, ledger.centre_public_bytes(ROOT), ledger.public_bytes(till.till.key))
    assert (report.remarks, report.notes) == ([], [])
    assert (report.first, report.last, report.entries, report.closings) == (6, 10, 5, 2)
    assert report.perpetual == made.perpetual == 6 * 2400
    assert made.archive_size == file.stat().st_size


def test_making_an_archive_is_itself_sealed_with_its_digest(core: Core) -> None:
    """LAW-7: archiving is traced in a chain."""
    till = ClosingTill(core)
    ends = till.month("2026-11")
    made = make(core, till.id, ends)
    counter = domain.virtual_till_id(domain.DECISIONS)
    entries = core.as_user("cashdesk.view").ListEntries(pb.ListEntriesRequest(till_id=counter, page_size=1000)).entries
    said = [json.loads(each.content) for each in entries]
    archived = [ledger.Archived.from_body(each["body"]) for each in said if each["kind"] == "archive"]
    [ours] = [each for each in archived if each.till_id == till.id]
    assert ours.sha256 == made.archive_sha256.hex()
    assert (ours.of, ours.first, ours.last, ours.total) == ("2026-11", 1, ends, 3 * 2400)


def test_a_period_is_archived_once_whoever_asks_how_often(core: Core) -> None:
    till = ClosingTill(core)
    ends = till.month("2026-11")
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: make(core, till.id, ends), range(4)))
    assert {each.archive_sha256 for each in made} == {made[0].archive_sha256}
    assert core.count("archives", f"till_id = '{till.id}'") == 1
    assert (
        core.count("entries", f"kind = 'archive' AND position('{till.id}' IN convert_from(content, 'UTF8')) > 0") == 1
    )


def test_only_a_closed_month_or_year_is_archived_by_who_may(core: Core) -> None:
    till = ClosingTill(core)
    ends = till.month("2026-11")
    request = pb.MakeArchiveRequest(till_id=till.id, closing_sequence=ends)
    assert refusal(lambda: core.as_user("cashdesk.view").MakeArchive(request)).reason == "FORBIDDEN"
    assert refusal(lambda: make(core, till.id, ends - 1)).reason == "CLOSING_UNKNOWN"
    assert refusal(lambda: make(core, till.id, 1)).reason == "CLOSING_UNKNOWN"
    assert refusal(lambda: make(core, new_id(), ends)).reason == "TILL_UNKNOWN"
    assert refusal(lambda: archive_of(core, till.id, ends)).reason == "ARCHIVE_UNKNOWN"


def test_what_a_copy_of_a_till_sealed_is_not_archived(core: Core) -> None:
    """Its closings cover entries of the till's own chain too (ADR 0017)."""
    till = ClosingTill(core)
    ends = till.month("2026-11")
    with core.sessions.begin() as session:
        session.execute(
            text("UPDATE tills SET branch_of = till_id, branch_from = 1 WHERE till_id = :id"), {"id": till.id}
        )
    assert refusal(lambda: make(core, till.id, ends)).reason == "CLOSING_UNKNOWN"


def test_closings_are_listed_with_their_archives(core: Core) -> None:
    till = ClosingTill(core)
    ends = till.month("2026-11")
    listed = core.as_user("cashdesk.view").ListClosings(pb.ListClosingsRequest(till_id=till.id)).closings
    assert [(each.period, each.of, each.number, each.total) for each in listed] == [
        ("month", "2026-11", 1, 7200), ("day", "2026-11-30", 1, 7200)
    ]  # fmt: skip
    assert not any(each.HasField("archived_at") for each in listed)
    make(core, till.id, ends)
    listed = core.as_user("cashdesk.view").ListClosings(pb.ListClosingsRequest(till_id=till.id)).closings
    assert [each.HasField("archived_at") for each in listed] == [True, False]


def completeness(core: Core, till_id: str) -> pb.GetCompletenessResponse:
    return core.as_user("cashdesk.view").GetCompleteness(pb.GetCompletenessRequest(till_id=till_id))


def test_countersigned_ranges_that_touch_or_overlap_are_one(core: Core, till: TillJournal) -> None:
    """LAW-6."""
    entries = till.sales(9)
    for first, last in ((0, 4), (2, 6), (6, 9)):
        core.append(till, entries[first:last])
    found = completeness(core, till.id)
    assert [(each.first_sequence, each.last_sequence, each.receipts) for each in found.ranges] == [(1, 9, 3)]
    assert list(found.missing) == []
    key = ledger.certified_centre_key(
        found.centre_key, found.centre_certificate, ledger.load_centre_public(found.root_public_key)
    )
    vouched = ledger.verify_receipt(found.receipt, key)
    assert (vouched.first, vouched.last, vouched.hash) == (1, 9, entries[-1].hash)


def test_a_range_that_nobody_countersigned_and_an_entry_taken_out_are_shown(core: Core, till: TillJournal) -> None:
    """Even who owns the database has to switch the guard off first, and it shows all the same."""
    for part in range(3):
        core.append(till, [till.write({"part": part}), till.write({"part": part})])
    with psycopg.connect(core.owner_url, autocommit=True) as owner:
        with pytest.raises(psycopg.errors.RestrictViolation):
            owner.execute("DELETE FROM entries WHERE till_id = %s", (till.id,))
        with owner.transaction():
            for table in ("entries", "receipts"):
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER never_changes")
            owner.execute("DELETE FROM entries WHERE till_id = %s AND sequence = 3", (till.id,))
            owner.execute("DELETE FROM receipts WHERE till_id = %s AND first_sequence = 3", (till.id,))
            for table in ("entries", "receipts"):
                owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER never_changes")
    found = completeness(core, till.id)
    assert [(each.first_sequence, each.last_sequence) for each in found.ranges] == [(1, 2), (5, 6)]
    assert [(each.first_sequence, each.last_sequence) for each in found.missing] == [(3, 3)]


def test_completeness_is_for_who_may_see_the_money(core: Core, till: TillJournal) -> None:
    request = pb.GetCompletenessRequest(till_id=till.id)
    assert refusal(lambda: core.as_user("orders.view").GetCompleteness(request)).reason == "FORBIDDEN"
    assert refusal(lambda: completeness(core, new_id())).reason == "TILL_UNKNOWN"


@pytest.mark.parametrize("table", ["closings", "archives"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET till_id = NULL", "TRUNCATE {} CASCADE"])
def test_the_program_itself_can_neither_change_nor_delete_closings_and_archives(
    core: Core, table: str, statement: str
) -> None:
    """LAW-2: the application's role has no such privilege."""
    url = core.engine.url.render_as_string(hide_password=False).replace("+psycopg", "")
    with psycopg.connect(url) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.format(table))


@pytest.mark.parametrize("table", ["entries", "receipts", "closings", "archives"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET till_id = NULL", "TRUNCATE {} CASCADE"])
def test_not_even_the_owner_of_the_tables_changes_them_by_mistake(core: Core, table: str, statement: str) -> None:
    with psycopg.connect(core.owner_url) as connection, pytest.raises(psycopg.errors.RestrictViolation):
        connection.execute(statement.format(table))


def test_a_virtual_till_closes_its_days_as_a_till_does(core: Core) -> None:
    """LAW-4: what is sold on the web has its Z too, before the first sale of the next day."""
    service = Caller("orders", CallerKind.SERVICE, "orders", frozenset(), now() + timedelta(hours=1))
    partner = domain.virtual_till_id("partner")
    start = datetime(2036, 12, 30, 12, tzinfo=UTC)
    for days, count in ((0, 2), (1, 1), (2, 3), (3, 1)):
        recorder = Recorder(core.sessions, VirtualTills(core.seals, "Europe/Paris"))
        at = start + timedelta(days=days)
        for _ in range(count):
            recorder.record_sales(service, [sale(channel="partner")], at)
    with core.sessions() as session:
        closed = reading.closings(session, partner, 100)
        entries = reading.entries(session, partner, 1, 1000)
    assert [(each.period, each.of, each.total) for each in reversed(closed)] == [
        ("day", "2036-12-30", 4800), ("day", "2036-12-31", 2400), ("month", "2036-12", 7200), ("year", "2036", 7200),
        ("day", "2037-01-01", 7200),
    ]  # fmt: skip
    sealed = [ledger.SealedEntry(each.content, each.signature) for each in entries]
    assert list(ledger.verify_chain(sealed, core.seals.till_key(partner).public_key())) == []
    assert (closed[0].perpetual, closed[0].perpetual_absolute) == (6 * 2400, 6 * 2400)
