"""What a door says of a barcode: whether it is genuine, what became of it, what this door opens, who is inside."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from titles.certificate import Certificate
from titles.entries import Entries, Entry
from titles.gate import Colour, Reason, Verdict, time_fault, verify
from titles.revocations import Revocations
from titles.token import Token, read

OLDEST_LIST = timedelta(hours=12)


@dataclass(frozen=True)
class Rules:
    """What a door opens.

    groups: tags (`titles.group_of`) of the performances that it is open for; empty: of all.
    zones: bit map of the access zones behind it; 0: titles of any zone.
    attention: tariff classes (`titles.tariff_class_of`) whose proof a person looks at.
    oldest_list: from what age on the list of revocations is too old to say green; None: it is never needed.
    """

    groups: frozenset[int] = frozenset()
    zones: int = 0
    attention: frozenset[int] = frozenset()
    oldest_list: timedelta | None = OLDEST_LIST


@dataclass
class Door:
    """A door at work: what it trusts, what it has heard, what it opens, who went in."""

    root_public_key: Ed25519PublicKey
    certificates: dict[int, Certificate]
    revocations: Revocations
    entries: Entries
    rules: Rules = field(default_factory=Rules)

    def learn(self, certificate: Certificate) -> bool:
        """Keep a certificate whose root signature was checked (`titles.read_certificate_text`); whether it was news."""
        known = self.certificates.get(certificate.key_id)
        if known is not None and known.not_after >= certificate.not_after:
            return False
        self.certificates[certificate.key_id] = certificate
        return True

    def judge(self, text: str, now: datetime, clock_is_set: bool = True) -> Verdict:
        """What to do with whoever shows this barcode. Nothing is recorded: `admit` does that.

        Red refuses, amber asks a person, green opens. A clock that nobody has set judges no time: amber.
        """
        verdict = verify(text, self.certificates, self.root_public_key, now)
        token = verdict.token
        if token is None or verdict.reason in (Reason.UNKNOWN_ISSUER, Reason.ISSUER_NOT_ALLOWED, Reason.TEST_TITLE):
            return verdict
        fault = (
            self._issuer(text, token, verdict.reason, clock_is_set)
            or self._revoked(token)
            or (time_fault(token, now) if clock_is_set else None)
            or self._elsewhere(token)
            or self._used(token)
        )
        if fault:
            return Verdict(Colour.RED, fault, token)
        doubt = self._doubt(token, now, clock_is_set)
        return Verdict(Colour.AMBER, doubt, token) if doubt else Verdict(Colour.GREEN, Reason.GENUINE, token)

    def admit(self, verdict: Verdict, now: datetime) -> Entry:
        """Somebody goes in: the door opened by itself, or a person decided. Raises ValueError when it was refused."""
        if verdict.token is None or verdict.colour is Colour.RED:
            raise ValueError(f"{verdict.reason}: nobody goes in with this")
        token = verdict.token
        return self.entries.record(now, token.key_id, token.serial, token.reissue, verdict.reason.value)

    def _issuer(self, text: str, token: Token, found: Reason, clock_is_set: bool) -> Reason | None:
        """A dead key, or one whose certificate has ended, still speaks for the titles that the centre holds."""
        if found is Reason.SERIAL_BEYOND_CERTIFICATE:
            return found
        ended = clock_is_set and found in (Reason.CERTIFICATE_EXPIRED, Reason.CERTIFICATE_NOT_YET_VALID)
        if not ended and not self.revocations.is_key_dead(token.key_id):
            return None
        if self.revocations.vouches_for(token.key_id, token.serial, read(text).signature):
            return None
        return found if ended else Reason.ISSUER_REVOKED

    def _revoked(self, token: Token) -> Reason | None:
        if self.revocations.is_dead(token.key_id, token.serial):
            return Reason.REVOKED
        lowest = max(
            self.revocations.lowest_reissue(token.key_id, token.serial),
            self.entries.highest_reissue(token.key_id, token.serial),
        )
        return Reason.SUPERSEDED if token.reissue < lowest else None

    def _elsewhere(self, token: Token) -> Reason | None:
        if self.rules.groups and token.group not in self.rules.groups:
            return Reason.WRONG_PERFORMANCE
        # A title that names no zone opens all doors of its performance.
        if self.rules.zones and token.zones and not token.zones & self.rules.zones:
            return Reason.WRONG_ZONE
        return None

    def _used(self, token: Token) -> Reason | None:
        times = self.entries.times(token.key_id, token.serial)
        return Reason.ALREADY_USED if token.entries and times >= token.entries else None

    def _doubt(self, token: Token, now: datetime, clock_is_set: bool) -> Reason | None:
        if self.revocations.is_disputed(token.key_id, token.serial):
            return Reason.SEE_BOX_OFFICE
        if not clock_is_set:
            return Reason.CLOCK_UNSET
        oldest, issued_at = self.rules.oldest_list, self.revocations.issued_at
        if oldest is not None and (issued_at is None or now - issued_at > oldest):
            return Reason.LIST_TOO_OLD
        return Reason.SHOW_PROOF if token.tariff_class in self.rules.attention else None
