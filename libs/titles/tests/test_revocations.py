import json
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import titles
from titles import Cause, Revocation

VECTOR = json.loads((Path(__file__).parent / "vectors.json").read_text())["delta"]

U32 = st.integers(1, 2**32 - 1)
ENTRIES = st.lists(
    st.one_of(
        st.builds(Revocation, st.sampled_from([Cause.DEAD, Cause.DISPUTED, Cause.SETTLED]), U32, U32),
        st.builds(Revocation, st.just(Cause.REISSUED), U32, U32, st.integers(1, 255)),
        st.builds(Revocation, st.just(Cause.KEY_DEAD), U32),
        st.builds(Revocation, st.just(Cause.VOUCHED), U32, U32, st.just(0), st.binary(min_size=8, max_size=8)),
    ),
    max_size=40,
)


@pytest.fixture(scope="module")
def central_key():
    return titles.load_private(bytes([4]) * 32)


@pytest.fixture(scope="module")
def central(unsigned, central_key, root_key):
    return certified(replace(unsigned, kind=titles.Kind.CENTRAL, key_id=1, till_tag=0,
                             public_key=titles.public_bytes(central_key)), root_key)  # fmt: skip


def certified(certificate, root_key):
    return titles.read_certificate(titles.certify(certificate, root_key), root_key.public_key())


@given(entries=ENTRIES, after=st.integers(0, 2**31))
def test_a_delta_comes_back_from_its_bytes(entries, after, central, central_key, root_key, now):
    data = titles.sign_delta(entries, after, now, 1, central_key)
    assert titles.read_delta(data, {1: central}, root_key.public_key()) == titles.Delta(after, now, tuple(entries))


def test_every_single_bit_flip_of_a_delta_is_refused(central, central_key, root_key, now):
    data = titles.sign_delta([Revocation(Cause.DEAD, 3, 17)], 41, now, 1, central_key)
    for bit in range(len(data) * 8):
        altered = bytearray(data)
        altered[bit // 8] ^= 1 << bit % 8
        with pytest.raises(titles.BadDelta):
            titles.read_delta(bytes(altered), {1: central}, root_key.public_key())


def test_a_till_cannot_revoke(certificate, till_key, root_key, now):
    data = titles.sign_delta([Revocation(Cause.DEAD, 3, 17)], 0, now, certificate.key_id, till_key)
    with pytest.raises(titles.BadDelta, match="central"):
        titles.read_delta(data, {certificate.key_id: certificate}, root_key.public_key())


def test_a_delta_of_a_key_outside_its_life_or_unknown_is_refused(central, central_key, root_key, now):
    late = titles.sign_delta([], 0, now + timedelta(days=90), 1, central_key)
    with pytest.raises(titles.BadDelta, match="life"):
        titles.read_delta(late, {1: central}, root_key.public_key())
    with pytest.raises(titles.BadDelta, match="not known"):
        titles.read_delta(titles.sign_delta([], 0, now, 2, central_key), {1: central}, root_key.public_key())


@given(st.binary(max_size=200))
def test_whatever_is_given_as_a_delta_is_refused_in_words(central, root_key, data):
    with pytest.raises(titles.BadDelta):
        titles.read_delta(data, {1: central}, root_key.public_key())


@given(entries=ENTRIES, cuts=st.lists(st.integers(0, 40), max_size=4), repeat=st.booleans())
def test_a_list_heard_in_parts_is_the_list_heard_whole(entries, cuts, repeat, now):
    ends = sorted({0, *(min(cut, len(entries)) for cut in cuts), len(entries)})
    parts = [titles.Delta(a, now, tuple(entries[a:b])) for a, b in pairwise(ends)]
    heard, whole = titles.Revocations(), titles.Revocations()
    heard.apply_all(parts * 2 if repeat else parts)
    whole.apply(titles.Delta(0, now, tuple(entries)))
    assert vars(heard) == vars(whole) if entries else heard.sequence == 0


def test_a_gate_that_missed_a_delta_knows_it(now):
    revocations = titles.Revocations()
    revocations.apply(titles.Delta(0, now, (Revocation(Cause.DEAD, 3, 1),)))
    with pytest.raises(titles.MissedDelta) as missed:
        revocations.apply(titles.Delta(2, now, (Revocation(Cause.DEAD, 3, 3),)))
    assert (missed.value.known, missed.value.after) == (1, 2)
    assert not revocations.is_dead(3, 3)


def test_an_empty_delta_tells_how_fresh_the_list_is(now):
    revocations = titles.Revocations()
    revocations.apply(titles.Delta(0, now, ()))
    assert (revocations.sequence, revocations.issued_at) == (0, now)


def test_the_bytes_of_a_delta_are_frozen(now):
    """Gates of other makers read these bytes: tests/vectors.json is what they are."""
    entries = [
        Revocation(Cause[each["cause"]], each["key_id"], each["serial"], each["reissue"], bytes.fromhex(each["digest"]))
        for each in VECTOR["entries"]
    ]
    key = titles.load_private(bytes.fromhex(VECTOR["seed"]))
    assert titles.sign_delta(entries, VECTOR["after"], now, VECTOR["key_id"], key).hex() == VECTOR["bytes"]
