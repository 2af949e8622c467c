"""What `ledger-verify` finds in a file that somebody has altered, and in one that nobody has (LAW-3, LAW-6, LAW-7)."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ledger
from ledger import Kind, Period, archive
from ledger.verify.__main__ import main
from ledger.verify.checking import verify_file
from ledger.verify.report import Mark

from .conftest import STARTED, TILL

ROOT, CENTRE, STRANGER = (ledger.load_centre_key(bytes([n]) * 32) for n in (1, 2, 3))
ROOT_KEY = ledger.centre_public_bytes(ROOT)


def sold(sale: ledger.Sale, number: int) -> ledger.Sale:
    """The fixture's sale under another number."""
    return replace(sale, order_id=f"00000000-0000-4000-8000-{number:012d}", order_number=f"G1-{number:06d}")


@dataclass
class Book:
    """A till's journal with its closings, written as a till does."""

    key: object
    till_id: str = TILL

    def __post_init__(self) -> None:
        self.head, self.totals = ledger.Head.start(self.till_id), ledger.Totals()
        self.entries: list[ledger.SealedEntry] = []

    def add(self, kind: Kind, body: dict) -> None:
        number = self.head.sequence + 1
        at = STARTED + timedelta(seconds=number)
        entry = ledger.Entry(self.till_id, number, at, number, kind, self.head.hash, body)
        sealed = ledger.seal(entry, self.key)
        self.totals.add(number, kind, body, sealed.hash)
        self.head = ledger.Head(self.till_id, number, sealed.hash)
        self.entries.append(sealed)

    def close(self, period: Period, of: str, **altered) -> None:
        closing = self.totals.close(period, of, self.head.sequence)
        self.add(Kind.CLOSING, {**closing.to_body(), **altered})

    def day(self, sale: ledger.Sale, of: str, **altered) -> None:
        for step in range(5):
            number = self.head.sequence + 1
            if step in (2, 4):
                self.add(Kind.TECHNICAL, {"number": number})
            else:
                self.add(Kind.SALE, sold(sale, number).to_body())
        self.close(Period.DAY, of, **altered)


@pytest.fixture(scope="module")
def book(till_key):
    return lambda: Book(till_key)


@pytest.fixture
def two_days(book, sale) -> Book:
    written = book()
    written.day(sale, "2026-11-29")
    written.day(sale, "2026-11-30")
    written.close(Period.MONTH, "2026-11")
    return written


def receipt(entries: list[ledger.SealedEntry], last: int, first: int = 1, key=CENTRE) -> bytes:
    return ledger.countersign(ledger.Receipt(TILL, first, last, last - first + 1, entries[last - 1].hash), key)


def file_of(
    folder: Path, book: Book, entries=None, *, first=1, last=None, period=Period.MONTH, context=(), receipts=None,
    public=None, root=ROOT_KEY, centre=CENTRE, edit: Callable[[list[bytes]], list[bytes]] = list,
) -> Path:  # fmt: skip
    """An archive, or a live export without a period; `edit` is what somebody does to its lines afterwards."""
    entries = book.entries if entries is None else entries
    last = last or len(book.entries)
    before = book.entries[first - 2].hash if first > 1 else ledger.genesis(TILL)
    public = public or ledger.public_bytes(book.key)
    header = ledger.Header(
        TILL, "G1", "Guichet", public.hex(), None, period, "2026-11" if period else None, first, last, before.hex(),
        STARTED, ledger.centre_public_bytes(centre).hex(),
        ledger.certify_centre_key(ledger.centre_public_bytes(centre), ROOT).hex(), root.hex() if root else None,
    )  # fmt: skip
    receipts = [receipt(book.entries, last)] if receipts is None else receipts
    lines = list(archive.write(header, context, entries, receipts, centre if period else None))
    path = folder / "journal.zip"
    path.write_bytes(archive.pack(edit(lines)))
    return path


def found(path: Path, **known) -> list[tuple[int, Mark]]:
    return [(each.sequence, each.mark) for each in verify_file(path, **known).remarks]


def test_an_archive_that_nobody_altered_holds(tmp_path, two_days):
    report = verify_file(file_of(tmp_path, two_days), ROOT_KEY)
    assert (report.remarks, report.notes) == ([], [])
    assert (report.entries, report.closings, report.countersigned) == (13, 3, 13)
    assert (report.perpetual, report.perpetual_absolute) == (6 * 2850, 6 * 2850)


