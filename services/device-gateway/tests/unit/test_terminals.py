"""Languages of payment terminals: bytes that other programs made or read, and what no byte may bring about (C4)."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_gateway.terminals.outcome import BadAnswer, Charge, Kind, Outcome, Result
from device_gateway.terminals.protocols import caisse_ap, concert, http, nexo, zvt

BEGAN = datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
CHARGE = Charge("", Kind.DEBIT, 1250, "EUR", BEGAN)
OURS = replace(CHARGE, reference="K7Q2M9XA4B")
PARTIES = nexo.Parties("till", "V400m-1")
amounts = st.integers(min_value=1, max_value=concert.MOST)


def test_concert_asks_as_an_independent_client_does():
    """The bytes of pyTeliumManager for 12.50 EUR: their checksum happens to be zero."""
    framed = concert.frame(concert.request("01", CHARGE))
    assert framed == b"\x020100001250010978          A010B010\x03\x00"
    assert len(framed) == 37


def test_concert_reads_answers_of_independent_terminals():
    accepted = concert.read_answer(concert.unframe(b"\x02010000012501978          \x03\x33"))
    assert concert.judge("01", CHARGE, accepted).result is Result.APPROVED
    refused = concert.read_answer(concert.unframe(b"\x02017000012501978          \x03\x34"))
    assert concert.judge("01", CHARGE, refused).result is Result.DECLINED


@given(st.binary(min_size=1, max_size=60))
def test_a_frame_is_read_whatever_its_checksum_is(body):
    """STX and ETX may be among the body's bytes and be the checksum."""
    assert concert.unframe(concert.frame(body)) == body


@given(amounts, st.sampled_from("0123456789"), st.text("ABC0123456789", max_size=10))
def test_concert_approves_nothing_but_what_was_asked(amount, status, private):
    answer = concert.Answer("01", status, amount, "1", "978", f"{private:<10}")
    outcome = concert.judge("01", OURS, answer)
    approved = amount == OURS.amount and status == "0" and private == OURS.reference
    assert (outcome.result is Result.APPROVED) == approved


def test_a_status_that_nobody_documents_is_unknown():
    outcome = concert.judge("01", OURS, concert.Answer("01", "9", 1250, "1", "978", OURS.reference))
    assert outcome == Outcome.unknown("unknown_status")


def test_a_part_of_the_amount_is_no_approval():
    outcome = concert.judge("01", OURS, concert.Answer("01", "0", 1000, "1", "978", OURS.reference))
    assert (outcome.result, outcome.amount) == (Result.PARTIAL, 1000)


def test_caisse_ap_asks_with_fields_that_the_reference_terminal_reads():
    asked = caisse_ap.decode(caisse_ap.request("1", "247300123456", replace(OURS, amount=5)))
    assert asked["CB"] == "05"  # two digits at least
    assert next(iter(asked)) == "CZ"
    assert (asked["CA"], asked["CD"], asked["CE"]) == ("01", "0", "978")


REFERENCE_ANSWER = b"CZ0040300CA00201CB0042500CD0010CE003978AE00210CC003001CI0011AC006418901CG006424242"


def test_caisse_ap_reads_the_reference_terminal():
    charge = replace(OURS, amount=2500)
    outcome = caisse_ap.judge("01", charge, caisse_ap.decode(REFERENCE_ANSWER))
    assert (outcome.result, outcome.authorisation) == (Result.APPROVED, "418901")
    refused = caisse_ap.decode(b"CZ0040300CA00201AE00201AF00204")
    assert caisse_ap.judge("01", charge, refused).result is Result.DECLINED


@pytest.mark.parametrize("more", ["AE00210AF00209", "AE00211", "AE00210CE003978", "AE00201AF00201"])
def test_caisse_ap_that_contradicts_itself_is_unknown(more):
    """Done and a format error; taken into account; no amount; not done and authorised."""
    fields = caisse_ap.decode(b"CZ0040300CA00201CD0010" + more.encode())
    assert caisse_ap.judge("01", OURS, fields).result is Result.UNKNOWN


@given(st.dictionaries(st.sampled_from(["CA", "CB", "CD", "AC", "ZT"]), st.text("ABC012 é", min_size=1, max_size=300)))
def test_caisse_ap_fields_come_back_as_they_went(fields):
    whole = {"CZ": "0300"} | fields
    data = caisse_ap.encode(whole)
    assert caisse_ap.decode(data) == whole
    assert caisse_ap.is_whole(data)
    assert not caisse_ap.is_whole(data[:-1])


def test_zvt_sends_what_two_other_programs_exchange():
    assert zvt.register("000000").encode() == bytes.fromhex("06000600 0000BA0978")
    assert zvt.request(CHARGE, "000000").encode() == bytes.fromhex("06010A0400000000125049 0978")
    registration = zvt.frame(zvt.register("000000").encode())
    assert registration == bytes.fromhex("1002 06000600 0000BA0978 1003 D0D8")


@given(st.binary(min_size=2, max_size=2), st.binary(max_size=600))
def test_zvt_commands_come_back_as_they_went(code, data):
    apdu = zvt.Apdu(code, data)
    assert zvt.decode(apdu.encode()) == apdu
    assert zvt.needed(apdu.encode()) == len(apdu.encode())


def zvt_result(amount=1250, trace=8, at="101500", on="1127", code="00") -> bytes:
    return bytes.fromhex(f"27{code}04{amount:012}0b{trace:06}0c{at}0d{on}490978")


