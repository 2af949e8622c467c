import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ledger
from ledger import canonical
from ledger.entry import DOMAIN

TILL = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"
STARTED = datetime(2026, 11, 23, 22, 51, 30, 123000, tzinfo=UTC)
VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
BODIES = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.integers(-5, 5), max_size=4)


def an_entry(**changes) -> ledger.Entry:
    entry = ledger.Entry(TILL, 1, STARTED, 0, ledger.Kind.TECHNICAL, ledger.genesis(TILL), {"code": "start"})
    return replace(entry, **changes)


@settings(max_examples=50)
@given(
    sequence=st.integers(1, 2**53),
    at=st.datetimes(datetime(1970, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)),
    monotonic_ms=st.integers(0, 2**53),
    kind=st.sampled_from(ledger.Kind),
    previous_hash=st.binary(min_size=32, max_size=32),
    body=BODIES,
)
def test_an_entry_comes_back_from_its_seal(till_key, sequence, at, monotonic_ms, kind, previous_hash, body):
    entry = ledger.Entry(TILL, sequence, at, monotonic_ms, kind, previous_hash, body)
    sealed = ledger.seal(entry, till_key)
    assert ledger.open_sealed(sealed.bytes, sealed.signature, till_key.public_key()) == entry


def test_every_single_bit_flip_in_bytes_or_signature_is_found(till_key):
    """LAW-3."""
    sealed, public = ledger.seal(an_entry(), till_key), till_key.public_key()
    for bit in range(len(sealed.bytes) * 8):
        with pytest.raises(ledger.BadSignature):
            ledger.open_sealed(flipped(sealed.bytes, bit), sealed.signature, public)
    for bit in range(512):
        with pytest.raises(ledger.BadSignature):
            ledger.open_sealed(sealed.bytes, flipped(sealed.signature, bit), public)


def flipped(data: bytes, bit: int) -> bytes:
    return bytes(byte ^ (1 << bit % 8) if index == bit // 8 else byte for index, byte in enumerate(data))


def test_another_key_or_another_length_of_signature_is_refused(till_key):
    sealed = ledger.seal(an_entry(), till_key)
    with pytest.raises(ledger.BadSignature):
        ledger.open_sealed(sealed.bytes, sealed.signature, ledger.generate_key().public_key())
    for signature in (b"", sealed.signature[:-1], sealed.signature + b"\0", bytes(64)):
        with pytest.raises(ledger.BadSignature):
            ledger.open_sealed(sealed.bytes, signature, till_key.public_key())


def test_times_are_kept_in_utc_and_cut_to_the_millisecond():
    paris = timezone(timedelta(hours=1))
    entry = an_entry(at=datetime(2026, 11, 23, 23, 51, 30, 123999, tzinfo=paris))
    assert entry.at == STARTED
    assert entry.at.tzinfo is UTC


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"till_id": "till-1"}, "till"),
        ({"till_id": TILL.upper()}, "till"),
        ({"sequence": 0}, "seq"),
        ({"sequence": 2**53 + 1}, "seq"),
        ({"at": datetime(2026, 11, 23)}, "at"),
        ({"monotonic_ms": -1}, "mono"),
        ({"kind": "gift"}, "kind"),
        ({"previous_hash": b"short"}, "prev"),
        ({"body": []}, "body"),
    ],
)
def test_a_field_out_of_range_is_named(changes, field):
    with pytest.raises(ledger.BadEntry) as refused:
        an_entry(**changes)
    assert refused.value.field == field


def test_a_body_without_canonical_form_is_not_sealed(till_key):
    with pytest.raises(ledger.BadEntry) as refused:
        ledger.seal(an_entry(body={"lines": [{"total": 1.5}]}), till_key)
    assert refused.value.field == "body.lines[0].total"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"v": 2}, "v"),
        ({"v": True}, "v"),
        ({"alg": "none"}, "alg"),
        ({"at": "2026-11-23T22:51:30Z"}, "at"),
        ({"at": "2026-13-23T22:51:30.123Z"}, "at"),
        ({"at": "2026-11-23T22:51:30.123+00:00"}, "at"),
        ({"seq": "1"}, "seq"),
        ({"prev": "AB" * 32}, "prev"),
        ({"kind": "gift"}, "kind"),
        ({"kind": ["sale"]}, "kind"),
        ({"body": None}, "body"),
        ({"extra": 1}, "extra"),
    ],
)
def test_signed_bytes_that_are_no_entry_are_refused_by_field(till_key, changes, field):
    value = canonical.decode(ledger.seal(an_entry(), till_key).bytes) | changes
    data = canonical.encode(value)
    with pytest.raises(ledger.BadEntry) as refused:
        ledger.open_sealed(data, ledger.sign(till_key, DOMAIN + data), till_key.public_key())
    assert refused.value.field == field


def test_a_missing_field_and_a_spaced_spelling_are_refused(till_key):
    value = canonical.decode(ledger.seal(an_entry(), till_key).bytes)
    del value["mono"]
    for data in (canonical.encode(value), json.dumps(value).encode(), b"[]"):
        with pytest.raises(ledger.BadEntry):
            ledger.open_sealed(data, ledger.sign(till_key, DOMAIN + data), till_key.public_key())


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_format_is_frozen(vector):
    """LAW-8: a change of these bytes is a new format, with a new version and a new attestation."""
    key = ledger.load_private(bytes.fromhex(vector["private_key"]))
    public = ledger.load_public(bytes.fromhex(vector["public_key"]))
    given = vector["entry"]
    entry = ledger.Entry(
        given["till_id"],
        given["sequence"],
        datetime.fromisoformat(given["at"]),
        given["monotonic_ms"],
        ledger.Kind(given["kind"]),
        bytes.fromhex(given["previous_hash"]),
        given["body"],
    )
    sealed = ledger.seal(entry, key)
    assert sealed.bytes.decode() == vector["bytes"]
    assert sealed.hash.hex() == vector["hash"]
    assert ledger.open_sealed(vector["bytes"].encode(), bytes.fromhex(vector["signature"]), public) == entry


def test_keys_come_back_from_their_bytes_and_no_other_kind_is_taken(till_key):
    assert ledger.load_private(ledger.private_bytes(till_key)).private_numbers() == till_key.private_numbers()
    public = ledger.public_bytes(till_key)
    assert len(public) == 91
    assert ledger.public_bytes(ledger.load_public(public)) == public
    for wrong in (b"", b"x" * 91, ledger.private_bytes(till_key)):
        with pytest.raises(ledger.BadKey):
            ledger.load_public(wrong)
    with pytest.raises(ledger.BadKey):
        ledger.load_private(public)
    with pytest.raises(ledger.BadKey):
        ledger.load_centre_key(b"short")
