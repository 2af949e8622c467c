"""What accounts tells: tills come and go, people have names."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy.orm import Session

import ledger
from cashdesk import floats, store
from kit.consumer import Event, Subscription
from kit.errors import FieldInvalid, Unavailable
from ticketing.accounts.v1 import events_pb2


def till_enrolled(session: Session, events: Sequence[Event]) -> None:
    """A till may send its journal, signed by the key that it made."""
    for event in events:
        message: events_pb2.TillEnrolled = event.message  # type: ignore[assignment]
        try:
            ledger.load_public(message.journal_public_key)
        except ledger.BadKey as error:
            raise FieldInvalid("journal_public_key", str(error)) from error
        enrolled_at = message.enrolled_at.ToDatetime(tzinfo=UTC)
        store.enrol_till(
            session, message.till_id, message.number, message.name, message.journal_public_key, enrolled_at
        )


def till_revoked(session: Session, events: Sequence[Event]) -> None:
    """A till may send no more."""
    for event in events:
        message: events_pb2.TillRevoked = event.message  # type: ignore[assignment]
        if not store.revoke_till(session, message.till_id, message.revoked_at.ToDatetime(tzinfo=UTC)):
            # Enrolments come by another subscription: this one may be ahead of it.
            raise Unavailable(f"till {message.till_id} has not been heard of yet")


def user_saved(session: Session, events: Sequence[Event]) -> None:
    """How people are called who hold floats. A user has no revision: the instant of telling orders the changes."""
    floats.keep_names(session, [(event.message.user_id, event.message.name, _told_at(event)) for event in events])  # type: ignore[attr-defined]


def _told_at(event: Event) -> datetime:
    try:
        return datetime.fromisoformat(event.published_at_header)
    except ValueError:
        raise FieldInvalid("ce-time", f"{event.published_at_header!r} is no instant") from None


SUBSCRIPTIONS = (
    Subscription("cashdesk-tills-enrolled", "accounts.till.enrolled.v1", events_pb2.TillEnrolled, till_enrolled),
    Subscription("cashdesk-tills-revoked", "accounts.till.revoked.v1", events_pb2.TillRevoked, till_revoked),
    Subscription("cashdesk-users", "accounts.user.saved.v1", events_pb2.UserSaved, user_saved),
)
