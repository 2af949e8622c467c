"""Tickets that this till signs itself, within what its certificate allows (domain.md 4.3, 4.4)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import titles
from device_gateway.domain.basket import PricedLine
from device_gateway.domain.errors import CertificateExhausted, TicketNotReissuable
from ledger.reissue import HIGHEST

DOORS_OPEN = timedelta(hours=1)  # before the start
_TEN_MINUTES = timedelta(minutes=10)


@dataclass(frozen=True)
class Issuer:
    """The till's ticket key with the root's word for it."""

    key: Ed25519PrivateKey
    certificate: titles.Certificate

    @property
    def kind(self) -> titles.Kind:
        """What it issues: a key that was certified for tests signs nothing else."""
        return titles.Kind.TEST if self.certificate.key_id == titles.TEST_KEY_ID else titles.Kind.TILL

    def require(self, highest_serial: int, now: datetime) -> None:
        """Raises CertificateExhausted unless the certificate covers this serial now."""
        if now < self.certificate.not_before or now >= self.certificate.not_after:
            raise CertificateExhausted("the ticket certificate is not valid now", not_after=self.certificate.not_after)
        if highest_serial > self.certificate.highest_serial:
            raise CertificateExhausted("all serials of the ticket certificate are used", serial=highest_serial)

    def issue(self, line: PricedLine, serial: int, seat: int = 0, plan_version: int = 0) -> str:
        """The barcode of one place: opens its performance once, from an hour before until its end.

        `seat`: its ordinal in that version of the plan, 0 where seats have no number.
        """
        assert line.performance is not None
        assert line.price is not None
        valid_from = line.performance.starts_at - DOORS_OPEN
        tens = -((valid_from - line.performance.ends_at) // _TEN_MINUTES)
        token = titles.Token(
            kind=self.kind,
            key_id=self.certificate.key_id,
            serial=serial,
            group=titles.group_of(line.performance.id),
            tariff_class=titles.tariff_class_of(line.price.tariff.id),
            valid_from=valid_from,
            duration_minutes=min(max(tens, 1), 0xFFFF) * 10,
            flags=titles.Flag.FREE if line.unit_price == 0 else titles.Flag(0),
            seat=seat,
            plan_version=plan_version & 0xFF,
        )
        return titles.issue(token, self.key)

    def issue_again(self, token: str) -> tuple[int, str]:
        """The same title on a newer paper: how many there were before it, and its barcode.

        Raises TicketNotReissuable when another key issued it, or when its counter is at its end.
        """
        known = titles.read(token).token
        if known.key_id != self.certificate.key_id:
            raise TicketNotReissuable("this ticket was issued with an earlier key of this till", why="key")
        if known.reissue >= HIGHEST:
            raise TicketNotReissuable("this ticket has had all the papers that it can have", why="counter")
        again = replace(known, reissue=known.reissue + 1, flags=known.flags | titles.Flag.REISSUE)
        return again.reissue, titles.issue(again, self.key)
