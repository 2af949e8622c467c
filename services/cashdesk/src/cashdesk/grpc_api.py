"""The gRPC door: translate, call one use case, translate back."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy.orm import Session, sessionmaker

import ledger
from cashdesk.domain import Sent, Till
from cashdesk.floats import CASH, REFUNDS, SALES, CashFloat, Elsewhere, Movement
from cashdesk.messages import sale_from_message
from cashdesk.reading import KeptClosing
from cashdesk.seal import Seals
from cashdesk.usecases import append, archives, branch, floats, read
from cashdesk.usecases.archives import Vouched
from cashdesk.usecases.record import Recorded, Recorder, Refused
from cashdesk.usecases.virtual import VirtualTills
from kit.auth import current_caller
from kit.clock import now
from kit.errors import FieldInvalid
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as rpc
from ticketing.cashdesk.v1 import sale_pb2

_UNNUMBERED = "-"  # until the virtual till gives the number


class Api(rpc.CashdeskServiceServicer):
    """CashdeskService over one database. `certify` gets the root's word for the centre's key, and the root's key."""

    def __init__(
        self, sessions: sessionmaker[Session], seals: Seals, zone: str, certify: Callable[[bytes], tuple[bytes, bytes]]
    ) -> None:
        self._sessions, self._seals, self._zone, self._certify = sessions, seals, zone, certify
        self._tills = VirtualTills(seals, zone)
        self._recorder = Recorder(sessions, self._tills)
        self._vouched: Vouched | None = None

    def AppendEntries(self, request: pb.AppendEntriesRequest, context: Any) -> pb.AppendEntriesResponse:
        entries = [
            Sent(e.sequence, ledger.SealedEntry(e.content, e.signature, e.algorithm), e.hash) for e in request.entries
        ]
        till_time = _instant("till_time", request.till_time) if request.HasField("till_time") else None
        done = append.append_entries(
            self._sessions, self._seals, current_caller(), _uuid("till_id", request.till_id), entries, till_time, now()
        )
        return pb.AppendEntriesResponse(
            acknowledged_sequence=done.sequence, receipt=done.receipt, clock_offset_ms=done.clock_offset_ms
        )

    def HandInBranch(self, request: pb.HandInBranchRequest, context: Any) -> pb.HandInBranchResponse:
        entries = [
            Sent(e.sequence, ledger.SealedEntry(e.content, e.signature, e.algorithm), e.hash) for e in request.entries
        ]
        last = branch.hand_in(self._sessions, current_caller(), _uuid("till_id", request.till_id), entries, now())
        return pb.HandInBranchResponse(last_sequence=last)

    def GetReceiptKey(self, request: pb.GetReceiptKeyRequest, context: Any) -> pb.GetReceiptKeyResponse:
        current_caller().require("cashdesk.append")
        public_key = ledger.centre_public_bytes(self._seals.public_key)
        return pb.GetReceiptKeyResponse(public_key=public_key, certificate=self._vouch().certificate)

    def RecordSales(self, request: pb.RecordSalesRequest, context: Any) -> pb.RecordSalesResponse:
        sales = [_sale(sale) for sale in request.sales]
        recorded = self._recorder.record_sales(current_caller(), sales, now())
        return pb.RecordSalesResponse(results=map(_recorded, recorded))

    def RecordDecision(self, request: pb.RecordDecisionRequest, context: Any) -> pb.RecordDecisionResponse:
        return self._recorder.record_decision(current_caller(), request, _decision(request), now())

    def ListTills(self, request: pb.ListTillsRequest, context: Any) -> pb.ListTillsResponse:
        return pb.ListTillsResponse(tills=map(_till, read.list_tills(self._sessions, current_caller())))

    def ListCashFloats(self, request: pb.ListCashFloatsRequest, context: Any) -> pb.ListCashFloatsResponse:
        found = floats.list_cash_floats(self._sessions, current_caller(), request.business_on, self._zone, now())
        return pb.ListCashFloatsResponse(cash_floats=map(_cash_float, found))

    def GetCashFloat(self, request: pb.GetCashFloatRequest, context: Any) -> pb.GetCashFloatResponse:
        cash_float_id = _uuid("cash_float_id", request.cash_float_id)
        whole = floats.get_cash_float(self._sessions, current_caller(), cash_float_id)
        return pb.GetCashFloatResponse(
            cash_float=_cash_float(whole.cash_float), movements=map(_movement, whole.movements),
            counts=[
                pb.FloatCount(at=_stamp(at), counted=counted, difference=off) for at, counted, off in whole.counts
            ],
        )  # fmt: skip

    def ValidateCashFloat(self, request: pb.ValidateCashFloatRequest, context: Any) -> pb.ValidateCashFloatResponse:
        _uuid("cash_float_id", request.cash_float_id)
        found = floats.validate_cash_float(self._sessions, current_caller(), request, now())
        return pb.ValidateCashFloatResponse(cash_float=_cash_float(found))

    def ListFloatsElsewhere(
        self, request: pb.ListFloatsElsewhereRequest, context: Any
    ) -> pb.ListFloatsElsewhereResponse:
        till_id = _uuid("till_id", request.till_id)
        found = floats.list_floats_elsewhere(self._sessions, current_caller(), till_id)
        return pb.ListFloatsElsewhereResponse(floats=map(_elsewhere, found))

    def GetTakings(self, request: pb.GetTakingsRequest, context: Any) -> pb.GetTakingsResponse:
        found, still_open = floats.get_takings(
            self._sessions, current_caller(), request.from_on, request.to_on, request.cashier_id
        )
        return pb.GetTakingsResponse(takings=map(_takings, found), open_floats=still_open)

    def ListEntries(self, request: pb.ListEntriesRequest, context: Any) -> pb.ListEntriesResponse:
        till_id = _uuid("till_id", request.till_id)
        entries = read.list_entries(self._sessions, current_caller(), till_id, request.from_sequence, request.page_size)
        return pb.ListEntriesResponse(entries=_entries(entries))

    def GetCompleteness(self, request: pb.GetCompletenessRequest, context: Any) -> pb.GetCompletenessResponse:
        till_id = _uuid("till_id", request.till_id)
        found = archives.get_completeness(self._sessions, self._seals, current_caller(), till_id)
        vouched = self._vouch()
        return pb.GetCompletenessResponse(
            till=_till(found.till), first_sequence=found.first, receipt=found.receipt,
            ranges=[
                pb.CountersignedRange(
                    first_sequence=each.first, last_sequence=each.last, receipts=each.receipts,
                    first_signed_at=_stamp(each.first_signed_at), last_signed_at=_stamp(each.last_signed_at),
                )
                for each in found.ranges
            ],
            missing=[pb.MissingRange(first_sequence=first, last_sequence=last) for first, last in found.missing],
            centre_key=ledger.centre_public_bytes(self._seals.public_key), centre_certificate=vouched.certificate,
            root_public_key=vouched.root_key,
        )  # fmt: skip

    def ListClosings(self, request: pb.ListClosingsRequest, context: Any) -> pb.ListClosingsResponse:
        found = archives.list_closings(self._sessions, current_caller(), _uuid("till_id", request.till_id))
        return pb.ListClosingsResponse(closings=map(_closing, found))

    def MakeArchive(self, request: pb.MakeArchiveRequest, context: Any) -> pb.MakeArchiveResponse:
        made = archives.make_archive(
            self._sessions, self._seals, self._tills, self._vouch, current_caller(),
            _uuid("till_id", request.till_id), request.closing_sequence, now(),
        )  # fmt: skip
        return pb.MakeArchiveResponse(closing=_closing(made))

    def ReadArchive(self, request: pb.ReadArchiveRequest, context: Any) -> pb.ReadArchiveResponse:
        if request.from_byte < 0:
            raise FieldInvalid("from_byte", "must not be negative")
        till_id = _uuid("till_id", request.till_id)
        piece = archives.read_archive(
            self._sessions, current_caller(), till_id, request.closing_sequence, request.from_byte
        )
        return pb.ReadArchiveResponse(content=piece)

    def _vouch(self) -> Vouched:
        """The root's word, asked for once. Raises Unavailable."""
        if self._vouched is None:
            self._vouched = Vouched(*self._certify(ledger.centre_public_bytes(self._seals.public_key)))
        return self._vouched

    def GetTotals(self, request: pb.GetTotalsRequest, context: Any) -> pb.GetTotalsResponse:
        totals = read.get_totals(self._sessions, current_caller(), request.business_on)
        return pb.GetTotalsResponse(
            sales=totals.sales, refunds=totals.refunds, total=totals.total, refunded=totals.refunded,
            admissions=totals.admissions, currency=totals.currency,
            vat=[sale_pb2.VatTotal(rate_bp=rate, net=net, vat=vat) for rate, net, vat in totals.vat],
            payments=[pb.PaymentTotal(mode=mode, amount=amount) for mode, amount in totals.payments],
        )  # fmt: skip


