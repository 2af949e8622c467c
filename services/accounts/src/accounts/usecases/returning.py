"""Tills that leave: asked back and emptied (I4), or moved to another machine (I1)."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from accounts import store
from accounts.domain.tills import Till, number_of
from accounts.messages import till_message, timestamp, uuid_of
from accounts.usecases.means import Means, once
from accounts.usecases.tills import RIGHT, with_code
from kit import telemetry
from kit.auth import Caller
from kit.errors import FieldInvalid
from ticketing.accounts.v1 import accounts_service_pb2 as pb


def ask_till_back(means: Means, caller: Caller, request: pb.AskTillBackRequest) -> pb.AskTillBackResponse:
    """The till hears it with its next report. Raises TillNotFound, TillNotInService."""
    caller.require(RIGHT)
    till_id = uuid_of(request.till_id, "till_id")

    def work(session: Session) -> pb.AskTillBackResponse:
        till = store.till(session, till_id, lock=True)
        till.ask_back(request.go_on)
        return pb.AskTillBackResponse(till=till_message(till))

    return once(means.sessions, request, pb.AskTillBackResponse, work)


def move_till(means: Means, caller: Caller, request: pb.MoveTillRequest, now: datetime) -> pb.MoveTillResponse:
    """A till of its own for the other machine, with its code; the one before is asked back.

    Raises TillNotFound, TillNumberTaken, FieldInvalid.
    """
    caller.require(RIGHT)
    till_id, number = uuid_of(request.till_id, "till_id"), number_of(request.number)
    new_id = uuid.uuid4()

    def work(session: Session) -> pb.MoveTillResponse:
        old = store.till(session, till_id, lock=True)
        if old.is_in_service:
            old.ask_back(go_on=False)
        code = means.vault.enrolment_code(request.request_id, str(new_id))
        new = Till(
            id=new_id, number=number, name=old.name, point_of_sale_id=old.point_of_sale_id, created_at=now
        )  # fmt: skip
        new.give_code(means.vault.code_hash(code), now)
        session.add(new)
        return pb.MoveTillResponse(till=till_message(new), code_expires_at=timestamp(new.code_expires_at))

    return with_code(means, request, pb.MoveTillResponse, work)


def finish_till_return(
    means: Means, caller: Caller, request: pb.FinishTillReturnRequest, now: datetime
) -> pb.FinishTillReturnResponse:
    """Its machine empties itself after this answer. Raises TillNotFound, TillNotInService, FieldInvalid."""
    caller.require("accounts.report")
    caller.require_till(request.till_id)
    if request.journal_sequence < 1:
        raise FieldInvalid("journal_sequence", "must be the number of the last entry")
    with means.sessions.begin() as session:
        store.till(session, uuid_of(request.till_id, "till_id"), lock=True).finish_return(now)
    telemetry.log().info("till_returned", till_id=request.till_id, journal_sequence=request.journal_sequence)
    return pb.FinishTillReturnResponse()
