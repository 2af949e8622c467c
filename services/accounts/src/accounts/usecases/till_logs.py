"""A till's technical log, on request (R7): the till hears of it with its next report, and sends what it has."""

import gzip
import uuid
import zlib
from datetime import datetime

from accounts import store
from accounts.domain.errors import TillNotInService
from accounts.messages import timestamp, uuid_of
from accounts.store import KeptLog
from accounts.usecases.means import Means
from accounts.usecases.tills import RIGHT
from kit.auth import Caller
from kit.errors import FieldInvalid
from ticketing.accounts.v1 import accounts_service_pb2 as pb

MOST_BYTES = 1_048_576
MOST_TEXT_BYTES = 32 * MOST_BYTES  # nobody opens what would fill a disk


def ask_till_log(means: Means, caller: Caller, request: pb.AskTillLogRequest, now: datetime) -> pb.AskTillLogResponse:
    """Asking again while one is on its way changes nothing. Raises TillNotFound, TillNotInService."""
    caller.require(RIGHT)
    till_id = uuid_of(request.till_id, "till_id")
    with means.sessions.begin() as session:
        till = store.till(session, till_id, lock=True)
        if not till.is_in_service:
            raise TillNotInService(f"till {till.number} is {till.state}", number=till.number, state=till.state)
        kept = store.till_log(session, till_id)
        if kept is None or kept.came_at is not None:
            kept = KeptLog(uuid.uuid4(), now, None, None)
            store.ask_log(session, till_id, kept)
    return pb.AskTillLogResponse(log=_message(request.till_id, kept, with_content=False))


def get_till_log(means: Means, caller: Caller, request: pb.GetTillLogRequest) -> pb.GetTillLogResponse:
    """What came last. Raises TillNotFound, FieldInvalid."""
    caller.require(RIGHT)
    till_id = uuid_of(request.till_id, "till_id")
    with means.sessions.begin() as session:
        store.till(session, till_id)
        kept = store.till_log(session, till_id)
    return pb.GetTillLogResponse(log=_message(request.till_id, kept, with_content=True) if kept else None)


def send_till_log(
    means: Means, caller: Caller, request: pb.SendTillLogRequest, now: datetime
) -> pb.SendTillLogResponse:
    """What nobody asked for is not kept. Raises TillNotFound, FieldInvalid, Forbidden."""
    caller.require("accounts.report")
    caller.require_till(request.till_id)
    till_id, wanted = uuid_of(request.till_id, "till_id"), uuid_of(request.log_wanted, "log_wanted")
    _check(request.content)
    with means.sessions.begin() as session:
        store.till(session, till_id)
        store.keep_log(session, till_id, wanted, request.content, now)
    return pb.SendTillLogResponse()


def _check(content: bytes) -> None:
    if len(content) > MOST_BYTES:
        raise FieldInvalid("content", f"must be at most {MOST_BYTES} bytes")
    try:
        plain = zlib.decompressobj(wbits=31)
        plain.decompress(content, MOST_TEXT_BYTES)
    except (zlib.error, gzip.BadGzipFile) as error:
        raise FieldInvalid("content", "must be gzip") from error
    if plain.unconsumed_tail or not plain.eof:
        raise FieldInvalid("content", f"must be gzip of at most {MOST_TEXT_BYTES} bytes")


def _message(till_id: str, kept: KeptLog, *, with_content: bool) -> pb.TillLog:
    return pb.TillLog(
        till_id=till_id, asked_at=timestamp(kept.asked_at), came_at=timestamp(kept.came_at),
        content=(kept.content or b"") if with_content else b"",
    )  # fmt: skip
