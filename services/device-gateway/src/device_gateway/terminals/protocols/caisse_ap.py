"""Caisse-AP over IP (Concert V3): tag of two letters, length in three digits, value; CZ first (peripherals 4.2)."""

from collections.abc import Mapping

from device_gateway.terminals.outcome import NUMERIC, BadAnswer, Charge, Kind, Outcome, Result

VERSION = "0300"
LONGEST = 20_000
MOST = 999_999_999_999
_ACTIONS = {Kind.DEBIT: "0", Kind.CREDIT: "1"}
_NOT_DONE, _DONE = "01", "10"
_AUTHORISED = (None, "01", "03")
_ABANDONED = ("06", "11")
_UNREADABLE = ("09", "10", "12", "13")


def encode(fields: Mapping[str, str]) -> bytes:
    return "".join(f"{tag}{len(value):03}{value}" for tag, value in fields.items()).encode("latin-1")


def decode(data: bytes) -> dict[str, str]:
    """The whole fields at the beginning; a last one that is not whole yet is left out. Raises BadAnswer.

    Line ends between and after fields mean nothing: documents both ask for them and forbid them.
    """
    fields: dict[str, str] = {}
    text, at = data.decode("latin-1"), 0
    while True:
        while text[at : at + 1] in ("\r", "\n"):
            at += 1
        tag, length = text[at : at + 2], text[at + 2 : at + 5]
        if len(length) < 3:
            return fields
        if not (tag.isascii() and tag.isalnum() and length.isascii() and length.isdigit()) or length == "000":
            raise BadAnswer("not a field")
        end = at + 5 + int(length)
        if end > len(text):
            return fields
        if tag in fields:
            raise BadAnswer("a field comes twice")
        if not fields and tag != "CZ":
            raise BadAnswer("the version does not come first")
        fields[tag] = text[at + 5 : end]
        at = end


def is_whole(data: bytes) -> bool:
    """Whether every byte of it belongs to a whole field. Raises BadAnswer."""
    return len(encode(decode(data))) == len(data.replace(b"\r", b"").replace(b"\n", b""))


def head(till: str, integrator: str) -> dict[str, str]:
    return {"CZ": VERSION, "CJ": integrator, "CA": f"{till:>02}"}


def request(till: str, integrator: str, charge: Charge) -> bytes:
    """The answer is asked for at the end of the payment, without partial payment."""
    return encode(
        head(till, integrator)
        | {"CB": f"{charge.amount:02}", "CD": _ACTIONS[charge.kind], "CE": NUMERIC[charge.currency], "BA": "0",
           "CF": charge.reference}
    )  # fmt: skip


def question(till: str, integrator: str, action: str, reference: str = "") -> bytes:
    """Ask without paying: I identifies the terminal; T and 3, where the maker has them, tell of the last payment."""
    return encode(head(till, integrator) | {"CD": action} | ({"CF": reference} if reference else {}))


def judge(till: str, charge: Charge, fields: Mapping[str, str], action: str = "", echo_needed: bool = False) -> Outcome:
    """What the answer proves of this charge. `action`: what was asked, when it was not the payment itself."""
    asked = {"CA": f"{till:>02}", "CD": action or _ACTIONS[charge.kind], "CE": NUMERIC[charge.currency],
             "CF": charge.reference}  # fmt: skip
    for tag, value in asked.items():
        if tag in fields and fields[tag] != value:
            return Outcome.unknown("wrong_echo")
    if echo_needed and "CF" not in fields:
        return Outcome.unknown("missing_fields")
    status, reason, amount = fields.get("AE"), fields.get("AF"), fields.get("CB", "")
    if status == _DONE and reason in _AUTHORISED:
        if not {"CA", "CB", "CD", "CE"} <= set(fields) or not (amount.isascii() and amount.isdigit()):
            return Outcome.unknown("missing_fields")
        return Outcome.of_money(charge, int(amount), fields.get("AC", ""))
    if status != _NOT_DONE or reason in _AUTHORISED[1:]:
        return Outcome.unknown("contradiction" if status in (_DONE, _NOT_DONE) else "unknown_status")
    if reason in _ABANDONED:
        return Outcome(Result.CANCELLED, "abandoned")
    if reason in _UNREADABLE:
        return Outcome(Result.NOT_STARTED, "not_understood")
    return Outcome(Result.DECLINED, "declined")
