"""A year of tills: every day sealed and closed, every month archived, every archive verified by `ledger-verify`.

`verify_ratio` is the chain alone (signature, number, link, canonical form); `verify_file_ratio` is the whole program on
the files: it unpacks them, and recomputes every sale and closing too. The floor of both, in the same run, is what
nobody can leave out: SHA-256 and the signature of the same bytes. They are counted in seconds of the processor: what
else this machine does meanwhile is in none of them.
LEDGER_TILLS, LEDGER_DAYS and LEDGER_OPERATIONS scale it: 40, 365 and 120 are a house of the size that we aim at.
"""

import hashlib
import os
import tempfile
import time
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

import ledger
from bench.figures import Figure, publish
from ledger import Kind, Period, archive
from ledger.entry import DOMAIN
from ledger.verify.checking import verify_file
from suite.machine import Machine

TILLS = int(os.environ.get("LEDGER_TILLS", "2"))
DAYS = int(os.environ.get("LEDGER_DAYS", "365"))
OPERATIONS = int(os.environ.get("LEDGER_OPERATIONS", "120"))  # entries of a day
BEGINS = date(2027, 1, 1)
CENTRE, ROOT = ledger.load_centre_key(bytes([1]) * 32), ledger.load_centre_key(bytes([2]) * 32)
ROOT_KEY = ledger.centre_public_bytes(ROOT)
CERTIFICATE = ledger.certify_centre_key(ledger.centre_public_bytes(CENTRE), ROOT)


def main(here: Machine) -> int:
    """Measure and publish. 1 when an archive does not hold."""
    sealing = archiving = reading = verifying = bare = 0.0
    entries = closings = size = packed = faults = 0
    with tempfile.TemporaryDirectory() as folder:
        for number in range(TILLS):
            till = Till(number + 1)
            began = time.perf_counter()
            till.live()
            sealing += time.perf_counter() - began
            began = time.perf_counter()
            files = list(till.archives(Path(folder)))
            archiving += time.perf_counter() - began
            began = time.process_time()
            reports = [verify_file(file, ROOT_KEY) for file in files]
            reading += time.process_time() - began
            began = time.process_time()
            faults += len(list(ledger.verify_chain(till.archived, till.key.public_key())))
            verifying += time.process_time() - began
            bare += floor_of(till)
            entries += sum(report.entries for report in reports)
            closings += sum(report.closings for report in reports)
            faults += sum(len(report.remarks) for report in reports)
            packed += sum(file.stat().st_size for file in files)
            size += sum(zipfile.ZipFile(file).getinfo(archive.MEMBER).file_size for file in files)
            for file in files:
                file.unlink()
    year = f"{TILLS} tills × {DAYS} days × {OPERATIONS}"
    print(f"{year}: {entries} entries, {closings} closings, {faults} faults")
    publish("ledger", [
        Figure("ledger.year_entries", entries, "entries"),
        Figure("ledger.year_closings", closings, "closings"),
        Figure("ledger.seal_per_s", entries / sealing, "entries/s", to_reach=">= 300"),
        Figure("ledger.archive_per_s", entries / archiving, "entries/s"),
        Figure("ledger.archive_entry_bytes", packed / entries, "bytes", round(size / entries, 1)),
        Figure("ledger.archive_till_year_mb", packed / TILLS / 1e6, "MB"),
        Figure("ledger.verify_ratio", entries / verifying, "entries/s", round(entries / bare, 1), "ratio >= 0.5"),
        Figure("ledger.verify_file_ratio", entries / reading, "entries/s", round(entries / bare, 1)),
        Figure("ledger.verify_faults", faults, "faults", to_reach="<= 0"),
    ])  # fmt: skip
    return 1 if faults else 0