def test_an_archive_of_a_later_month_goes_on_from_the_totals_before_it(tmp_path, two_days, sale):
    two_days.day(sale, "2026-12-01")
    two_days.close(Period.MONTH, "2026-12")
    closings = [
        (number, json.loads(each.bytes)["body"], each.hash)
        for number, each in enumerate(two_days.entries[:13], 1)
        if json.loads(each.bytes)["kind"] == "closing"
    ]
    context = [two_days.entries[sequence - 1] for sequence, _, _ in ledger.needed(reversed(closings))]
    path = file_of(tmp_path, two_days, two_days.entries[13:], first=14, context=context)
    report = verify_file(path, ROOT_KEY)
    assert report.remarks == []
    assert report.perpetual == 9 * 2850


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_bit_flipped_in_a_sealed_entry_is_found_at_that_entry(tmp_path, two_days, data):
    """Of the bytes and of the signature; the seal of the archive shows it too."""
    index = data.draw(st.integers(0, 12))
    sealed = two_days.entries[index]
    part = data.draw(st.sampled_from(["bytes", "signature"]))
    value = bytearray(getattr(sealed, part))
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    value[bit // 8] ^= 1 << bit % 8
    altered = flip_line(index, part, bytes(value))
    remarks = found(file_of(tmp_path, two_days, edit=altered), root_key=ROOT_KEY)
    assert (0, Mark.SEAL_BROKEN) in remarks
    assert {mark for sequence, mark in remarks if sequence == index + 1} & {Mark.BAD_SIGNATURE, Mark.BAD_LINE}


def test_every_single_bit_of_one_sealed_entry(tmp_path, two_days):
    """All of them, not a sample: of a small entry, its signature and its bytes."""
    sealed, key = two_days.entries[2], two_days.key.public_key()
    for part in ("bytes", "signature"):
        for bit in range(len(getattr(sealed, part)) * 8):
            value = bytearray(getattr(sealed, part))
            value[bit // 8] ^= 1 << bit % 8
            entry, findings = ledger.Examiner(TILL, 2, two_days.entries[1].hash).examine(
                replace(sealed, **{part: bytes(value)}), key
            )
            assert entry is None
            assert [finding.sequence for finding in findings] == [3]


def flip_line(index: int, part: str, value: bytes) -> Callable[[list[bytes]], list[bytes]]:
    """Put other bytes into the line of an entry, as a hand with an editor would."""

    def edit(lines: list[bytes]) -> list[bytes]:
        line = json.loads(lines[index + 1])
        if part == "signature":
            line["signature"] = value.hex()
            written = json.dumps(line, ensure_ascii=False).encode()
        else:  # bytes that are no UTF-8 cannot be put into JSON: they are there all the same
            inside = json.dumps(value.decode("utf-8", "surrogateescape"), ensure_ascii=False)
            written = f'{{"entry":{inside},"signature":"{line["signature"]}"}}'.encode("utf-8", "surrogateescape")
        return [*lines[: index + 1], written + b"\n", *lines[index + 2 :]]

    return edit


@pytest.mark.parametrize("index", range(12))
def test_an_entry_removed_is_named(tmp_path, two_days, index):
    entries = two_days.entries[:index] + two_days.entries[index + 1 :]
    assert (index + 2, Mark.GAP) in found(file_of(tmp_path, two_days, entries))


def test_two_entries_swapped_are_named(tmp_path, two_days):
    entries = [*two_days.entries]
    entries[3], entries[4] = entries[4], entries[3]
    remarks = found(file_of(tmp_path, two_days, entries))
    assert {(5, Mark.GAP), (4, Mark.OUT_OF_ORDER)} <= set(remarks)


def test_a_chain_rebuilt_by_who_owns_the_database_but_not_the_key_is_named_entry_by_entry(tmp_path, two_days, sale):
    forger = Book(ledger.generate_key())
    forger.day(sale, "2026-11-29")
    path = file_of(tmp_path, two_days, forger.entries, last=6, receipts=[])
    assert {(number, Mark.BAD_SIGNATURE) for number in range(1, 7)} <= set(found(path))


def test_a_chain_rebuilt_with_a_key_that_the_forger_wrote_into_the_file_is_contradicted_by_the_centre(
    tmp_path, two_days, sale
):
    """His own key verifies his own entries; the receipts, the seal and the key that the house knows do not."""
    forger = Book(ledger.generate_key())
    forger.day(replace(sale, catalog_version=43), "2026-11-29")
    genuine = [receipt(two_days.entries, 6)]
    theirs = ledger.public_bytes(forger.key)
    export = file_of(tmp_path, forger, period=None, receipts=genuine, public=theirs)
    assert (6, Mark.RECEIPT_CONTRADICTS) in found(export)
    silent = verify_file(file_of(tmp_path, forger, period=None, receipts=[], public=theirs))
    assert Mark.NOT_COUNTERSIGNED in silent.notes
    known = found(export, till_key=ledger.public_bytes(two_days.key))
    assert (0, Mark.BAD_KEY) in known
    assert (1, Mark.BAD_SIGNATURE) in known
    sealed_by_another = file_of(tmp_path, forger, receipts=[], public=theirs, centre=STRANGER)
    remarks = found(sealed_by_another, root_key=ledger.centre_public_bytes(STRANGER))
    assert (0, Mark.CENTRE_NOT_CERTIFIED) in remarks


@pytest.mark.parametrize(
    "altered", [{"total": 1}, {"perpetual": 100}, {"number": 7}, {"absolute": 0}, {"sales": 2}, {"first": 3}]
)
def test_a_closing_that_does_not_add_up_is_named_though_it_is_signed(tmp_path, book, sale, altered):
    """Who has the key too cannot make the totals say something else than the entries."""
    written = book()
    written.day(sale, "2026-11-29", **altered)
    report = verify_file(file_of(tmp_path, written))
    assert [(each.sequence, each.mark) for each in report.remarks] == [(6, Mark.CLOSING_WRONG)] * len(report.remarks)
    assert next(iter(altered)) in report.remarks[0].detail


def test_an_altered_closing_does_not_hide_behind_the_next_one(tmp_path, book, sale):
    written = book()
    written.day(sale, "2026-11-29", perpetual=5)
    written.day(sale, "2026-11-30")
    assert [each for each in found(file_of(tmp_path, written)) if each[0] == 6] == [(6, Mark.CLOSING_WRONG)]


@pytest.mark.parametrize("left", [1, 5, 13, 14, 15])
def test_a_truncated_archive_is_named(tmp_path, two_days, left):
    """Whatever the line after which it was cut."""
    remarks = found(file_of(tmp_path, two_days, edit=lambda lines: lines[:left]))
    assert (0, Mark.NO_SEAL) in remarks
    if left < 14:
        assert (left, Mark.TRUNCATED) in remarks


def test_a_zip_cut_short_and_what_is_no_journal_are_named(tmp_path, two_days):
    path = file_of(tmp_path, two_days)
    path.write_bytes(path.read_bytes()[:-200])
    assert found(path) == [(0, Mark.NOT_A_JOURNAL)]
    for content in (b"", b"[]\n", b"PK\x03\x04", b'{"header":{"format":"other"}}\n', b"\x1f\x8b\x08"):
        path.write_bytes(content)
        assert found(path) == [(0, Mark.NOT_A_JOURNAL)]


def test_an_export_cut_short_is_contradicted_by_the_receipts(tmp_path, two_days):
    export = file_of(
        tmp_path, two_days, two_days.entries[:9], last=9, period=None, receipts=[receipt(two_days.entries, 13)]
    )
    assert found(export) == [(13, Mark.TRUNCATED)]


def test_a_line_after_the_seal_and_a_seal_of_another_file_are_named(tmp_path, two_days):
    assert (0, Mark.AFTER_THE_SEAL) in found(file_of(tmp_path, two_days, edit=lambda lines: [*lines, lines[1]]))
    renamed = file_of(tmp_path, two_days, edit=lambda lines: [lines[0].replace(b"Guichet", b"Guichot"), *lines[1:]])
    assert found(renamed) == [(0, Mark.SEAL_BROKEN)]


def test_the_root_known_from_elsewhere_is_the_one_that_counts(tmp_path, two_days):
    other = ledger.centre_public_bytes(STRANGER)
    remarks = found(file_of(tmp_path, two_days), root_key=other)
    assert (0, Mark.ROOT_UNKNOWN) in remarks
    assert Mark.ROOT_UNKNOWN in verify_file(file_of(tmp_path, two_days, root=None)).notes


def test_a_sale_that_does_not_add_up_is_named_though_it_is_signed(tmp_path, book, sale):
    written = book()
    written.add(Kind.SALE, {**sale.to_body(), "total": 1})
    assert (1, Mark.BAD_BODY) in found(file_of(tmp_path, written))


def test_another_tills_receipt_vouches_for_nothing(tmp_path, two_days):
    other = ledger.Receipt("00000000-0000-4000-8000-000000000001", 1, 13, 13, two_days.head.hash)
    remarks = found(file_of(tmp_path, two_days, period=None, receipts=[ledger.countersign(other, CENTRE)]))
    assert remarks == [(0, Mark.BAD_RECEIPT)]


def test_the_program_answers_in_both_languages_and_by_its_status(tmp_path, two_days, capsys):
    good = file_of(tmp_path, two_days)
    assert main([str(good), "--root", ROOT_KEY.hex(), "--lang", "fr"]) == 0
    told = capsys.readouterr().out
    for said in ("TOUT TIENT", "caisse G1", "13 écritures lues", "171,00 EUR"):
        assert said in told
    bad = file_of(tmp_path, two_days, two_days.entries[1:])
    assert main([str(bad), "--lang", "en"]) == 1
    told = capsys.readouterr().out
    assert "entry 2: entries are missing before this one" in told
    with pytest.raises(SystemExit) as wrong:
        main([])
    assert wrong.value.code == 2


def test_a_file_is_read_plain_as_it_is_in_its_zip(tmp_path, two_days):
    path = file_of(tmp_path, two_days)
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as folder:
        path.write_bytes(folder.read(archive.MEMBER))
    assert found(path, root_key=ROOT_KEY) == []


def test_the_same_entries_give_the_same_file(tmp_path, two_days):
    assert file_of(tmp_path, two_days).read_bytes() == file_of(tmp_path, two_days).read_bytes()
