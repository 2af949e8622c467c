from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

import titles
from titles import Colour, Kind, Reason, base32


@pytest.fixture(scope="module")
def judge(certificate, root_key, now):
    """The gate's verdict on a text, at an instant, holding one certificate (the till's unless given)."""

    def verify(text, at=now, held=certificate):
        certificates = {} if held is None else {held.key_id: held}
        return titles.verify(text, certificates, root_key.public_key(), at)

    return verify


@pytest.fixture(scope="module")
def certified(unsigned, root_key):
    """The till's certificate with other terms, signed by the root."""

    def certify(**changes):
        data = titles.certify(replace(unsigned, **changes), root_key)
        return titles.read_certificate(data, root_key.public_key())

    return certify


def test_a_title_of_a_certified_till_is_green(judge, token, till_key):
    """design.md 5: any gate can verify offline a ticket that the centre has not seen."""
    assert judge(titles.issue(token, till_key)) == titles.Verdict(Colour.GREEN, Reason.GENUINE, token)


def test_every_single_bit_flip_is_refused(judge, token, till_key):
    data = base32.decode(titles.issue(token, till_key))
    for bit in range(96 * 8):
        altered = bytearray(data)
        altered[bit // 8] ^= 1 << bit % 8
        verdict = judge(base32.encode(bytes(altered)))
        if 2 <= bit // 8 < 6:  # it names another key, which this gate has never met
            assert verdict.reason in (Reason.UNKNOWN_ISSUER, Reason.UNREADABLE)
        else:
            assert verdict.colour is Colour.RED
            assert verdict.reason in (Reason.BAD_SIGNATURE, Reason.UNREADABLE)
            assert verdict.token is None


def test_a_title_forged_by_another_key_is_red(judge, token):
    verdict = judge(titles.issue(token, titles.generate_key()))
    assert (verdict.colour, verdict.reason, verdict.token) == (Colour.RED, Reason.BAD_SIGNATURE, None)


def test_an_unknown_issuer_is_amber(judge, token, till_key):
    verdict = judge(titles.issue(token, till_key), held=None)
    assert (verdict.colour, verdict.reason) == (Colour.AMBER, Reason.UNKNOWN_ISSUER)


def test_a_certificate_that_the_root_did_not_sign_vouches_for_nothing(judge, token, till_key, unsigned, certificate):
    text = titles.issue(token, till_key)
    forger = titles.generate_key()
    own = titles.read_certificate(titles.certify(unsigned, forger), forger.public_key())
    stretched = replace(certificate, highest_serial=2**32 - 1)
    for held in (own, unsigned, stretched):
        assert judge(text, held=held).reason is Reason.BAD_SIGNATURE


def test_a_certificate_filed_under_another_key_id_vouches_for_nothing(certificate, root_key, token, till_key, now):
    text = titles.issue(replace(token, key_id=4), till_key)
    verdict = titles.verify(text, {4: certificate}, root_key.public_key(), now)
    assert verdict.reason is Reason.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("minutes", "reason"),
    [(-61, Reason.NOT_YET_VALID), (-60, Reason.GENUINE), (179, Reason.GENUINE), (180, Reason.EXPIRED)],
)
def test_a_title_opens_only_within_its_time(judge, token, till_key, now, minutes, reason):
    assert judge(titles.issue(token, till_key), at=now + timedelta(minutes=minutes)).reason is reason


def test_serials_end_where_the_certificate_says(judge, token, till_key):
    assert judge(titles.issue(replace(token, serial=5000), till_key)).reason is Reason.GENUINE
    beyond = judge(titles.issue(replace(token, serial=5001), till_key))
    assert (beyond.colour, beyond.reason) == (Colour.RED, Reason.SERIAL_BEYOND_CERTIFICATE)


def test_a_certificate_counts_only_within_its_time(judge, certified, token, till_key, now):
    """domain 4.4: a till that no longer renews is dead for codes not yet known."""
    text = titles.issue(token, till_key)
    expired = judge(text, held=certified(not_after=now))
    assert (expired.colour, expired.reason, expired.token) == (Colour.RED, Reason.CERTIFICATE_EXPIRED, token)
    assert judge(text, held=certified(not_after=now + timedelta(seconds=1))).colour is Colour.GREEN
    early = judge(text, held=certified(not_before=now + timedelta(seconds=1)))
    assert (early.colour, early.reason) == (Colour.RED, Reason.CERTIFICATE_NOT_YET_VALID)


@pytest.mark.parametrize(
    ("issuer", "kind", "reason"),
    [
        (Kind.TILL, Kind.TILL, Reason.GENUINE),
        (Kind.TILL, Kind.CENTRAL, Reason.ISSUER_NOT_ALLOWED),
        (Kind.TILL, Kind.PASS, Reason.GENUINE),
        (Kind.TILL, Kind.TEST, Reason.TEST_TITLE),
        (Kind.CENTRAL, Kind.CENTRAL, Reason.GENUINE),
        (Kind.CENTRAL, Kind.TILL, Reason.ISSUER_NOT_ALLOWED),
        (Kind.CENTRAL, Kind.PASS, Reason.GENUINE),
        (Kind.CENTRAL, Kind.TEST, Reason.TEST_TITLE),
    ],
)
def test_an_issuer_speaks_only_for_itself(judge, certified, token, till_key, issuer, kind, reason):
    held = certified(kind=issuer)
    assert judge(titles.issue(replace(token, kind=kind), till_key), held=held).reason is reason


def test_a_test_title_is_red_whoever_signed_it_even_at_a_gate_that_never_met_its_issuer(judge, token):
    """Training mode: tickets without value open nothing, anywhere."""
    text = titles.issue(replace(token, kind=Kind.TEST, key_id=titles.TEST_KEY_ID), titles.generate_key())
    verdict = judge(text, held=None)
    assert (verdict.colour, verdict.reason) == (Colour.RED, Reason.TEST_TITLE)
    forged = judge(titles.issue(replace(token, kind=Kind.TEST), titles.generate_key()))
    assert (forged.colour, forged.reason) == (Colour.RED, Reason.TEST_TITLE)


def test_a_title_names_only_zones_that_its_issuer_may_open(judge, certified, token, till_key):
    text = titles.issue(token, till_key)
    assert judge(text, held=certified(permissions=0b0101)).reason is Reason.GENUINE
    assert judge(text, held=certified(permissions=0b0001)).reason is Reason.ISSUER_NOT_ALLOWED
    without = titles.issue(replace(token, zones=0), till_key)
    assert judge(without, held=certified(permissions=0)).reason is Reason.GENUINE


@given(st.text(max_size=170))
def test_whatever_is_scanned_gets_a_verdict(judge, text):
    assert judge(text) == titles.Verdict(Colour.RED, Reason.UNREADABLE, None)
