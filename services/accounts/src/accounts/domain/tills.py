"""A till (caisse): its number, the machine that it lives on, and the keys that this machine made."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from accounts.domain.errors import (
    ClockSkewed,
    EnrolmentCodeWrong,
    TillInService,
    TillNotFound,
    TillNotInService,
    TillReturned,
    TillRevoked,
)
from kit.clock import iso_ms
from kit.errors import FieldInvalid

CODE_LIFE = timedelta(hours=24)
SKEW = timedelta(minutes=5)
CODE_ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # no 0 O 1 I L
CODE_LENGTH = 8
_NUMBER = re.compile(r"[A-Z][A-Z0-9]{1,7}")


class TillState(StrEnum):
    AWAITING = "awaiting"
    ENROLLED = "enrolled"
    REVOKED = "revoked"
    LEAVING = "leaving"  # asked back: it sells no more
    RETURNED = "returned"  # it has handed everything in


@dataclass(eq=False)
class Till:
    """A till. Its code is kept as a keyed hash; its keys are the public halves of those made on its machine."""

    id: UUID
    number: str
    name: str
    point_of_sale_id: str
    created_at: datetime
    state: TillState = TillState.AWAITING
    journal_public_key: bytes | None = None
    ticket_key_id: int | None = None
    ticket_public_key: bytes | None = None
    code_hash: bytes | None = None
    code_expires_at: datetime | None = None
    code_used_at: datetime | None = None
    mac_address: str = ""
    hostname: str = ""
    software_version: str = ""
    enrolled_at: datetime | None = None
    last_seen_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_reason: str = ""
    returned_at: datetime | None = None

    def require_not_revoked(self) -> None:
        """Raises TillRevoked, TillReturned."""
        if self.state is TillState.REVOKED:
            raise TillRevoked(f"till {self.number} was revoked: {self.revoked_reason}", number=self.number)
        if self.state is TillState.RETURNED:
            raise TillReturned(f"till {self.number} was returned", number=self.number)

    def give_code(self, code_hash: bytes, now: datetime) -> None:
        """Make this the only code that enrols the till. Raises TillRevoked, TillReturned, TillInService."""
        self.require_not_revoked()
        if self.state is not TillState.AWAITING:
            raise TillInService(f"a machine is till {self.number}, with its journal", number=self.number)
        self.code_hash, self.code_expires_at, self.code_used_at = code_hash, now + CODE_LIFE, None

    def was_enrolled_by(self, journal_public_key: bytes, ticket_public_key: bytes) -> bool:
        """Whether the present code was already used, with these very keys: the machine did not hear the answer."""
        ours = (self.journal_public_key, self.ticket_public_key)
        return self.code_used_at is not None and ours == (journal_public_key, ticket_public_key)

    def require_code_usable(self, now: datetime) -> None:
        """Raises EnrolmentCodeWrong, TillRevoked."""
        self.require_not_revoked()
        if self.code_used_at is not None or self.code_expires_at is None or now >= self.code_expires_at:
            raise EnrolmentCodeWrong("this code is wrong, used or expired; ask for a new one")

    def enrol(self, journal_public_key: bytes, ticket_key_id: int, ticket_public_key: bytes, now: datetime) -> None:
        """Belong to the machine that holds these keys."""
        self.journal_public_key = journal_public_key
        self.ticket_key_id, self.ticket_public_key = ticket_key_id, ticket_public_key
        self.state, self.enrolled_at, self.last_seen_at, self.code_used_at = TillState.ENROLLED, now, now, now

    def ask_back(self, go_on: bool) -> None:
        """Have it hand everything in, or go on after all. Raises TillNotInService."""
        self._require(TillState.ENROLLED, TillState.LEAVING)
        self.state = TillState.ENROLLED if go_on else TillState.LEAVING

    def finish_return(self, now: datetime) -> None:
        """It has handed everything in; saying so again changes nothing. Raises TillNotInService."""
        self._require(TillState.LEAVING, TillState.RETURNED)
        if self.state is TillState.LEAVING:
            self.state, self.returned_at = TillState.RETURNED, now

    @property
    def is_in_service(self) -> bool:
        """Whether a machine works as this till, be it to hand everything in."""
        return self.state in (TillState.ENROLLED, TillState.LEAVING)

    def _require(self, *states: TillState) -> None:
        if self.state not in states:
            raise TillNotInService(f"till {self.number} is {self.state}", number=self.number, state=self.state)

    def revoke(self, reason: str, now: datetime) -> None:
        """End it for good: no token, no new code. Raises TillRevoked, TillReturned when it has ended before."""
        self.require_not_revoked()
        self.state, self.revoked_at, self.revoked_reason = TillState.REVOKED, now, reason
        self.code_hash = self.code_expires_at = None

    def journal_key(self) -> bytes:
        """The public key that proves possession. Raises TillNotFound while no machine has enrolled."""
        if self.journal_public_key is None:
            raise TillNotFound(f"till {self.number} is not enrolled yet", till_id=self.id)
        return self.journal_public_key


def number_of(given: str) -> str:
    """The prefix of the till's series, such as T01. Raises FieldInvalid."""
    number = given.strip().upper()
    if not _NUMBER.fullmatch(number):
        raise FieldInvalid("number", "must be a letter, then 1 to 7 letters or digits, such as T01")
    return number


def code_of(given: str) -> str:
    """A code as typed, without the dashes and spaces that people add. Raises EnrolmentCodeWrong."""
    code = given.upper().replace("-", "").replace(" ", "")
    if len(code) != CODE_LENGTH or any(char not in CODE_ALPHABET for char in code):
        raise EnrolmentCodeWrong("this code is wrong, used or expired; ask for a new one")
    return code


def proof(till_id: str, at: datetime) -> bytes:
    """What a till signs with its journal key to be given a token."""
    return f"ticketing till token v1\n{till_id}\n{iso_ms(at)}".encode()


def require_clock(at: datetime, now: datetime) -> None:
    """Raises ClockSkewed when the till's clock is more than 5 minutes off."""
    if abs(at - now) > SKEW:
        raise ClockSkewed("the till's clock is more than 5 minutes off", server_at=iso_ms(now), till_at=iso_ms(at))
