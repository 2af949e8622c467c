"""Managing tills: number, enrolment code, revocation, and the roster that they work from offline."""

import hashlib
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import store
from accounts.domain.errors import TillNumberTaken
from accounts.domain.tills import Till, number_of
from accounts.domain.users import name_of
from accounts.messages import cashier_message, line, till_message, till_revoked, timestamp, uuid_of
from accounts.usecases.means import Means, is_taken, once
from kit import outbox
from kit.auth import Caller
from ticketing.accounts.v1 import accounts_service_pb2 as pb

RIGHT = "accounts.enrol_tills"
Making = pb.CreateTillRequest | pb.MoveTillRequest
Made = TypeVar("Made", pb.CreateTillResponse, pb.MoveTillResponse)


def create_till(means: Means, caller: Caller, request: pb.CreateTillRequest, now: datetime) -> pb.CreateTillResponse:
    """A till that awaits its machine, and the code for it. Raises TillNumberTaken, FieldInvalid.

    The code is computed, not kept, so a repeated request is given it again.
    """
    caller.require(RIGHT)
    till = Till(
        id=uuid.uuid4(), number=number_of(request.number), name=name_of(request.name),
        point_of_sale_id=line(request.point_of_sale_id, "point_of_sale_id", 64, 1), created_at=now,
    )  # fmt: skip

    def work(session: Session) -> pb.CreateTillResponse:
        code = means.vault.enrolment_code(request.request_id, str(till.id))
        till.give_code(means.vault.code_hash(code), now)
        session.add(till)
        return pb.CreateTillResponse(till=till_message(till), code_expires_at=timestamp(till.code_expires_at))

    return with_code(means, request, pb.CreateTillResponse, work)


def with_code(means: Means, request: Making, answer_type: type[Made], work: Callable[[Session], Made]) -> Made:
    """The answer to a request that makes a till, with its code: computed, not kept. Raises TillNumberTaken."""
    try:
        answer = once(means.sessions, request, answer_type, work)
    except IntegrityError as error:
        if is_taken(error, "tills_number_key"):
            raise TillNumberTaken(f"the till number {request.number} is taken", field="number") from error
        raise
    answer.enrolment_code = means.vault.enrolment_code(request.request_id, answer.till.id)
    return answer


def renew_enrolment_code(
    means: Means, caller: Caller, request: pb.RenewEnrolmentCodeRequest, now: datetime
) -> pb.RenewEnrolmentCodeResponse:
    """Another code for a till that has no machine yet; earlier ones end.

    Raises TillNotFound, TillRevoked, TillReturned, TillInService.
    """
    caller.require(RIGHT)
    till_id = uuid_of(request.till_id, "till_id")
    code = means.vault.enrolment_code(request.request_id, str(till_id))

    def work(session: Session) -> pb.RenewEnrolmentCodeResponse:
        till = store.till(session, till_id, lock=True)
        till.give_code(means.vault.code_hash(code), now)
        return pb.RenewEnrolmentCodeResponse(code_expires_at=timestamp(till.code_expires_at))

    answer = once(means.sessions, request, pb.RenewEnrolmentCodeResponse, work)
    answer.enrolment_code = code
    return answer


def revoke_till(means: Means, caller: Caller, request: pb.RevokeTillRequest, now: datetime) -> pb.RevokeTillResponse:
    """End a till for good. Raises TillNotFound, TillRevoked, FieldInvalid."""
    caller.require(RIGHT)
    till_id = uuid_of(request.till_id, "till_id")
    reason = line(request.reason, "reason", 200, 3)

    def work(session: Session) -> pb.RevokeTillResponse:
        till = store.till(session, till_id, lock=True)
        till.revoke(reason, now)
        outbox.record(session, "accounts.till.revoked.v1", till_revoked(till, store.ticket_key_ids(session, till.id)))
        return pb.RevokeTillResponse(till=till_message(till))

    return once(means.sessions, request, pb.RevokeTillResponse, work)


def list_tills(means: Means, caller: Caller) -> pb.ListTillsResponse:
    """All tills, by number."""
    caller.require(RIGHT, "cashdesk.view")
    with means.sessions.begin() as session:
        return pb.ListTillsResponse(tills=[till_message(till) for till in store.all_tills(session)])


def till_roster(means: Means, caller: Caller, request: pb.GetTillRosterRequest) -> pb.GetTillRosterResponse:
    """Who may sell at that till. Raises TillNotFound, TillRevoked, Forbidden."""
    caller.require("accounts.roster")
    caller.require_till(request.till_id)
    till_id: UUID = uuid_of(request.till_id, "till_id")
    with means.sessions.begin() as session:
        store.till(session, till_id).require_not_revoked()
        cashiers = [cashier_message(user) for user in store.all_users(session) if user.may_sign_in_at_tills]
    answer = pb.GetTillRosterResponse(cashiers=cashiers, badge_salt=means.vault.badge_salt)
    answer.version = hashlib.sha256(answer.SerializeToString(deterministic=True)).hexdigest()[:32]
    if answer.version == request.known_version:
        return pb.GetTillRosterResponse(version=answer.version, unchanged=True)
    return answer
