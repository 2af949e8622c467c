"""Going through a file once, from its header to its seal, trusting none of it."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from ledger.archive import FORMAT, VERSION, check_seal
from ledger.chain import Examiner
from ledger.closing import Closing, Totals
from ledger.entry import Entry, Kind, SealedEntry, open_sealed
from ledger.errors import BadEntry, BadKey, BadSignature, LedgerError
from ledger.keys import load_centre_public, load_public
from ledger.receipt import certified_centre_key, verify_receipt
from ledger.refund import Refund
from ledger.sale import Sale
from ledger.verify.reading import lines, opened
from ledger.verify.report import Mark, Report

Line = tuple[bytes, Any]


def verify_file(path: Path, root_key: bytes | None = None, till_key: bytes | None = None) -> Report:
    """Everything that does not hold in a file. Keys known from elsewhere are demanded instead of those in the file."""
    report = Report()
    try:
        with opened(path) as file:
            _verify(file, report, root_key, till_key)
    except (OSError, EOFError, KeyError, zipfile.BadZipFile, zlib.error, gzip.BadGzipFile) as error:
        report.remark(0, Mark.NOT_A_JOURNAL, str(error))
    return report


def _verify(file: IO[bytes], report: Report, root_key: bytes | None, till_key: bytes | None) -> None:
    read = lines(file)
    _, first = next(read, (b"", None))
    try:
        checker = _Checker(report, (first or {}).get("header"), root_key, till_key)
    except (KeyError, TypeError, ValueError) as error:
        report.remark(0, Mark.NOT_A_JOURNAL, f"header: {error}")
        return
    checker.read(read)


class _Checker:
    """Of one file: what was believed so far, and what is expected next."""

    def __init__(self, report: Report, header: Any, root_key: bytes | None, till_key: bytes | None) -> None:
        """Raises KeyError, TypeError, ValueError for what is no header."""
        if header["format"] != FORMAT or header["version"] != VERSION:
            raise ValueError(f"not {FORMAT} version {VERSION}")
        self._report = report
        report.till, report.till_id = str(header["till_number"]), str(header["till_id"])
        report.first, report.last = int(header["first"]), int(header["last"])
        report.kind, report.of = "archive" if header["period"] else "export", str(header["of"] or "")
        report.is_training = header["training_of"] is not None
        self._till_key = self._load_till_key(str(header["till_key"]), till_key)
        self._centre_key = self._load_centre_key(header, root_key)
        start = bytes.fromhex(header["start_hash"])
        self._chain = Examiner(report.till_id, report.first - 1, start)
        self._totals = Totals()
        self._hashes: dict[int, bytes] = {}

    def _load_till_key(self, in_file: str, given: bytes | None) -> ec.EllipticCurvePublicKey | None:
        try:
            if given is not None and given.hex() != in_file:
                self._report.remark(0, Mark.BAD_KEY, "the key in the file is not the one that was given")
                return load_public(given)
            return load_public(bytes.fromhex(in_file))
        except (BadKey, ValueError) as error:
            self._report.remark(0, Mark.BAD_KEY, str(error))
            return None

    def _load_centre_key(self, header: Any, given: bytes | None) -> ed25519.Ed25519PublicKey | None:
        """The key of receipts and of the seal, once the root vouches for it."""
        try:
            root = given if given is not None else bytes.fromhex(header["root_key"] or "")
            if given is not None and header["root_key"] not in (None, given.hex()):
                self._report.remark(0, Mark.ROOT_UNKNOWN, "the root in the file is not the one that was given")
            if not root:
                self._report.notes.append(Mark.ROOT_UNKNOWN)
                return load_centre_public(bytes.fromhex(header["centre_key"]))
            self._report.root = root.hex()
            public, certificate = bytes.fromhex(header["centre_key"]), bytes.fromhex(header["centre_certificate"])
            return certified_centre_key(public, certificate, load_centre_public(root))
        except (LedgerError, ValueError, TypeError) as error:
            self._report.remark(0, Mark.CENTRE_NOT_CERTIFIED, str(error))
            return None

    def read(self, read: Iterator[Line]) -> None:
        """To the end."""
        sealed = False
        for digest, value in read:
            if sealed:
                self._report.remark(0, Mark.AFTER_THE_SEAL)
            match value:
                case {"entry": str(content), "signature": str(signature)}:
                    self._entry(content, signature)
                case {"receipt": str(receipt)}:
                    self._receipt(receipt)
                case {"before": str(content), "signature": str(signature)}:
                    self._before(content, signature)
                case {"seal": {"sha256": str(stated), "signature": str(signature)}}:
                    sealed = True
                    self._seal(digest, stated, signature)
                case _:
                    self._report.remark(self._chain.expected, Mark.BAD_LINE)
        self._end(sealed)

    def _sealed(self, content: str, signature: str) -> SealedEntry:
        try:
            return SealedEntry(content.encode(), bytes.fromhex(signature))
        except ValueError:
            return SealedEntry(content.encode("utf-8", "surrogatepass"), b"")  # of no use: its signature fails

    def _before(self, content: str, signature: str) -> None:
        """A closing from before the range: the totals go on from it, on the word of the till's signature."""
        sealed = self._sealed(content, signature)
        if self._till_key is None:
            return
        try:
            entry = open_sealed(sealed.bytes, sealed.signature, self._till_key)
            if entry.kind is not Kind.CLOSING or entry.sequence >= self._report.first:
                raise BadEntry("kind", "not a closing from before the range")
            self._totals.add(entry.sequence, entry.kind, Closing.from_body(entry.body).to_body(), sealed.hash)
        except (BadSignature, BadEntry) as error:
            self._report.remark(
                0, Mark.BAD_SIGNATURE if isinstance(error, BadSignature) else Mark.BAD_ENTRY, str(error)
            )

    def _entry(self, content: str, signature: str) -> None:
        sealed = self._sealed(content, signature)
        self._report.entries += 1
        if self._till_key is None:
            return
        entry, findings = self._chain.examine(sealed, self._till_key)
        for finding in findings:
            self._report.remark(finding.sequence, Mark(finding.reason.value), finding.detail)
        if entry is None:
            return
        self._hashes[entry.sequence] = sealed.hash
        try:
            self._body(entry, sealed)
        except BadEntry as error:
            self._report.remark(entry.sequence, Mark.BAD_BODY, str(error))
        self._report.currency = self._totals.currency or ""

    def _body(self, entry: Entry, sealed: SealedEntry) -> None:
        """Raises BadEntry."""
        if entry.kind is Kind.SALE:
            Sale.from_body(entry.body).check_sums()
        elif entry.kind is Kind.REFUND:
            Refund.from_body(entry.body).check_sums()
        elif entry.kind is Kind.CLOSING:
            self._closing(entry, Closing.from_body(entry.body))
        self._totals.add(entry.sequence, entry.kind, entry.body, sealed.hash)

    def _closing(self, entry: Entry, stated: Closing) -> None:
        """Against what the entries before it add up to; the name of its period is the till's business day."""
        self._report.closings += 1
        expected = self._totals.reading(stated.period, stated.of, entry.sequence - 1, stated.cashier_id)
        if self._report.first > 1 and expected.first == 1 and stated.first > 1:
            return  # the file does not go back to the closing before this one: nothing to compare with
        for name, value in vars(stated).items():
            if value != getattr(expected, name):
                detail = f"{stated.period} {stated.of}: {name} {value}, {getattr(expected, name)}"
                self._report.remark(entry.sequence, Mark.CLOSING_WRONG, detail)

    def _receipt(self, receipt: str) -> None:
        if self._centre_key is None:
            return
        try:
            vouched = verify_receipt(bytes.fromhex(receipt), self._centre_key)
        except (BadSignature, BadEntry, ValueError) as error:
            self._report.remark(0, Mark.BAD_RECEIPT, str(error))
            return
        if vouched.till_id != self._report.till_id:
            self._report.remark(0, Mark.BAD_RECEIPT, f"of till {vouched.till_id}")
            return
        if vouched.last <= self._report.last and vouched.last >= self._report.first:
            ours = self._hashes.get(vouched.last)
            if ours is None:
                self._report.remark(vouched.last, Mark.TRUNCATED, f"{vouched.first}…{vouched.last}")
                return
            if ours != vouched.hash:
                self._report.remark(vouched.last, Mark.RECEIPT_CONTRADICTS)
                return
        elif vouched.last > self._report.last and self._report.kind == "export":
            self._report.remark(vouched.last, Mark.TRUNCATED, f"{vouched.first}…{vouched.last}")
            return
        self._report.countersigned = max(self._report.countersigned, min(vouched.last, self._report.last))

    def _seal(self, digest: bytes, stated: str, signature: str) -> None:
        try:
            if digest.hex() != stated:
                raise BadSignature("the digest is not that of the lines before it")
            if self._centre_key is not None:
                check_seal(digest, bytes.fromhex(signature), self._centre_key)
        except (BadSignature, ValueError) as error:
            self._report.remark(0, Mark.SEAL_BROKEN, str(error))
        else:
            if self._centre_key is not None:
                self._report.countersigned = self._chain.last

    def _end(self, sealed: bool) -> None:
        report = self._report
        report.perpetual, report.perpetual_absolute = self._totals.perpetual, self._totals.perpetual_absolute
        if report.kind == "archive" and not sealed:
            report.remark(0, Mark.NO_SEAL)
        if self._chain.last < report.last:
            report.remark(self._chain.last + 1, Mark.TRUNCATED, f"{self._chain.last + 1}…{report.last}")
        if report.countersigned < report.last:
            report.notes.append(Mark.NOT_COUNTERSIGNED)