@dataclass
class Till:
    """A till and its year, entry by entry in memory."""

    number: int
    entries: list[ledger.SealedEntry] = field(default_factory=list)
    months: list[tuple[int, ledger.Closing]] = field(default_factory=list)
    placed: list[ledger.Placed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.till_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"bench till {self.number}"))
        self.key, self.totals = ledger.generate_key(), ledger.Totals()
        self.head = ledger.Head.start(self.till_id)

    def live(self) -> None:
        """Its days, and the closings of each period that ends."""
        for count in range(DAYS):
            day = BEGINS + timedelta(days=count)
            for operation in range(OPERATIONS):
                at = datetime(day.year, day.month, day.day, 8, tzinfo=UTC) + timedelta(minutes=5 * operation)
                self.seal(*self.act(operation, day), at)
            after = BEGINS + timedelta(days=count + 1)
            last = ledger.periods_over(day, after) if count + 1 < DAYS else tuple(Period)
            for period in last:
                closing = self.totals.close(period, period.name_of(day), self.head.sequence)
                assert closing is not None
                self.seal(Kind.CLOSING, closing.to_body(), datetime(after.year, after.month, after.day, 6, tzinfo=UTC))
                self.placed.append((self.head.sequence, closing.to_body(), self.head.hash))
                if period is Period.MONTH:
                    self.months.append((self.head.sequence, closing))

    def act(self, operation: int, day: date) -> tuple[Kind, dict[str, Any]]:
        """Of a day: somebody signs in, then sales, and beside most of those in cash the drawer."""
        if operation % 60 == 0:
            return Kind.SIGN_IN, ledger.ShiftChange(self.till_id, self.till_id).to_body()
        if operation % 3 == 2:
            return Kind.DRAWER_OPENED, {"cashier_id": self.till_id, "order_id": self.till_id, "reason": "cash_sale"}
        return Kind.SALE, self.sale(operation, day).to_body()

    def sale(self, operation: int, day: date) -> ledger.Sale:
        """One to four places with their tickets, and every fourth time an article."""
        number = self.head.sequence + 1
        lines = [line(1, 1 + operation % 4, 1200, 550)]
        if operation % 4 == 0:
            lines.append(replace(line(2, 1, 450, 2000), kind=ledger.LineKind.PRODUCT, performance_id=None, show_id=None,
                                 category_id=None, tariff_id=None, product_id=self.till_id))  # fmt: skip
        total = sum(each.total for each in lines)
        places = range(1, lines[0].quantity + 1)
        return ledger.Sale(
            order_id=str(uuid.UUID(int=number)), order_number=f"T{self.number:02d}-{number:06d}", channel="till",
            cashier_id=self.till_id, shift_id=self.till_id, cash_float_id=self.till_id, business_on=day.isoformat(),
            currency="EUR", catalog_version=42, lines=tuple(lines),
            tickets=tuple(ledger.Ticket(1, 7, number * 8 + place, f"TK{number}P{place}" * 8) for place in places),
            payments=(ledger.Payment(ledger.Mode.CASH, total, total, 0, None),), total=total,
            vat=ledger.vat_totals(lines),
        )  # fmt: skip

    def seal(self, kind: Kind, body: dict[str, Any], at: datetime) -> None:
        number = self.head.sequence + 1
        entry = ledger.Entry(self.till_id, number, at, number, kind, self.head.hash, body)
        sealed = ledger.seal(entry, self.key)
        self.head = ledger.Head(self.till_id, number, sealed.hash)
        self.totals.add(number, kind, body, sealed.hash)
        self.entries.append(sealed)

    @property
    def archived(self) -> list[ledger.SealedEntry]:
        """Those of its closed months."""
        return self.entries[: self.months[-1][0]]

    def archives(self, folder: Path) -> Iterator[Path]:
        """One for each month."""
        for sequence, closing in self.months:
            first = closing.first
            before = ledger.needed(placed for placed in reversed(self.placed) if placed[0] < first)
            header = ledger.Header(
                self.till_id, f"T{self.number:02d}", "Guichet", ledger.public_bytes(self.key).hex(), None,
                Period.MONTH, closing.of, first, sequence,
                (self.entries[first - 2].hash if first > 1 else ledger.genesis(self.till_id)).hex(),
                datetime(2028, 1, 1, tzinfo=UTC), ledger.centre_public_bytes(CENTRE).hex(), CERTIFICATE.hex(),
                ROOT_KEY.hex(),
            )  # fmt: skip
            context = [self.entries[number - 1] for number, _, _ in before]
            path = folder / f"{closing.of}.zip"
            path.write_bytes(
                archive.pack(archive.write(header, context, self.entries[first - 1 : sequence], (), CENTRE))
            )
            yield path


def line(number: int, quantity: int, price: int, rate: int) -> ledger.Line:
    net, vat = ledger.split_vat(quantity * price, rate)
    one = str(uuid.UUID(int=number))
    return ledger.Line(
        line=number, kind=ledger.LineKind.ADMISSION, performance_id=one, show_id=one, category_id=one, tariff_id=one,
        product_id=None, option=None, label="Plein tarif : visite de 14 h", quantity=quantity, unit_price=price,
        total=quantity * price, vat_rate_bp=rate, vat=vat, net=net, lease_id=one, hold_id=None,
    )  # fmt: skip


def floor_of(till: Till) -> float:
    """Seconds of the processor for nothing but the digest and the signature of each entry that is in an archive."""
    ready = [
        (DOMAIN + each.bytes, encode_dss_signature(
            int.from_bytes(each.signature[:32], "big"), int.from_bytes(each.signature[32:], "big")))
        for each in till.archived
    ]  # fmt: skip
    key, algorithm = till.key.public_key(), ec.ECDSA(hashes.SHA256())
    began = time.process_time()
    for data, signature in ready:
        hashlib.sha256(data).digest()
        key.verify(signature, data, algorithm)
    return time.process_time() - began
