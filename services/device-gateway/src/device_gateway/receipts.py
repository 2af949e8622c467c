"""The centre's countersigned receipts, believed only when they hold (LAW-6).

What a receipt vouches for is never sent again and may one day be purged, so the till moves its mark for nothing less: a
receipt of this till, for the very entries that it sent, signed by a key for which the root vouches.
"""

from collections.abc import Sequence

import ledger
import titles
from device_gateway.centre import Centre
from device_gateway.domain.errors import ReceiptInvalid
from device_gateway.store import meta
from device_gateway.till import Till


def vouched(
    till: Till, centre: Centre, root_public_key: bytes, sent: Sequence[tuple[int, ledger.SealedEntry]], receipt: bytes
) -> int:
    """The last entry for which the centre's receipt vouches. Raises ReceiptInvalid.

    The key is asked for once, and again when a receipt does not hold: the centre may sign with a new one.
    """
    known = bytes.fromhex(meta.get(till.database.read(), meta.RECEIPT_KEY))
    try:
        vouches = known and _read(known, receipt)
    except ledger.LedgerError:
        vouches = None
    try:
        if not vouches:
            vouches = _read(_fetch_key(till, centre, root_public_key), receipt)
    except ledger.LedgerError as error:
        raise ReceiptInvalid(f"the receipt of the centre does not hold: {error}") from error
    (first, _), (last, sealed) = sent[0], sent[-1]
    if vouches != ledger.Receipt(till.identity.enrolled().till_id, first, last, len(sent), sealed.hash):
        raise ReceiptInvalid(f"the receipt of the centre is not for the entries {first} to {last} of this till")
    return vouches.last


def _read(public_key: bytes, receipt: bytes) -> ledger.Receipt:
    return ledger.verify_receipt(receipt, ledger.load_centre_public(public_key))


def _fetch_key(till: Till, centre: Centre, root_public_key: bytes) -> bytes:
    public_key, certificate = centre.receipt_key()
    ledger.certified_centre_key(public_key, certificate, titles.load_public(root_public_key))
    with till.database.write() as tx:
        meta.put(tx, meta.RECEIPT_KEY, public_key.hex())
    return public_key