def _decision(request: pb.RecordDecisionRequest) -> ledger.Decision:
    names = ("request_id", "conflict_id", "decided", "author_id", "author_name", "reason", "performance_id")
    tickets = [
        {name: getattr(ticket, name) for name in ("key_id", "serial", "order_id", "fate", "now")}
        for ticket in request.tickets
    ]
    try:
        return ledger.Decision.from_body({name: getattr(request, name) for name in names} | {"tickets": tickets})
    except ledger.BadEntry as error:
        raise FieldInvalid(error.field, error.reason) from error


def _sale(message: sale_pb2.Sale) -> ledger.Sale | Refused:
    try:
        return sale_from_message(message, _UNNUMBERED)
    except ledger.BadEntry as error:
        return Refused(message.order_id, error.field, error.reason)


def _recorded(result: Recorded) -> pb.RecordedSale:
    if isinstance(result, Refused):
        facts = {"field": result.field, "why": result.why}
        return pb.RecordedSale(order_id=result.order_id, refusal=result.reason, facts=facts)
    return pb.RecordedSale(
        order_id=result.order_id, recorded=True, till_id=result.till_id, sequence=result.sequence, hash=result.hash,
        at=_stamp(result.at), order_number=result.order_number,
    )  # fmt: skip


def _till(till: Till) -> pb.TillJournal:
    return pb.TillJournal(
        till_id=till.till_id, number=till.number, name=till.name, is_virtual=till.is_virtual,
        frozen=till.frozen_reason is not None, frozen_reason=till.frozen_reason or "",
        last_sequence=till.last_sequence, last_hash=till.last_hash, last_received_at=_stamp(till.last_received_at),
        clock_offset_ms=till.clock_offset_ms, public_key=till.public_key,
        practice_of=till.practice_of or "", branch_of=till.branch_of or "", branch_from=till.branch_from or 0,
    )  # fmt: skip


