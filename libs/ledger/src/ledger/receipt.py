"""The centre's word that it holds a range of a till's journal (LAW-6): both can then prove that nothing is missing.

Ed25519 over "ticketing ledger receipt v1\\n" + canonical JSON of {"v":1, "till", "first", "last", "count", "hash"}.
That the key is the centre's is the root's word: its Ed25519 signature over "ticketing ledger receipt key v1\\n" + key.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ed25519

from ledger import canonical
from ledger.body import UUID_FORM, Reader
from ledger.errors import BadEntry, BadSignature, NotCanonical
from ledger.keys import load_centre_public

VERSION = 1
DOMAIN = b"ticketing ledger receipt v1\n"
_KEY_DOMAIN = b"ticketing ledger receipt key v1\n"


@dataclass(frozen=True)
class Receipt:
    """Entries `first` to `last` of a till were accepted; `hash` is that of entry `last`, so it vouches for all."""

    till_id: str
    first: int
    last: int
    count: int
    hash: bytes

    def __post_init__(self) -> None:
        if not UUID_FORM.fullmatch(self.till_id):
            raise BadEntry("till", "not a UUID in lower case")
        if not 1 <= self.first <= self.last <= canonical.MAX_INTEGER:
            raise BadEntry("first", f"{self.first}…{self.last} is not a range of entries")
        if self.count != self.last - self.first + 1:
            raise BadEntry("count", f"{self.first}…{self.last} is not {self.count} entries")
        if len(self.hash) != 32:
            raise BadEntry("hash", f"a hash is 32 bytes, not {len(self.hash)}")


def countersign(receipt: Receipt, centre_key: ed25519.Ed25519PrivateKey) -> bytes:
    """The receipt as one value to send and keep: signature (64 bytes), then its canonical JSON."""
    data = canonical.encode(
        {
            "v": VERSION,
            "till": receipt.till_id,
            "first": receipt.first,
            "last": receipt.last,
            "count": receipt.count,
            "hash": receipt.hash.hex(),
        }
    )
    return centre_key.sign(DOMAIN + data) + data


def verify_receipt(countersigned: bytes, centre_public_key: ed25519.Ed25519PublicKey) -> Receipt:
    """The receipt that the centre signed. Raises BadSignature, BadEntry."""
    signature, data = countersigned[:64], countersigned[64:]
    try:
        centre_public_key.verify(signature, DOMAIN + data)
    except InvalidSignature as error:
        raise BadSignature("the receipt was not signed by the centre, or was altered") from error
    try:
        fields = Reader(canonical.decode(data))
    except NotCanonical as error:
        raise BadEntry(error.path, error.reason) from error
    fields.integer("v", VERSION, VERSION)
    receipt = Receipt(
        till_id=fields.identifier("till"),
        first=fields.integer("first", 1, canonical.MAX_INTEGER),
        last=fields.integer("last", 1, canonical.MAX_INTEGER),
        count=fields.integer("count", 1, canonical.MAX_INTEGER),
        hash=fields.digest("hash"),
    )
    fields.done()
    return receipt


def certify_centre_key(public_key: bytes, root: ed25519.Ed25519PrivateKey) -> bytes:
    """The root's word that receipts are signed with this key (32 bytes). Raises BadKey for what is none."""
    load_centre_public(public_key)
    return root.sign(_KEY_DOMAIN + public_key)


def certified_centre_key(
    public_key: bytes, certificate: bytes, root_public_key: ed25519.Ed25519PublicKey
) -> ed25519.Ed25519PublicKey:
    """The key that verifies receipts, once the root vouches for it. Raises BadSignature, BadKey."""
    try:
        root_public_key.verify(certificate, _KEY_DOMAIN + public_key)
    except InvalidSignature as error:
        raise BadSignature("the root does not vouch for this key of receipts") from error
    return load_centre_public(public_key)
