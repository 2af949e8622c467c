"""The inventory's gRPC door: translate, call one use case, translate back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from sqlalchemy.orm import Session, sessionmaker

from inventory import usecases
from inventory.domain import Capacity, HoldLine, HoldWish, Lease, LeaseTerms, LeaseWish, StockLevel
from inventory.domain.contingents import Buyer, Contingent
from inventory.usecases.checks import number
from kit.auth import current_caller
from kit.clock import now
from seating import SeatState
from ticketing.inventory.v1 import inventory_service_pb2 as pb
from ticketing.inventory.v1 import inventory_service_pb2_grpc as rpc
from ticketing.inventory.v1.events_pb2 import LeaseRecalled

DEFAULT_HOLD_SECONDS = 600
_BLOCKS = {pb.BLOCK_KIND_HOUSE: SeatState.HOUSE, pb.BLOCK_KIND_KILLED: SeatState.KILLED}


class Api(rpc.InventoryServiceServicer):
    def __init__(self, sessions: sessionmaker[Session], terms: LeaseTerms) -> None:
        self._sessions, self._terms = sessions, terms
        self._desk = usecases.HoldDesk(sessions)

    def GetAvailability(self, request: pb.GetAvailabilityRequest, context: Any) -> pb.GetAvailabilityResponse:
        found = usecases.availabilities(self._sessions, current_caller(), request.performance_ids)
        return pb.GetAvailabilityResponse(availabilities=[_availability(capacity) for capacity in found])

    def HoldPlaces(self, request: pb.HoldPlacesRequest, context: Any) -> pb.HoldPlacesResponse:
        at = now()
        wishes = [_wish(f"holds[{i}]", hold, at) for i, hold in enumerate(request.holds)]
        return pb.HoldPlacesResponse(results=map(_result, self._desk.hold(current_caller(), wishes, at)))

    def ConfirmHolds(self, request: pb.ConfirmHoldsRequest, context: Any) -> pb.ConfirmHoldsResponse:
        found = self._desk.confirm(current_caller(), request.hold_ids, now())
        return pb.ConfirmHoldsResponse(results=map(_result, found))

    def ReleaseHolds(self, request: pb.ReleaseHoldsRequest, context: Any) -> pb.ReleaseHoldsResponse:
        self._desk.release(current_caller(), request.hold_ids, now())
        return pb.ReleaseHoldsResponse()

    def GetSeatStatus(self, request: pb.GetSeatStatusRequest, context: Any) -> pb.GetSeatStatusResponse:
        plan_version_id, seats = usecases.seat_status(self._sessions, current_caller(), request.performance_id)
        return pb.GetSeatStatusResponse(
            performance_id=request.performance_id, plan_version_id=plan_version_id, version=seats.version,
            states=seats.status.tobytes(), contingents=map(_contingent, seats.contingents.values()),
        )  # fmt: skip

    def SaveContingent(self, request: pb.SaveContingentRequest, context: Any) -> pb.SaveContingentResponse:
        def answer(saved: Contingent) -> pb.SaveContingentResponse:
            return pb.SaveContingentResponse(contingent=_contingent(saved))

        told = request.contingent
        until = told.release_at.ToDatetime(tzinfo=UTC) if told.HasField("release_at") else None
        wanted = Contingent(
            told.number, told.name, tuple(told.channels), tuple(told.points_of_sale), tuple(told.partners), until
        )
        return usecases.save_contingent(
            self._sessions, current_caller(), request, request.performance_id, wanted, pb.SaveContingentResponse,
            answer,
        )  # fmt: skip

    def AssignSeats(self, request: pb.AssignSeatsRequest, context: Any) -> pb.AssignSeatsResponse:
        def answer(version: int) -> pb.AssignSeatsResponse:
            return pb.AssignSeatsResponse(version=version)

        return usecases.assign_seats(
            self._sessions, current_caller(), request, request.performance_id, request.number, request.seats,
            pb.AssignSeatsResponse, answer,
        )  # fmt: skip

    def BlockSeats(self, request: pb.BlockSeatsRequest, context: Any) -> pb.BlockSeatsResponse:
        def answer(block_id: str, version: int) -> pb.BlockSeatsResponse:
            return pb.BlockSeatsResponse(block_id=block_id, version=version)

        return usecases.block_seats(
            self._sessions, current_caller(), request, request.performance_id, request.seats,
            _BLOCKS.get(request.kind), request.reason, pb.BlockSeatsResponse, answer,
        )  # fmt: skip

    def UnblockSeats(self, request: pb.UnblockSeatsRequest, context: Any) -> pb.UnblockSeatsResponse:
        def answer(version: int) -> pb.UnblockSeatsResponse:
            return pb.UnblockSeatsResponse(version=version)

        return usecases.unblock_seats(
            self._sessions, current_caller(), request, request.block_id, pb.UnblockSeatsResponse, answer
        )

    def SyncLeases(self, request: pb.SyncLeasesRequest, context: Any) -> pb.SyncLeasesResponse:
        holdings = [usecases.Holding(told.lease_id, told.used, told.returned, told.done) for told in request.holdings]
        wishes = [LeaseWish(wish.performance_id, wish.left, wish.needed) for wish in request.wishes]
        leases, capacities = usecases.sync_leases(
            self._sessions, current_caller(), request.till_id, holdings, wishes, now(), self._terms
        )
        return pb.SyncLeasesResponse(leases=map(_lease, leases), availabilities=map(_availability, capacities))

    def ListLeases(self, request: pb.ListLeasesRequest, context: Any) -> pb.ListLeasesResponse:
        found = usecases.list_leases(self._sessions, current_caller(), request.till_id, request.performance_id)
        return pb.ListLeasesResponse(leases=map(_lease, found))

    def RecallLease(self, request: pb.RecallLeaseRequest, context: Any) -> pb.RecallLeaseResponse:
        caller = current_caller()

        def event(lease: Lease, places: int) -> LeaseRecalled:
            return LeaseRecalled(
                lease_id=lease.lease_id, till_id=lease.till_id, performance_id=lease.performance_id, places=places,
                reason=request.reason, user_id=caller.subject,
            )  # fmt: skip

        def answer(lease: Lease) -> pb.RecallLeaseResponse:
            return pb.RecallLeaseResponse(lease=_lease(lease))

        return usecases.recall_lease(
            self._sessions, caller, request, request.lease_id, request.reason, pb.RecallLeaseResponse, answer, event
        )

    def MoveStock(self, request: pb.MoveStockRequest, context: Any) -> pb.MoveStockResponse:
        def answer(level: StockLevel) -> pb.MoveStockResponse:
            return pb.MoveStockResponse(level=_level(level))

        return usecases.move_stock(
            self._sessions, current_caller(), request, (request.product_id, request.option), request.quantity,
            request.cause, request.note, pb.MoveStockResponse, answer,
        )  # fmt: skip

    def ListStock(self, request: pb.ListStockRequest, context: Any) -> pb.ListStockResponse:
        return pb.ListStockResponse(levels=map(_level, usecases.list_stock(self._sessions, current_caller())))


def _wish(path: str, hold: pb.HoldRequest, at: datetime) -> HoldWish:
    number(f"{path}.hold_seconds", hold.hold_seconds or DEFAULT_HOLD_SECONDS, 10, 3600)
    lines = tuple(
        HoldLine(
            line.performance_id, line.product_id, line.option, line.quantity, tuple(line.seats),
            tuple(line.categories), line.wheelchairs, line.together,
        )
        for line in hold.lines
    )  # fmt: skip
    until = at + timedelta(seconds=hold.hold_seconds or DEFAULT_HOLD_SECONDS)
    buyer = Buyer(hold.buyer.channel, hold.buyer.point_of_sale_id, hold.buyer.partner)
    return HoldWish(hold.hold_id, lines, until, buyer)


def _result(outcome: usecases.Outcome) -> pb.HoldResult:
    until = None if outcome.held_until is None else _timestamp(outcome.held_until)
    return pb.HoldResult(
        hold_id=outcome.hold_id, granted=not outcome.refusal, held_until=until, refusal=outcome.refusal,
        facts=outcome.facts, seats=[pb.HeldSeats(performance_id=one, seats=seats) for one, seats in outcome.seats],
    )  # fmt: skip


def _availability(capacity: Capacity) -> pb.Availability:
    return pb.Availability(
        performance_id=capacity.performance_id, total=capacity.total, sold=capacity.sold, held=capacity.held,
        leased=capacity.leased, free=capacity.free,
    )  # fmt: skip


def _contingent(contingent: Contingent) -> pb.Contingent:
    until = contingent.release_at and _timestamp(contingent.release_at)
    return pb.Contingent(
        number=contingent.number, name=contingent.name, channels=contingent.channels,
        points_of_sale=contingent.points_of_sale, partners=contingent.partners, release_at=until,
    )  # fmt: skip


def _lease(lease: Lease) -> pb.Lease:
    return pb.Lease(
        lease_id=lease.lease_id, till_id=lease.till_id, performance_id=lease.performance_id, granted=lease.granted,
        returned=lease.returned, used=lease.used, epoch=lease.epoch, expires_at=_timestamp(lease.expires_at),
        state=int(lease.state),  # type: ignore[arg-type]
    )  # fmt: skip


def _level(level: StockLevel) -> pb.StockLevel:
    return pb.StockLevel(product_id=level.product_id, option=level.option, on_hand=level.on_hand, held=level.held)


def _timestamp(at: datetime) -> Timestamp:
    return Timestamp(seconds=int(at.timestamp()), nanos=at.microsecond * 1000)
