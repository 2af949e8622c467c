import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import titles

VECTOR = json.loads((Path(__file__).parent / "vectors.json").read_text())["certificate"]
U16, U32 = st.integers(0, 2**16 - 1), st.integers(0, 2**32 - 1)


@given(
    kind=st.sampled_from([titles.Kind.CENTRAL, titles.Kind.TILL]),
    key_id=st.integers(1, 2**32 - 1),
    till_tag=U32,
    start=st.integers(0, 2**31),
    life=st.integers(1, 2**31 - 1),
    highest_serial=U32,
    permissions=U16,
    parent_key_id=U32,
)
def test_a_certificate_comes_back_from_its_bytes(root_key, till_key, start, life, **fields):
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    certificate = titles.Certificate(
        public_key=titles.public_bytes(till_key),
        not_before=epoch + timedelta(seconds=start),
        not_after=epoch + timedelta(seconds=start + life),
        **fields,
    )
    data = titles.certify(certificate, root_key)
    assert len(data) == 124
    assert titles.read_certificate(data, root_key.public_key()) == replace(certificate, signature=data[60:])


def test_every_single_bit_flip_of_a_certificate_is_refused(unsigned, root_key):
    data = titles.certify(unsigned, root_key)
    for bit in range(124 * 8):
        altered = bytearray(data)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(titles.BadCertificate):
            titles.read_certificate(bytes(altered), root_key.public_key())


def test_a_certificate_of_another_root_or_length_is_refused(unsigned, root_key):
    data = titles.certify(unsigned, root_key)
    with pytest.raises(titles.BadCertificate, match="root"):
        titles.read_certificate(data, titles.generate_key().public_key())
    for other in (b"", data[:-1], data + b"\0"):
        with pytest.raises(titles.BadCertificate, match="124"):
            titles.read_certificate(other, root_key.public_key())


def test_a_signed_certificate_of_an_unknown_version_is_refused(unsigned, root_key):
    payload = b"\x02" + unsigned.payload()[1:]
    data = payload + root_key.sign(b"ticketing certificate v1\n" + payload)
    with pytest.raises(titles.BadCertificate, match="version 2"):
        titles.read_certificate(data, root_key.public_key())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": titles.Kind.TEST}, "kind"),
        ({"key_id": 0}, "key_id"),
        ({"till_tag": 2**32}, "till_tag"),
        ({"till_tag": "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"}, "till_tag"),
        ({"public_key": b"short"}, "public_key"),
        ({"not_before": datetime(2026, 1, 1)}, "not_before"),
        ({"not_after": datetime(2107, 1, 1, tzinfo=UTC)}, "not_after"),
        ({"not_after": datetime(2026, 1, 1, tzinfo=UTC)}, "not_after"),
        ({"highest_serial": -1}, "highest_serial"),
        ({"permissions": 2**16}, "permissions"),
        ({"parent_key_id": 2**32}, "parent_key_id"),
    ],
)
def test_a_field_out_of_range_is_named(unsigned, changes, field):
    with pytest.raises(titles.BadCertificate, match=f"^{field}: "):
        replace(unsigned, **changes)


def test_the_format_is_frozen(unsigned, root_key):
    assert titles.certify(unsigned, root_key).hex() == VECTOR


def test_keys_come_back_from_their_bytes():
    key = titles.generate_key()
    assert titles.private_bytes(titles.load_private(titles.private_bytes(key))) == titles.private_bytes(key)
    assert titles.public_bytes(titles.load_public(titles.public_bytes(key))) == titles.public_bytes(key)
    for load in (titles.load_private, titles.load_public):
        with pytest.raises(titles.BadKey, match="32 bytes, not 31"):
            load(bytes(31))
