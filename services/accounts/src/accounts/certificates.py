"""Certificates of ticket keys, signed by the root (domain: smart barcode, keys)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import ledger
import setups
import titles

TILL_LIFE = timedelta(days=30)
CENTRAL_LIFE = timedelta(days=400)  # one season and its sales
RENEW_AFTER = timedelta(days=1)
TILL_HIGHEST_SERIAL = 1_000_000  # of one key: what a thief could print at most
CENTRAL_HIGHEST_SERIAL = 2**32 - 1
_BACKDATE = timedelta(minutes=10)  # a gate's clock may be a little late


@dataclass(frozen=True)
class Root:
    """The root key and what it certifies."""

    seed: bytes

    @property
    def public_key(self) -> bytes:
        return titles.public_bytes(titles.load_private(self.seed))

    def certify_setup_key(self, public_key: bytes) -> bytes:
        """The root's word that a key may sign set-ups of tills, and nothing else. Raises setups.BadSetup."""
        return setups.certify(public_key, titles.load_private(self.seed))

    def certify_receipt_key(self, public_key: bytes) -> bytes:
        """The root's word that a key may sign receipts of journals, and nothing else. Raises ledger.BadKey."""
        return ledger.certify_centre_key(public_key, titles.load_private(self.seed))

    def certify(self, key_id: int, public_key: bytes, till_id: UUID | None, now: datetime) -> tuple[bytes, datetime]:
        """The 124 bytes and until when they are valid. Without `till_id` the key is a central one."""
        central = till_id is None
        not_after = now + (CENTRAL_LIFE if central else TILL_LIFE)
        certificate = titles.Certificate(
            kind=titles.Kind.CENTRAL if central else titles.Kind.TILL,
            key_id=key_id,
            till_tag=0 if till_id is None else titles.till_tag_of(till_id),
            public_key=public_key,
            not_before=now - _BACKDATE,
            not_after=not_after,
            highest_serial=CENTRAL_HIGHEST_SERIAL if central else TILL_HIGHEST_SERIAL,
        )
        return titles.certify(certificate, titles.load_private(self.seed)), not_after


def is_due(not_after: datetime | None, central: bool, now: datetime) -> bool:
    """Whether to certify anew: at most once a day, so that what gates keep does not change with every call."""
    life = CENTRAL_LIFE if central else TILL_LIFE
    return not_after is None or not_after - now < life - RENEW_AFTER
