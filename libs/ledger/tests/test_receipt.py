import pytest

import ledger

TILL = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"
CENTRE = ledger.load_centre_key(bytes(range(32)))
RECEIPT = ledger.Receipt(TILL, 3, 5, 3, bytes(32))


def test_a_receipt_comes_back_from_its_countersignature():
    """LAW-6."""
    public = ledger.load_centre_public(ledger.centre_public_bytes(CENTRE))
    assert ledger.verify_receipt(ledger.countersign(RECEIPT, CENTRE), public) == RECEIPT


def test_the_format_of_a_receipt_is_frozen():
    assert ledger.countersign(RECEIPT, CENTRE)[64:].decode() == (
        '{"count":3,"first":3,"hash":"' + "0" * 64 + f'","last":5,"till":"{TILL}","v":1}}'
    )


def test_every_single_bit_flip_of_a_receipt_is_found():
    data, public = ledger.countersign(RECEIPT, CENTRE), CENTRE.public_key()
    for bit in range(len(data) * 8):
        altered = bytearray(data)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ledger.BadSignature):
            ledger.verify_receipt(bytes(altered), public)


def test_a_receipt_of_another_centre_and_a_truncated_one_are_refused():
    data = ledger.countersign(RECEIPT, CENTRE)
    with pytest.raises(ledger.BadSignature):
        ledger.verify_receipt(data, ledger.load_centre_key(bytes(32)).public_key())
    for short in (b"", data[:64], data[:-1]):
        with pytest.raises(ledger.BadSignature):
            ledger.verify_receipt(short, CENTRE.public_key())


@pytest.mark.parametrize(
    "fields", [(TILL, 0, 5, 6), (TILL, 5, 3, 3), (TILL, 3, 5, 2), ("till", 3, 5, 3), (TILL, 1, 2**60, 2**60)]
)
def test_a_range_that_cannot_be_is_refused(fields):
    with pytest.raises(ledger.BadEntry):
        ledger.Receipt(*fields, bytes(32))


def test_only_the_root_says_which_key_signs_receipts():
    public, root = ledger.centre_public_bytes(CENTRE), ledger.load_centre_key(bytes(range(1, 33)))
    certificate = ledger.certify_centre_key(public, root)
    key = ledger.certified_centre_key(public, certificate, root.public_key())
    assert ledger.verify_receipt(ledger.countersign(RECEIPT, CENTRE), key) == RECEIPT
    other = ledger.centre_public_bytes(ledger.load_centre_key(bytes(32)))
    for wrong in ((other, certificate, root), (public, bytes(64), root), (public, certificate, CENTRE)):
        with pytest.raises(ledger.BadSignature):
            ledger.certified_centre_key(wrong[0], wrong[1], wrong[2].public_key())
    with pytest.raises(ledger.BadKey):
        ledger.certify_centre_key(b"short", root)
