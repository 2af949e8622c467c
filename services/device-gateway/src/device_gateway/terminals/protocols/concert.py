"""Concert V2, the French link between till and terminal: frames, requests and answers (peripherals 4.1).

STX body ETX LRC          the LRC may be any byte, STX and ETX too: frames are read by length, never up to ETX
"""

from dataclasses import dataclass
from functools import reduce
from operator import xor

from device_gateway.terminals.outcome import NUMERIC, BadAnswer, Charge, Kind, Outcome, Result

STX, ETX, EOT, ENQ, ACK, NAK = (bytes([code]) for code in (0x02, 0x03, 0x04, 0x05, 0x06, 0x15))
ANSWER_LENGTH, REQUEST_LENGTH = 25, 34
MOST = 99_999_999
_TYPES = {Kind.DEBIT: "0", Kind.CREDIT: "1"}
_DONE, _NOT_DONE = "0", "7"


@dataclass(frozen=True)
class Answer:
    """The short answer: the one that bears no card number."""

    till: str
    status: str
    amount: int
    mode: str
    currency: str
    private: str


def lrc(body: bytes) -> int:
    """XOR of the body and of ETX."""
    return reduce(xor, body, ETX[0])


def frame(body: bytes) -> bytes:
    return STX + body + ETX + bytes([lrc(body)])


def unframe(data: bytes) -> bytes:
    """The body of a whole frame. Raises BadAnswer."""
    body = data[1:-2]
    if len(data) < 4 or data[:1] != STX or data[-2:-1] != ETX or data[-1] != lrc(body):
        raise BadAnswer("a damaged frame")
    return body


def request(till: str, charge: Charge) -> bytes:
    """The body that asks for an answer at the end, without the long field that would hold the card's number."""
    text = (
        f"{till:>02}{charge.amount:08}01{_TYPES[charge.kind]}{NUMERIC[charge.currency]}"
        f"{charge.reference:<10}A010B010"
    )  # fmt: skip
    return text.encode("ascii")


def read_answer(body: bytes) -> Answer:
    """Raises BadAnswer."""
    amount = body[3:11]
    if len(body) != ANSWER_LENGTH or not body.isascii() or not amount.isdigit():
        raise BadAnswer("not an answer")
    text = body.decode("ascii")
    return Answer(text[:2], text[2], int(amount), text[11], text[12:15], text[15:25])


def judge(till: str, charge: Charge, answer: Answer) -> Outcome:
    """What the answer proves of this charge."""
    ours = (f"{till:>02}", "1", NUMERIC[charge.currency], f"{charge.reference:<10}")
    if (answer.till, answer.mode, answer.currency, answer.private) != ours:
        return Outcome.unknown("wrong_echo")
    if answer.status == _DONE:
        return Outcome.of_money(charge, answer.amount, "")
    if answer.status == _NOT_DONE:
        return Outcome(Result.DECLINED, "declined")
    return Outcome.unknown("unknown_status")
