"""Cash floats at the centre: the head cashier's board, a manager's validation, takings of sellers, and what tills are
told of floats elsewhere. Rights: cashdesk.view, cashdesk.close, cashdesk.append."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from cashdesk import floats
from cashdesk.domain import CashFloatOpen, CashFloatUnknown, CashFloatValidated, OwnCashFloat
from cashdesk.floats import CASH, CashFloat, Elsewhere, Movement
from cashdesk.usecases.read import VIEW, parse_day
from kit import requests
from kit.auth import Caller
from kit.clock import business_date
from kit.errors import FieldInvalid
from ticketing.cashdesk.v1.cashdesk_service_pb2 import ValidateCashFloatRequest, ValidateCashFloatResponse

VALIDATE = "cashdesk.close"
LONGEST_REMARK = 500
MAX_DAYS = 1000


@dataclass(frozen=True)
class Whole:
    """A float with all that moved, and each time that it was counted."""

    cash_float: CashFloat
    movements: list[Movement]
    counts: list[tuple[datetime, int, int]]


def list_cash_floats(
    sessions: sessionmaker[Session], caller: Caller, business_on: str, zone: str, now: datetime
) -> list[CashFloat]:
    """Floats of a day; without a day today's, and all that are open or to be validated. Raises FieldInvalid."""
    caller.require(VIEW)
    day = parse_day("business_on", business_on) if business_on else business_date(now, zone)
    with sessions() as session:
        return floats.of_day(session, day, and_waiting=not business_on)


def get_cash_float(sessions: sessionmaker[Session], caller: Caller, cash_float_id: str) -> Whole:
    """Raises CashFloatUnknown."""
    caller.require(VIEW)
    with sessions() as session:
        found = _known(session, cash_float_id)
        return Whole(found, floats.movements(session, cash_float_id), floats.counts(session, cash_float_id))


def validate_cash_float(
    sessions: sessionmaker[Session], caller: Caller, request: ValidateCashFloatRequest, now: datetime
) -> CashFloat:
    """A closed float is in order, says somebody who may and whose it is not (E5).

    Raises CashFloatUnknown, CashFloatOpen, CashFloatValidated, OwnCashFloat, FieldInvalid, RequestReused.
    """
    caller.require(VALIDATE)
    remark = request.remark.strip()
    if len(remark) > LONGEST_REMARK or not remark.isprintable():
        raise FieldInvalid("remark", f"must be one line of at most {LONGEST_REMARK} characters")
    for last in (False, True):
        try:
            with sessions.begin() as session:
                if requests.earlier_answer(session, request, ValidateCashFloatResponse) is not None:
                    return _known(session, request.cash_float_id)
                found = _known(session, request.cash_float_id)
                if found.closed_at is None:
                    raise CashFloatOpen("this float is still open", cash_float_id=found.cash_float_id)
                if found.cashier_id == caller.subject:
                    raise OwnCashFloat("somebody else validates this float", cash_float_id=found.cash_float_id)
                if found.validation:
                    raise CashFloatValidated("this float is validated", by=found.validation.by)
                if not found.is_even and not remark:
                    raise FieldInvalid("remark", "is needed where something is too much or too little")
                floats.validate(session, found.cash_float_id, caller.subject, caller.name, remark, now)
                requests.remember(session, request, ValidateCashFloatResponse())
                return _known(session, found.cash_float_id)
        except IntegrityError:
            if last:
                raise
    raise AssertionError("the last attempt returns or raises")


def list_floats_elsewhere(sessions: sessionmaker[Session], caller: Caller, till_id: str) -> list[Elsewhere]:
    """Open floats that a till does not hold. Right: cashdesk.append, of the till itself."""
    caller.require("cashdesk.append")
    caller.require_till(till_id)
    with sessions() as session:
        return floats.elsewhere(session, till_id)


@dataclass(frozen=True)
class Takings:
    """What a seller took by one mode, of the floats of a period that are closed (E7)."""

    cashier_id: str
    cashier: str
    mode: str
    currency: str
    opening: int
    sales: int
    refunds: int
    moved: int
    declared: int
    difference: int
    floats: int

    @property
    def expected(self) -> int:
        return self.opening + self.sales + self.refunds + self.moved

    @property
    def settles(self) -> bool:
        """Movements, which are read from sales and movements, equal what closings declared and differed by."""
        return self.expected == self.declared - self.difference


def get_takings(
    sessions: sessionmaker[Session], caller: Caller, from_on: str, to_on: str, cashier_id: str
) -> tuple[list[Takings], int]:
    """By seller and mode; and how many floats of these days are still open. Raises FieldInvalid."""
    caller.require(VIEW)
    first, last = parse_day("from_on", from_on), parse_day("to_on", to_on)
    if not first <= last or (last - first).days > MAX_DAYS:
        raise FieldInvalid("to_on", f"must be at most {MAX_DAYS} days after the first one")
    with sessions() as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        found = floats.of_days(session, first, last, cashier_id)
    closed = [each for each in found if each.closed_at is not None]
    return _takings(closed), len(found) - len(closed)


def _takings(closed: Iterable[CashFloat]) -> list[Takings]:
    sums: dict[tuple[str, str, str, str], Counter[str]] = {}
    for each in closed:
        for mode in (CASH, *each.modes):
            parts = dict(each.came.get(mode, {}))
            counted = sums.setdefault((each.cashier, each.cashier_id, mode, each.currency), Counter())
            counted["sales"] += parts.pop(floats.SALES, 0)
            counted["refunds"] += parts.pop(floats.REFUNDS, 0)
            counted["moved"] += sum(parts.values())
            counted["opening"] += each.opening_total if mode == CASH else 0
            counted["declared"] += each.declared_of(mode)
            counted["difference"] += each.sealed_difference_of(mode)
            counted["floats"] += 1
    return [
        Takings(
            cashier_id, cashier, mode, currency,
            *(counted[name] for name in ("opening", "sales", "refunds", "moved", "declared", "difference", "floats")),
        )
        for (cashier, cashier_id, mode, currency), counted in sorted(sums.items())
    ]  # fmt: skip


def _known(session: Session, cash_float_id: str) -> CashFloat:
    found = floats.find(session, cash_float_id)
    if found is None:
        raise CashFloatUnknown("no such cash float", cash_float_id=cash_float_id)
    return found
