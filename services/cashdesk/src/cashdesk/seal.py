"""The centre's keys, kept nowhere but in one secret.

It is the seed of the countersigning key, and the keys of virtual tills derive from it.
"""

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

import ledger

_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186-5, SEC 2)


class Seals:
    """Signs for the centre. `secret` is 32 random bytes; raises ledger.BadKey for another length."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._centre = ledger.load_centre_key(secret)
        self._tills: dict[str, ec.EllipticCurvePrivateKey] = {}

    @property
    def public_key(self) -> ed25519.Ed25519PublicKey:
        """Verifies countersigned receipts."""
        return self._centre.public_key()

    def countersign(self, receipt: ledger.Receipt) -> bytes:
        """The receipt with the centre's signature; the same receipt gives the same bytes."""
        return ledger.countersign(receipt, self._centre)

    @property
    def archive_key(self) -> ed25519.Ed25519PrivateKey:
        """Seals archives: the key of receipts, under another domain string."""
        return self._centre

    def till_key(self, till_id: str) -> ec.EllipticCurvePrivateKey:
        """The journal key of a virtual till."""
        key = self._tills.get(till_id)
        if key is None:
            # 48 bytes reduced modulo the order: the bias is below 2^-127 (FIPS 186-5, A.2.1).
            raw = int.from_bytes(self._derive(b"ticketing virtual till v1\n" + till_id.encode(), 48), "big")
            key = ec.derive_private_key(raw % (_ORDER - 1) + 1, ec.SECP256R1())
            self._tills[till_id] = key
        return key

    def _derive(self, use: bytes, length: int) -> bytes:
        return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=use).derive(self._secret)
