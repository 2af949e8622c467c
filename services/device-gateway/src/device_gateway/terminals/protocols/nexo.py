"""nexo Retailer in JSON, as Adyen's terminals speak it, and the sealing of local messages (peripherals 4.4)."""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from device_gateway.terminals.outcome import BadAnswer, Charge, Kind, Outcome, Result

MOST = 999_999_999_99
DECIMALS = 2  # of the currencies of `outcome.NUMERIC`
_SALT, _ROUNDS = b"AdyenNexoV1Salt", 4000
_AMOUNT = "amount as a number"  # stands in for a decimal number, which json cannot write without a float
_ABANDONED = ("Cancel", "Aborted")
_NOT_BEGUN = (
    "Busy",
    "MessageFormat",
    "NotAllowed",
    "LoggedOut",
    "UnavailableDevice",
    "UnavailableService",
    "DeviceOut",
)


@dataclass(frozen=True)
class Parties:
    """Who speaks to whom."""

    sale_id: str
    poi_id: str


class NotFound(Exception):
    """The terminal never heard of this payment."""


class InProgress(Exception):
    """The terminal is still at it."""


def header(parties: Parties, category: str, service_id: str, kind: str = "Request") -> dict[str, str]:
    return {
        "ProtocolVersion": "3.0", "MessageClass": "Service", "MessageCategory": category, "MessageType": kind,
        "ServiceID": service_id, "SaleID": parties.sale_id, "POIID": parties.poi_id,
    }  # fmt: skip


def payment(parties: Parties, charge: Charge) -> bytes:
    """The reference is the ServiceID: by it the terminal is asked again what became of it."""
    began_at = charge.began_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    body: dict[str, Any] = {
        "SaleData": {"SaleTransactionID": {"TransactionID": charge.reference, "TimeStamp": began_at}},
        "PaymentTransaction": {"AmountsReq": {"Currency": charge.currency, "RequestedAmount": _AMOUNT}},
    }  # fmt: skip
    if charge.kind is Kind.CREDIT:
        body["PaymentData"] = {"PaymentType": "Refund"}
    message = {"MessageHeader": header(parties, "Payment", charge.reference), "PaymentRequest": body}
    return dump({"SaleToPOIRequest": message}).replace(f'"{_AMOUNT}"'.encode(), decimal(charge.amount).encode())


def status_of(parties: Parties, reference: str, service_id: str) -> bytes:
    asked = {"MessageCategory": "Payment", "SaleID": parties.sale_id, "ServiceID": reference}
    return _request(parties, "TransactionStatus", service_id, {"MessageReference": asked, "ReceiptReprintFlag": False})


def abort(parties: Parties, reference: str, service_id: str) -> bytes:
    asked = {"MessageCategory": "Payment", "SaleID": parties.sale_id, "ServiceID": reference}
    return _request(parties, "Abort", service_id, {"AbortReason": "MerchantAbort", "MessageReference": asked})


def diagnosis(parties: Parties, service_id: str) -> bytes:
    return _request(parties, "Diagnosis", service_id, {"HostDiagnosisFlag": False})


def _request(parties: Parties, category: str, service_id: str, body: Mapping[str, Any]) -> bytes:
    return dump(
        {"SaleToPOIRequest": {"MessageHeader": header(parties, category, service_id), f"{category}Request": body}}
    )


def dump(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message, separators=(",", ":")).encode()


def load(data: bytes) -> dict[str, Any]:
    """A JSON object; its numbers are exact. Raises BadAnswer."""
    try:
        message = json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError, ArithmeticError):
        raise BadAnswer("not JSON") from None
    if not isinstance(message, dict):
        raise BadAnswer("not an object")
    return message


def decimal(minor_units: int) -> str:
    """1250 is 12.50: written digit by digit, never through a float."""
    whole, rest = divmod(minor_units, 10**DECIMALS)
    return f"{whole}.{rest:0{DECIMALS}}"


def minor_units(amount: object) -> int:
    """Raises BadAnswer for what is no amount of whole minor units."""
    if isinstance(amount, bool) or not isinstance(amount, int | Decimal):
        raise BadAnswer("no amount")
    if not Decimal(amount).is_finite() or abs(Decimal(amount)) > MOST:
        raise BadAnswer("no amount")
    scaled = Decimal(amount).scaleb(DECIMALS)
    if scaled != scaled.to_integral_value():
        raise BadAnswer("no amount")
    return int(scaled)


def _part(message: object, *names: str) -> Any:
    """What lies under these names; None where one of them is not there."""
    for name in names:
        message = message.get(name) if isinstance(message, dict) else None
    return message


