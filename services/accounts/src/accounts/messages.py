"""Our things as protobuf messages, and the checks that any request's fields need."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp

from accounts.domain.health import Concern, Condition, Facts
from accounts.domain.profiles import Profile
from accounts.domain.tills import Till, TillState
from accounts.domain.users import User
from kit.errors import FieldInvalid
from ticketing.accounts.v1 import accounts_service_pb2 as pb
from ticketing.accounts.v1 import events_pb2 as events

_STATES = {
    TillState.AWAITING: pb.TILL_STATE_AWAITING,
    TillState.ENROLLED: pb.TILL_STATE_ENROLLED,
    TillState.REVOKED: pb.TILL_STATE_REVOKED,
    TillState.LEAVING: pb.TILL_STATE_LEAVING,
    TillState.RETURNED: pb.TILL_STATE_RETURNED,
}

CONDITIONS = {
    Condition.NEVER_REPORTED: pb.TILL_CONDITION_UNSPECIFIED,
    Condition.WELL: pb.TILL_CONDITION_WELL,
    Condition.ATTENTION: pb.TILL_CONDITION_ATTENTION,
    Condition.OFFLINE: pb.TILL_CONDITION_OFFLINE,
}
CONCERNS = {
    Concern.FROZEN: pb.TILL_CONCERN_FROZEN,
    Concern.JOURNAL_LATE: pb.TILL_CONCERN_JOURNAL_LATE,
    Concern.PRINTER: pb.TILL_CONCERN_PRINTER,
    Concern.PAPERS: pb.TILL_CONCERN_PAPERS,
    Concern.DISK: pb.TILL_CONCERN_DISK,
    Concern.CLOCK: pb.TILL_CONCERN_CLOCK,
    Concern.OTHER_MACHINE: pb.TILL_CONCERN_OTHER_MACHINE,
    Concern.SYNC: pb.TILL_CONCERN_SYNC,
}


def user_message(user: User) -> pb.User:
    return pb.User(
        id=str(user.id), login=user.login, name=user.name, profile=user.profile, enabled=user.enabled,
        has_pin=user.pin_hash is not None, rights=sorted(user.rights), language=user.language,
        has_badge=user.badge_hash is not None,
    )  # fmt: skip


def user_saved(user: User) -> events.UserSaved:
    return events.UserSaved(user_id=str(user.id), name=user.name, profile=user.profile, enabled=user.enabled)


def cashier_message(user: User) -> pb.TillCashier:
    return pb.TillCashier(
        user_id=str(user.id), name=user.name, pin_hash=user.pin_hash or "", rights=sorted(user.rights),
        language=user.language, profile=user.profile, badge_hash=user.badge_hash or b"",
    )  # fmt: skip


def profile_message(profile: Profile) -> pb.Profile:
    return pb.Profile(code=profile.code, name=profile.name, rights=sorted(profile.rights))


def till_message(till: Till) -> pb.Till:
    return pb.Till(
        id=str(till.id), number=till.number, name=till.name, point_of_sale_id=till.point_of_sale_id,
        state=_STATES[till.state], journal_public_key=till.journal_public_key or b"",
        ticket_key_id=till.ticket_key_id or 0, ticket_public_key=till.ticket_public_key or b"",
        mac_address=till.mac_address, hostname=till.hostname, enrolled_at=timestamp(till.enrolled_at),
        last_seen_at=timestamp(till.last_seen_at), software_version=till.software_version,
    )  # fmt: skip


def facts_of(report: pb.TillReport) -> Facts:
    return Facts(
        frozen=bool(report.frozen), entries_waiting=report.entries_waiting,
        printers=tuple(printer.condition for printer in report.printers),
        papers_unsettled=report.jobs_in_doubt + report.jobs_failed, free_disk_bytes=report.free_disk_bytes,
        clock_offset_ms=report.clock_offset_ms, mac_address=report.mac_address, sync_fails=bool(report.sync_failures),
    )  # fmt: skip


def till_enrolled(till: Till) -> events.TillEnrolled:
    return events.TillEnrolled(
        till_id=str(till.id), number=till.number, name=till.name, point_of_sale_id=till.point_of_sale_id,
        journal_public_key=till.journal_public_key or b"", ticket_key_id=till.ticket_key_id or 0,
        enrolled_at=timestamp(till.enrolled_at),
    )  # fmt: skip


def till_revoked(till: Till, ticket_key_ids: Sequence[int]) -> events.TillRevoked:
    return events.TillRevoked(
        till_id=str(till.id), reason=till.revoked_reason, revoked_at=timestamp(till.revoked_at),
        ticket_key_ids=ticket_key_ids,
    )  # fmt: skip


def timestamp(at: datetime | None) -> Timestamp | None:
    """None stays None: the field is left unset."""
    if at is None:
        return None
    message = Timestamp()
    message.FromDatetime(at)
    return message


def instant(at: Timestamp, field: str) -> datetime:
    """Raises FieldInvalid when it is missing or out of range."""
    try:
        if at.seconds <= 0:
            raise ValueError
        return at.ToDatetime(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise FieldInvalid(field, "must be an instant") from None


def uuid_of(text: str, field: str) -> UUID:
    """Raises FieldInvalid."""
    try:
        return UUID(text)
    except ValueError:
        raise FieldInvalid(field, "must be a UUID") from None


def line(text: str, field: str, longest: int, shortest: int = 0) -> str:
    """Text on one line within its length. Raises FieldInvalid."""
    text = text.strip()
    if not shortest <= len(text) <= longest or not text.isprintable():
        raise FieldInvalid(field, f"must be {shortest} to {longest} characters on one line")
    return text
