"""A simulated terminal that speaks nexo: sealed JSON over HTTP. It remembers payments by their ServiceID."""

import json
from typing import Any

from device_gateway.simulators.terminal import Closed, Fault, SimulatedTerminal, Wire
from device_gateway.terminals.outcome import BadAnswer
from device_gateway.terminals.protocols import nexo

OPTIONS: dict[str, str | int | bool] = {
    "poi_id": "V400m-324688179", "sale_id": "till", "passphrase": "practice", "key_identifier": "practice",
    "key_version": 1,
}  # fmt: skip


class SimulatedNexo(SimulatedTerminal):
    """Its key is the one of `OPTIONS`."""

    faults = (*SimulatedTerminal.faults, Fault.BUSY, Fault.DAMAGED)

    def __init__(self, name: str, bind: str, port: int) -> None:
        super().__init__(name, bind, port)
        self._seal = nexo.Seal(str(OPTIONS["passphrase"]), str(OPTIONS["key_identifier"]), 1)
        self._payments: dict[str, dict[str, Any] | None] = {}  # by ServiceID; None: in progress

    def converse(self, wire: Wire) -> None:
        head, request = self._request(wire)
        self.falls_silent(wire, Fault.SILENT)
        category = head["MessageCategory"]
        match category:
            case "Diagnosis":
                answer: dict[str, Any] = {"Response": {"Result": "Success"}}
            case "Payment":
                answer = self._pay(wire, head, request)
            case "TransactionStatus":
                answer = self._status(request["MessageReference"]["ServiceID"])
            case _:
                self.give_up()
                answer = {"Response": {"Result": "Success"}}
        if self.fault is Fault.WRONG_ECHO and category == "Payment":
            head = head | {"ServiceID": "SOMEBODY"}
        self._answer(wire, head | {"MessageType": "Response"}, f"{category}Response", answer)

    def _pay(self, wire: Wire, head: dict[str, str], request: dict[str, Any]) -> dict[str, Any]:
        service_id = head["ServiceID"]
        if self.fault is Fault.BUSY:
            return {"Response": {"Result": "Failure", "ErrorCondition": "Busy"}}
        if service_id in self._payments:
            self.violate("a ServiceID comes twice")
            raise Closed
        self.falls_silent(wire, Fault.SILENT_AFTER_REQUEST)
        amounts = request["PaymentTransaction"]["AmountsReq"]
        asked = nexo.minor_units(amounts["RequestedAmount"])
        refund = request.get("PaymentData", {}).get("PaymentType") == "Refund"
        self._payments[service_id] = None
        try:
            pressed, moved = self.deal(wire, service_id, "credit" if refund else "debit", asked)
        finally:
            mine = [each.amount for each in self.taken if each.reference == service_id]
            self._payments[service_id] = self._paid(request, mine[0] if mine else 0, "Refusal", asked)
        if not moved:
            error = "Cancel" if pressed == "abandon" else "Refusal"
            self._payments[service_id] = self._paid(request, 0, error, asked)
        answer: dict[str, Any] = json.loads(json.dumps(self._payments[service_id]))
        if self.fault is Fault.MISSING_FIELDS:
            answer.pop("PaymentResult", None)
        return answer

    def _paid(self, request: dict[str, Any], moved: int, error: str, asked: int) -> dict[str, Any]:
        sale = {"SaleData": request["SaleData"]}
        if not moved:
            return sale | {"Response": {"Result": "Failure", "ErrorCondition": error}}
        return sale | {
            "Response": {"Result": "Success" if moved == asked else "Partial"},
            "PaymentResult": {
                "PaymentType": request.get("PaymentData", {}).get("PaymentType", "Normal"),
                "AmountsResp": {"Currency": "EUR", "AuthorizedAmount": moved / 100},
                "PaymentAcquirerData": {"ApprovalCode": "123456"},
                "PaymentInstrumentData": {"CardData": {"MaskedPan": "497010 **** 0055"}},
            },
        }

    def _status(self, service_id: str) -> dict[str, Any]:
        if service_id not in self._payments:
            return {"Response": {"Result": "Failure", "ErrorCondition": "NotFound"}}
        payment = self._payments[service_id]
        if payment is None:
            return {"Response": {"Result": "Failure", "ErrorCondition": "InProgress"}}
        said = nexo.header(
            nexo.Parties(str(OPTIONS["sale_id"]), str(OPTIONS["poi_id"])), "Payment", service_id, "Response"
        )
        repeated = {"MessageHeader": said, "RepeatedResponseMessageBody": {"PaymentResponse": payment}}
        return {"Response": {"Result": "Success"}, "RepeatedMessageResponse": repeated}

    def _request(self, wire: Wire) -> tuple[dict[str, str], dict[str, Any]]:
        data = wire.receive_some()
        while b"\r\n\r\n" not in data:
            data += wire.receive_some(5)
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        if lines[0] != "POST /nexo/ HTTP/1.1":
            self.violate("not a POST of a message")
            raise Closed
        lengths = [line.split(":")[1] for line in lines if line.lower().startswith("content-length:")]
        while len(body) < int(lengths[0]):
            body += wire.receive_some(5)
        try:
            message = nexo.load(self._seal.open(body))["SaleToPOIRequest"]
            said: dict[str, str] = message["MessageHeader"]
            expected = nexo.header(
                nexo.Parties(str(OPTIONS["sale_id"]), str(OPTIONS["poi_id"])),
                said["MessageCategory"],
                said["ServiceID"],
            )
            if said != expected or not 1 <= len(said["ServiceID"]) <= 10:
                raise BadAnswer("not for this terminal")
            return said, message[f"{said['MessageCategory']}Request"]
        except (BadAnswer, KeyError):
            self.violate("a message that is not for this terminal")
            raise Closed from None

    def _answer(self, wire: Wire, head: dict[str, str], name: str, answer: dict[str, Any]) -> None:
        sealed = self._seal.close(nexo.dump({"SaleToPOIResponse": {"MessageHeader": head, name: answer}}))
        if self.fault is Fault.DAMAGED and name == "PaymentResponse":
            sealed = sealed.replace(b'"Hmac":"', b'"Hmac":"AAAA')
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(sealed) + sealed)