def answer_to(parties: Parties, category: str, service_id: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
    """The answer's body. Raises BadAnswer unless it is to this request of ours."""
    said = _part(message, "SaleToPOIResponse", "MessageHeader")
    expected = header(parties, category, service_id, "Response")
    for name in ("MessageCategory", "MessageType", "ServiceID", "SaleID", "POIID"):
        if _part(said, name) != expected[name]:
            raise BadAnswer("not an answer to ours")
    body = _part(message, "SaleToPOIResponse", f"{category}Response")
    if not isinstance(body, dict):
        raise BadAnswer("no body")
    return body


def result_of(body: object) -> tuple[str, str]:
    """(Success, Partial or Failure; the error's condition)."""
    return str(_part(body, "Response", "Result")), str(_part(body, "Response", "ErrorCondition"))


def judge(charge: Charge, body: object) -> Outcome:
    """What a PaymentResponse proves of this charge."""
    result, error = result_of(body)
    if _part(body, "SaleData", "SaleTransactionID", "TransactionID") not in (None, charge.reference):
        return Outcome.unknown("wrong_echo")
    if result == "Failure":
        if error in _ABANDONED:
            return Outcome(Result.CANCELLED, "abandoned")
        if error == "InProgress":
            return Outcome.unknown("in_progress")
        return Outcome(Result.NOT_STARTED, "busy") if error in _NOT_BEGUN else Outcome(Result.DECLINED, "declined")
    if result not in ("Success", "Partial"):
        return Outcome.unknown("unknown_status")
    amounts = _part(body, "PaymentResult", "AmountsResp")
    wanted = "Refund" if charge.kind is Kind.CREDIT else "Normal"
    if _part(body, "PaymentResult", "PaymentType") not in (None, wanted):
        return Outcome.unknown("wrong_echo")
    if _part(amounts, "Currency") != charge.currency:
        return Outcome.unknown("wrong_echo")
    try:
        amount = minor_units(_part(amounts, "AuthorizedAmount"))
    except BadAnswer:
        return Outcome.unknown("missing_fields")
    code = _part(body, "PaymentResult", "PaymentAcquirerData", "ApprovalCode")
    return Outcome.of_money(charge, amount, code if isinstance(code, str) else "")


def judge_status(parties: Parties, charge: Charge, body: object) -> Outcome:
    """What a TransactionStatusResponse proves. Raises NotFound, InProgress."""
    result, error = result_of(body)
    if result == "Failure" and error == "NotFound":
        raise NotFound
    if result == "Failure" and error == "InProgress":
        raise InProgress
    repeated = _part(body, "RepeatedMessageResponse")
    said = _part(repeated, "MessageHeader")
    ours = (charge.reference, parties.sale_id, parties.poi_id)
    if result != "Success" or tuple(_part(said, name) for name in ("ServiceID", "SaleID", "POIID")) != ours:
        return Outcome.unknown("no_record")
    return judge(charge, _part(repeated, "RepeatedResponseMessageBody", "PaymentResponse"))


class Seal:
    """The shared key of a till and its terminals: local messages travel encrypted, and prove who wrote them."""

    def __init__(self, passphrase: str, key_identifier: str, key_version: int) -> None:
        key = hashlib.pbkdf2_hmac("sha1", passphrase.encode(), _SALT, _ROUNDS, 80)
        self._hmac_key, self._cipher_key, self._iv = key[:32], key[32:64], key[64:]
        self._named = {"KeyIdentifier": key_identifier, "KeyVersion": key_version}

    def close(self, message: bytes) -> bytes:
        """The message that travels."""
        (direction, content), nonce = next(iter(load(message).items())), secrets.token_bytes(16)
        padder = padding.PKCS7(128).padder()
        cipher = self._cipher(nonce).encryptor()
        blob = cipher.update(padder.update(message) + padder.finalize()) + cipher.finalize()
        trailer = self._named | {
            "AdyenCryptoVersion": 1, "Hmac": _text(self._hmac(message)), "Nonce": _text(nonce),
        }  # fmt: skip
        return dump({
            direction: {
                "MessageHeader": content["MessageHeader"], "NexoBlob": _text(blob), "SecurityTrailer": trailer,
            }
        })  # fmt: skip

    def open(self, sealed: bytes) -> bytes:
        """The message within. Raises BadAnswer when it is not whole, of another key, or under another header."""
        outer = load(sealed)
        if len(outer) != 1:
            raise BadAnswer("not a sealed message")
        direction, content = next(iter(outer.items()))
        trailer = _part(content, "SecurityTrailer")
        nonce, said = _bytes(_part(trailer, "Nonce")), _bytes(_part(trailer, "Hmac"))
        blob = _bytes(_part(content, "NexoBlob"))
        if len(nonce) != 16 or len(blob) % 16 or not blob:
            raise BadAnswer("not a sealed message")
        cipher, unpadder = self._cipher(nonce).decryptor(), padding.PKCS7(128).unpadder()
        try:
            message = unpadder.update(cipher.update(blob) + cipher.finalize()) + unpadder.finalize()
        except ValueError:
            raise BadAnswer("of another key") from None
        if not hmac.compare_digest(said, self._hmac(message)):
            raise BadAnswer("of another key")
        if _part(load(message), direction, "MessageHeader") != _part(content, "MessageHeader"):
            raise BadAnswer("under another header")
        return message

    def _hmac(self, message: bytes) -> bytes:
        return hmac.digest(self._hmac_key, message, "sha256")

    def _cipher(self, nonce: bytes) -> Cipher[modes.CBC]:
        iv = bytes(own ^ theirs for own, theirs in zip(self._iv, nonce, strict=True))
        return Cipher(algorithms.AES(self._cipher_key), modes.CBC(iv))


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raise BadAnswer("not base64") from None
