"""A simulated terminal that speaks Caisse-AP over IP. Its answers may bear a card number, as some real ones do."""

from device_gateway.simulators.terminal import Closed, Fault, SimulatedTerminal, Wire

_CARD = "4970100000000055"  # a number for tests, whole on purpose: nothing of it may be kept
_QUIET_SECONDS = 0.05
_KNOWN = {"CZ", "CJ", "CA", "CB", "CD", "CE", "BA", "BF", "CF"}


class SimulatedCaisseAp(SimulatedTerminal):
    """One operation on each connection. The last payment may be asked for again (CD=T)."""

    faults = (*SimulatedTerminal.faults, Fault.DAMAGED)

    def __init__(self, name: str, bind: str, port: int) -> None:
        super().__init__(name, bind, port)
        self._last: dict[str, str] = {}

    def converse(self, wire: Wire) -> None:
        asked = self._fields(self._request(wire))
        self.falls_silent(wire, Fault.SILENT)
        action = asked.get("CD", "")
        if action == "I":
            wire.send(_text(_head(asked) | {"AE": "10"}).encode())
        elif action == "T":
            wire.send(_text(_head(asked) | self._last).encode())
        elif action in ("0", "1"):
            self._pay(wire, asked)
        else:
            self.violate("an unknown action")
            wire.send(_text(_head(asked) | {"AE": "01", "AF": "12"}).encode())
        with_answer_read = wire.receive_some(60)  # the till closes: nothing else may come
        if with_answer_read:
            self.violate("two operations on one connection")

    def _pay(self, wire: Wire, asked: dict[str, str]) -> None:
        missing = {"CJ", "CA", "CB", "CE", "CF"} - set(asked)
        if missing or asked["CE"] != "978" or not asked["CB"].isdigit() or len(asked["CB"]) < 2:
            self.violate("a payment that is not whole")
            wire.send(_text(_head(asked) | {"AE": "10", "AF": "09"}).encode())  # as the reference terminal does
            return
        self.falls_silent(wire, Fault.SILENT_AFTER_REQUEST)
        self._last = _echo(asked) | {"AE": "01", "AF": "07"}
        pressed, moved = self._dealt(wire, asked)
        wire.send(self._answer(asked, pressed, moved))

    def _dealt(self, wire: Wire, asked: dict[str, str]) -> tuple[str, int]:
        kind = "credit" if asked["CD"] == "1" else "debit"
        try:
            return self.deal(wire, asked["CF"], kind, int(asked["CB"]))
        finally:
            mine = [each for each in self.taken if each.reference == asked["CF"]]
            if mine:
                self._last = _echo(asked) | {"CB": f"{mine[-1].amount:02}", "AE": "10", "AF": "01"}

    def _answer(self, asked: dict[str, str], pressed: str, moved: int) -> bytes:
        fields = _head(asked) | {"CD": asked["CD"], "CE": asked["CE"], "CF": asked["CF"]}
        if moved:
            fields |= {"CB": f"{moved:02}", "AE": "10", "AF": "01", "AC": "006418", "AA": _CARD, "CC": "00B"}
        else:
            fields |= {"AE": "01", "AF": "11" if pressed == "abandon" else "04"}
        if self.fault is Fault.WRONG_ECHO:
            fields["CF"] = "SOMEBODY"
        if self.fault is Fault.MISSING_FIELDS:
            fields.pop("CB", None)
        text = _text(fields)
        return (text.replace("CF010", "CF0X0") if self.fault is Fault.DAMAGED else text).encode()

    def _request(self, wire: Wire) -> str:
        """What comes until nothing more does: nothing marks the end of a request."""
        data = wire.receive_some()
        try:
            while True:
                data += wire.receive_some(_QUIET_SECONDS)
        except TimeoutError:
            return data.decode("latin-1")

    def _fields(self, text: str) -> dict[str, str]:
        fields: dict[str, str] = {}
        while text:
            tag, length = text[:2], text[2:5]
            if not length.isdigit() or tag not in _KNOWN or tag in fields or len(text) < 5 + int(length):
                self.violate("a request that is not one")
                raise Closed
            fields[tag], text = text[5 : 5 + int(length)], text[5 + int(length) :]
        if next(iter(fields), "") != "CZ":
            self.violate("the version does not come first")
        return fields


def _head(asked: dict[str, str]) -> dict[str, str]:
    return {"CZ": "0300", "CA": asked.get("CA", "01")} | ({"CD": asked["CD"]} if "CD" in asked else {})


def _echo(asked: dict[str, str]) -> dict[str, str]:
    return {"CE": asked["CE"], "CF": asked["CF"]}


def _text(fields: dict[str, str]) -> str:
    return "".join(f"{tag}{len(value):03}{value}" for tag, value in fields.items())
