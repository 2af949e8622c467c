"""Files for an inspector: archives of a month or a year, and live exports (LAW-7). docs/formats/journal.md draws them.

One JSON object per line, UTF-8: a header, what came before the range (closings that totals begin with), the sealed
entries, the centre's receipts, and in an archive the seal, which signs the digest of every byte before its line. The
file travels in a ZIP of one member. What is written is read back by `ledger.verify`, which trusts none of it.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from ledger.body import Reader, plain
from ledger.canonical import MAX_INTEGER
from ledger.closing import Period
from ledger.entry import SealedEntry
from ledger.errors import BadSignature
from ledger.fiscal import FISCAL_VERSION

FORMAT = "ticketing-journal"
VERSION = 1
MEMBER = "journal.jsonl"
DOMAIN = b"ticketing ledger archive v1\n"
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)  # the same entries give the same bytes


@dataclass(frozen=True)
class Header:
    """What a file holds: entries `first` to `last` of a till. `period` and `of` are None in a live export.

    `start_hash` is what the first entry names as its previous hash. `root_key` vouches for `centre_key` by
    `centre_certificate`; whoever verifies compares its fingerprint with one known from elsewhere. All in hexadecimal.
    """

    till_id: str
    till_number: str
    till_name: str
    till_key: str
    training_of: str | None
    period: Period | None
    of: str | None
    first: int
    last: int
    start_hash: str
    made_at: datetime
    centre_key: str
    centre_certificate: str
    root_key: str | None

    def to_line(self) -> dict[str, Any]:
        header = {name: plain(value) for name, value in vars(self).items()}
        header["made_at"] = self.made_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return {"header": {"format": FORMAT, "version": VERSION, "fiscal_version": FISCAL_VERSION, **header}}


def write(
    header: Header, context: Iterable[SealedEntry], entries: Iterable[SealedEntry], receipts: Iterable[bytes],
    centre_key: ed25519.Ed25519PrivateKey | None,
) -> Iterator[bytes]:  # fmt: skip
    """The lines of a file; with the centre's key an archive, whose last line is the seal, without it a live export."""
    digest = hashlib.sha256()
    for value in _lines(header, context, entries, receipts):
        line = _line(value)
        digest.update(line)
        yield line
    if centre_key is not None:
        signature = centre_key.sign(DOMAIN + digest.digest())
        yield _line({"seal": {"sha256": digest.hexdigest(), "signature": signature.hex()}})


def _lines(
    header: Header, context: Iterable[SealedEntry], entries: Iterable[SealedEntry], receipts: Iterable[bytes]
) -> Iterator[dict[str, Any]]:
    yield header.to_line()
    for before in context:
        yield {"before": before.bytes.decode(), "signature": before.signature.hex()}
    for sealed in entries:
        yield {"entry": sealed.bytes.decode(), "signature": sealed.signature.hex()}
    for receipt in receipts:
        yield {"receipt": receipt.hex()}


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def pack(lines: Iterable[bytes]) -> bytes:
    """The file in a ZIP, as it is kept and handed over."""
    buffer, info = io.BytesIO(), zipfile.ZipInfo(MEMBER, _ZIP_DATE)
    info.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(buffer, "w") as folder, folder.open(info, "w", force_zip64=True) as member:
        for line in lines:
            member.write(line)
    return buffer.getvalue()


def check_seal(digest: bytes, signature: bytes, centre_key: ed25519.Ed25519PublicKey) -> None:
    """Raises BadSignature unless the centre sealed a file whose bytes before the seal have this SHA-256."""
    try:
        centre_key.verify(signature, DOMAIN + digest)
    except InvalidSignature as error:
        raise BadSignature("the seal of the file is not the centre's, or the file was altered since") from error


@dataclass(frozen=True)
class Archived:
    """Body of ARCHIVE, in the counter's virtual till: an archive was made, by whom, and what its file is.

    `sha256` is that of the whole ZIP; the totals are those of the closing with which the archive ends.
    """

    till_id: str
    till_number: str
    period: Period
    of: str
    first: int
    last: int
    sha256: str
    total: int
    perpetual: int
    perpetual_absolute: int
    author_id: str
    author_name: str

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        archived = cls(
            till_id=fields.identifier("till_id"),
            till_number=fields.text("till_number", 20),
            period=fields.choice("period", Period),
            of=fields.text("of", 10, 4),
            first=fields.integer("first", 1, MAX_INTEGER),
            last=fields.integer("last", 1, MAX_INTEGER),
            sha256=fields.digest("sha256").hex(),
            total=fields.integer("total", -MAX_INTEGER, MAX_INTEGER),
            perpetual=fields.integer("perpetual", -MAX_INTEGER, MAX_INTEGER),
            perpetual_absolute=fields.integer("perpetual_absolute", 0, MAX_INTEGER),
            author_id=fields.text("author_id", 60),
            author_name=fields.text("author_name"),
        )
        fields.done()
        return archived
