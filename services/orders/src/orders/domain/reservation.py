"""A reserved file (dossier réservé): places held for somebody until a date, and not paid yet (A6, F4)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import ledger
from kit.errors import FieldInvalid
from kit.words import fold
from orders.domain.errors import ReservationBeingPaid, ReservationEnded

LONGEST = timedelta(days=366)
CLAIM = timedelta(minutes=15)  # how long a till has to take the money before another may
KEPT_FOR_UPLOAD = timedelta(days=2)  # a sale sealed just after a claim may reach us this late: its places wait for it
MOST_TEXT, MOST_NOTE = 100, 500
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9 ().-]{6,30}")


class ReservationState(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"  # paid: it is an order now
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Buyer:
    """For whom the places are held. A name is needed to find the file; the rest only helps. Raises FieldInvalid."""

    name: str
    phone: str = ""
    email: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.name.strip()) <= MOST_TEXT or not self.name.isprintable():
            raise FieldInvalid("buyer.name", f"must be 1 to {MOST_TEXT} printable characters")
        if self.phone and not _PHONE.fullmatch(self.phone):
            raise FieldInvalid("buyer.phone", "must be a telephone number")
        if self.email and (len(self.email) > 254 or not _EMAIL.fullmatch(self.email)):
            raise FieldInvalid("buyer.email", "must be an address like name@example.org")


@dataclass(frozen=True)
class Reservation:
    """`lines` are priced as sold: the file costs what was said when it was made. Amounts in minor units.

    claimed_by, claimed_until: the till that is taking the money now, and for how long it has the file to itself.
    order_id: of the sale that completed it.
    """

    id: str
    number: str
    channel: str
    state: ReservationState
    buyer: Buyer
    note: str
    created_at: datetime
    created_by: str
    due_at: datetime
    currency: str
    total: int
    lines: tuple[ledger.Line, ...]
    hold_id: str
    claimed_by: str | None = None
    claimed_until: datetime | None = None
    ended_reason: str = ""
    order_id: str | None = None

    @property
    def due(self) -> int:
        """What is still to be paid."""
        return self.total if self.state is ReservationState.OPEN else 0

    def require_open(self, now: datetime) -> None:
        """Raises ReservationEnded."""
        if self.state is not ReservationState.OPEN:
            raise ReservationEnded(f"{self.number} is {self.state}", number=self.number, state=self.state)
        if self.due_at <= now and not self._is_claimed(now):
            raise ReservationEnded(f"{self.number} has expired", number=self.number, state=ReservationState.EXPIRED)

    def require_unclaimed(self, till_id: str | None, now: datetime) -> None:
        """That no other till is taking its money at this moment. Raises ReservationBeingPaid."""
        if self._is_claimed(now) and self.claimed_by != till_id:
            raise ReservationBeingPaid(f"{self.number} is being paid at another till", number=self.number)

    def _is_claimed(self, now: datetime) -> bool:
        return self.claimed_until is not None and now < self.claimed_until


def check_due(due_at: datetime, starts_at: datetime | None, now: datetime) -> None:
    """Raises FieldInvalid unless the file ends in time for its places to be sold again."""
    if not now < due_at <= now + LONGEST:
        raise FieldInvalid("due_at", "must be in the future, at most a year ahead")
    if starts_at is not None and due_at > starts_at:
        raise FieldInvalid("due_at", "must not be after the performance begins")


def check_note(note: str) -> None:
    """Raises FieldInvalid."""
    if len(note) > MOST_NOTE:
        raise FieldInvalid("note", f"must be at most {MOST_NOTE} characters")


def digits(phone: str) -> str:
    """A telephone number as it is looked for: its last nine digits, the same with +33 and with 0 before them."""
    return re.sub(r"\D", "", phone)[-9:]


@dataclass(frozen=True)
class Search:
    """What somebody typed to find a file: at most one is set."""

    number: str = ""
    phone: str = ""
    email: str = ""
    words: tuple[str, ...] = ()


def understand(text: str) -> Search:
    """A number like R-000123 or its digits, a telephone number, an address, or words of a name."""
    text = text.strip()
    compact = re.sub(r"[\s.()-]", "", text)
    if not text:
        return Search()
    if "@" in text:
        return Search(email=text.casefold())
    if match := re.fullmatch(r"[Rr]-?(\d{1,9})|(\d{1,6})", compact):
        return Search(number=f"R-{int(match[1] or match[2]):06d}")
    if re.fullmatch(r"\+?\d{7,15}", compact):
        return Search(phone=digits(compact))
    return Search(words=tuple(fold(text).split()))