def _closing(closing: KeptClosing) -> pb.Closing:
    return pb.Closing(
        sequence=closing.sequence, period=closing.period, number=closing.number, of=closing.of,
        first_sequence=closing.first, currency=closing.currency or "", sales=closing.sales, refunds=closing.refunds,
        total=closing.total, perpetual=closing.perpetual, perpetual_absolute=closing.perpetual_absolute,
        at=_stamp(closing.at), archive_sha256=closing.archive_sha256 or b"", archive_size=closing.archive_size or 0,
        archived_at=_stamp(closing.archived_at), archived_by=closing.archived_by or "",
    )  # fmt: skip


def _cash_float(found: CashFloat) -> pb.CashFloat:
    closed = found.closed_at is not None
    moved = [(kind, amount) for kind, amount in found.came.get(CASH, {}).items() if kind not in (SALES, REFUNDS)]
    word = found.validation
    return pb.CashFloat(
        cash_float_id=found.cash_float_id, cashier_id=found.cashier_id, till_id=found.opened_till_id or "",
        business_on=found.business_on.isoformat(), currency=found.currency, opening_total=found.opening_total,
        cash_sales=found.part(SALES), cash_refunds=found.part(REFUNDS), expected=found.expected, closed=closed,
        counted=found.counted or 0, difference=(found.counted or 0) - found.expected if closed else 0,
        opened_at=_stamp(found.opened_at), closed_at=_stamp(found.closed_at), cashier=found.cashier,
        held_till_id=found.held_till_id or "", moved=[pb.CashPart(kind=kind, amount=each) for kind, each in moved],
        modes=[_figures(found, mode, closed) for mode in found.modes], number=found.number or "",
        explanation=found.explanation or "", declarations=found.declarations, blind=found.blind,
        validated_by=word.by if word else "", validated_at=_stamp(word.at if word else None),
        remark=word.remark if word else "", waits=found.waits, sealed_expected=found.sealed_expected or 0,
    )  # fmt: skip


def _figures(found: CashFloat, mode: str, closed: bool) -> pb.ModeFigures:
    expected, declared = found.expected_of(mode), found.declared_of(mode)
    return pb.ModeFigures(
        mode=mode, expected=expected, declared=declared, difference=declared - expected if closed else 0
    )


def _movement(moved: Movement) -> pb.FloatMovement:
    return pb.FloatMovement(**vars(moved) | {"at": _stamp(moved.at)})


def _elsewhere(found: Elsewhere) -> pb.FloatElsewhere:
    told = {"business_on": found.business_on.isoformat(), "opened_at": _stamp(found.opened_at)}
    return pb.FloatElsewhere(**vars(found) | told)


def _takings(found: floats.Takings) -> pb.Takings:
    return pb.Takings(**vars(found), expected=found.expected, settles=found.settles)


def _entries(entries: Iterable[Any]) -> list[pb.SealedEntry]:
    return [
        pb.SealedEntry(
            sequence=e.sequence, content=e.content, signature=e.signature, algorithm=e.algorithm, hash=e.hash,
            received_at=_stamp(e.received_at),
        )
        for e in entries
    ]  # fmt: skip


def _stamp(at: datetime | None) -> Timestamp | None:
    if at is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp


def _instant(field: str, stamp: Timestamp) -> datetime:
    try:
        return stamp.ToDatetime(tzinfo=UTC)
    except ValueError as error:
        raise FieldInvalid(field, "is not an instant") from error


def _uuid(field: str, value: str) -> str:
    try:
        if str(UUID(value)) == value:
            return value
    except ValueError:
        pass
    raise FieldInvalid(field, "must be a UUID in lower case")