def test_zvt_takes_a_repeated_receipt_only_for_one_newer_than_the_attempt():
    paris = datetime(2026, 11, 27, 11, 16, tzinfo=ZoneInfo("Europe/Paris"))
    at = replace(OURS, last_trace="000007")
    assert zvt.judge(at, zvt_result(at="111500"), paris).result is Result.APPROVED
    assert zvt.judge(at, zvt_result(at="094500"), paris).result is Result.UNKNOWN
    assert zvt.judge(at, zvt_result(at="111500", trace=7), paris).result is Result.UNKNOWN
    assert zvt.judge(at, zvt_result(at="111500", on="1126"), paris).result is Result.UNKNOWN


def test_zvt_that_was_refused_is_declined():
    assert zvt.judge(OURS, zvt_result(code="6c")).result is Result.DECLINED


@given(amounts)
def test_nexo_writes_amounts_digit_by_digit(amount):
    message = json.loads(nexo.payment(PARTIES, replace(OURS, amount=amount)), parse_float=str, parse_int=str)
    written = message["SaleToPOIRequest"]["PaymentRequest"]["PaymentTransaction"]["AmountsReq"]["RequestedAmount"]
    assert written == f"{amount // 100}.{amount % 100:02}"
    assert nexo.minor_units(nexo.load(f'{{"a":{written}}}'.encode())["a"]) == amount


@pytest.mark.parametrize("text", ["12.505", "1e400", "NaN", "Infinity", '"12.50"', "true", "null", "[]", "1e-400"])
def test_nexo_refuses_what_is_no_amount(text):
    with pytest.raises(BadAnswer):
        nexo.minor_units(nexo.load(f'{{"a":{text}}}'.encode())["a"])


def test_a_sealed_message_opens_under_its_own_key_and_header_alone():
    seal = nexo.Seal("sesame", "key", 1)
    message = nexo.payment(PARTIES, OURS)
    sealed = seal.close(message)
    assert seal.open(sealed) == message
    assert b"12.50" not in sealed
    with pytest.raises(BadAnswer):
        nexo.Seal("another", "key", 1).open(sealed)
    with pytest.raises(BadAnswer):
        seal.open(sealed.replace(b'"SaleID":"till"', b'"SaleID":"mine"'))


def test_the_key_is_derived_as_the_terminals_maker_does():
    """PBKDF2 and CBC by hand, from the maker's description, for a nonce of zeros."""
    import hashlib
    import hmac

    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = hashlib.pbkdf2_hmac("sha1", b"sesame", b"AdyenNexoV1Salt", 4000, 80)
    plain = b'{"SaleToPOIResponse":{"MessageHeader":{"SaleID":"till"}}}'
    padded = plain + bytes([16 - len(plain) % 16]) * (16 - len(plain) % 16)
    cipher = Cipher(algorithms.AES(key[32:64]), modes.CBC(key[64:])).encryptor()
    text = {
        "NexoBlob": cipher.update(padded) + cipher.finalize(),
        "Hmac": hmac.digest(key[:32], plain, "sha256"),
        "Nonce": bytes(16),
    }
    coded = {name: base64.b64encode(value).decode() for name, value in text.items()}
    sealed = {
        "SaleToPOIResponse": {
            "MessageHeader": {"SaleID": "till"}, "NexoBlob": coded["NexoBlob"],
            "SecurityTrailer": {"Hmac": coded["Hmac"], "Nonce": coded["Nonce"]},
        }
    }  # fmt: skip
    assert nexo.Seal("sesame", "key", 1).open(json.dumps(sealed).encode()) == plain


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


@given(json_values)
def test_no_json_from_a_terminal_is_believed_by_accident(value):
    outcome = nexo.judge(OURS, value)
    assert outcome.result is not Result.APPROVED
    assert nexo.judge_status(PARTIES, OURS, value).result is Result.UNKNOWN


@given(st.binary(max_size=300))
def test_no_bytes_from_a_terminal_break_the_till_or_are_believed(data):
    """Each reader refuses in its own way, or finds nothing that approves."""
    for read in (
        lambda: concert.judge("01", OURS, concert.read_answer(concert.unframe(data))),
        lambda: concert.judge("01", OURS, concert.read_answer(data)),
        lambda: caisse_ap.judge("01", OURS, caisse_ap.decode(data)),
        lambda: zvt.judge(OURS, data),
        lambda: zvt.decode(data),
        lambda: nexo.Seal("k", "k", 1).open(http.whole_body(data) or b""),
    ):
        try:
            found = read()
        except BadAnswer:
            continue
        assert getattr(found, "result", None) is not Result.APPROVED


@given(st.integers(0, len(REFERENCE_ANSWER) - 1), st.integers(1, 255))
def test_an_answer_with_a_spoilt_byte_is_never_approved_for_another_amount(at, change):
    charge = replace(OURS, amount=2500)
    data = bytearray(REFERENCE_ANSWER)
    data[at] ^= change
    try:
        outcome = caisse_ap.judge("01", charge, caisse_ap.decode(bytes(data)))
    except BadAnswer:
        return
    assert outcome.amount in (0, 2500) or outcome.result is not Result.APPROVED


def test_no_card_number_is_in_what_is_kept():
    data = REFERENCE_ANSWER + b"AA0164970100000000055"
    outcome = caisse_ap.judge("01", replace(OURS, amount=2500), caisse_ap.decode(data))
    assert "497010" not in repr(outcome)
