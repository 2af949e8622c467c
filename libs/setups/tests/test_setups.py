"""B9: a set-up has one spelling, and no bit of it can change on its way to a till."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

import setups

ROOT, KEY = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
ROOT_PUBLIC = ROOT.public_key().public_bytes_raw()
CERTIFICATE = setups.certify(KEY.public_key().public_bytes_raw(), ROOT)

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)
profiles = st.builds(setups.ProfileVersion, texts, st.integers(1, 10_000), st.dictionaries(texts, values, max_size=5))
modes = st.builds(setups.TillModes, texts, st.integers(1, 10_000), st.lists(texts, max_size=4).map(tuple))


@given(profiles | modes)
def test_a_set_up_survives_its_bytes_and_has_only_these(content):
    data = setups.encode(content)
    assert setups.decode(data) == content
    assert setups.encode(setups.decode(data)) == data


@given(profiles, st.data())
def test_no_bit_of_a_signed_set_up_can_change(content, data):
    signed = setups.sign(setups.encode(content), KEY, CERTIFICATE)
    assert setups.verify(signed, ROOT_PUBLIC) == content
    name = data.draw(st.sampled_from(["content", "signature", "public_key", "certificate"]))
    bytes_ = bytearray(getattr(signed, name))
    bytes_[data.draw(st.integers(0, len(bytes_) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(setups.BadSetup):
        setups.verify(replace(signed, **{name: bytes(bytes_)}), ROOT_PUBLIC)


@pytest.mark.parametrize("data", [b"", b"[]", b'{"format": 1}', b'{"format":2,"kind":"till"}', b"\xff", b'{"a":1.5}',
                                  b'{"a":1,"a":1}'])  # fmt: skip
def test_other_bytes_are_no_set_up(data):
    with pytest.raises(setups.BadSetup):
        setups.decode(data)


def test_a_key_that_another_root_certified_is_refused():
    stranger = setups.certify(KEY.public_key().public_bytes_raw(), Ed25519PrivateKey.generate())
    signed = setups.sign(setups.encode(setups.TillModes("t", 1, ("cash",))), KEY, stranger)
    with pytest.raises(setups.BadSetup) as refusal:
        setups.verify(signed, ROOT_PUBLIC)
    assert refusal.value.reason == "SIGNATURE_INVALID"
