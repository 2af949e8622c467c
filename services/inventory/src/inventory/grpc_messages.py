"""The inventory's messages, into its domain and back."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from inventory.domain import GivenBack, HoldLine, HoldWish, Lease, LeaseReport, LeaseWish, SoldLine
from inventory.domain.contingents import Buyer, Contingent, Quota, Sellers
from inventory.domain.seating_rules import SeatingRules
from inventory.store import Block
from inventory.usecases import Copied, Outcome, Parts
from inventory.usecases.availability import Standing
from inventory.usecases.checks import number
from inventory.usecases.leases import LeaseRefusal
from seating import SeatState
from seating.distance import Distance
from ticketing.inventory.v1 import inventory_service_pb2 as pb

DEFAULT_HOLD_SECONDS, LONGEST_HOLD_SECONDS = 600, 3600
LONGEST_OPTION_SECONDS = 400 * 86_400  # a season and its sales
BLOCKS = {pb.BLOCK_KIND_HOUSE: SeatState.HOUSE, pb.BLOCK_KIND_KILLED: SeatState.KILLED}
_BLOCK_KINDS = {int(state): kind for kind, state in BLOCKS.items()}


def wish(path: str, hold: pb.HoldRequest, at: datetime) -> HoldWish:
    """Raises FieldInvalid."""
    seconds = hold.hold_seconds or DEFAULT_HOLD_SECONDS
    number(f"{path}.hold_seconds", seconds, 10, longest_hold(hold.option))
    lines = tuple(
        HoldLine(
            line.performance_id, line.product_id, line.option, line.quantity, tuple(line.seats),
            tuple(line.categories), line.wheelchairs, line.together, dict(line.prices), line.budget,
        )
        for line in hold.lines
    )  # fmt: skip
    gives_back = tuple(GivenBack(x.hold_id, x.performance_id, x.quantity, tuple(x.seats)) for x in hold.gives_back)
    seller = Buyer(hold.buyer.channel, hold.buyer.point_of_sale_id, hold.buyer.partner)
    until = at + timedelta(seconds=seconds)
    return HoldWish(
        hold.hold_id, lines, until, seller, hold.replaces, gives_back, hold.orphans_allowed, hold.option,
    )  # fmt: skip


def longest_hold(option: bool) -> int:
    """For how many seconds a basket, or an option, may hold places."""
    return LONGEST_OPTION_SECONDS if option else LONGEST_HOLD_SECONDS


def result(outcome: Outcome) -> pb.HoldResult:
    until = None if outcome.held_until is None else _timestamp(outcome.held_until)
    return pb.HoldResult(
        hold_id=outcome.hold_id, granted=not outcome.refusal, held_until=until, refusal=outcome.refusal,
        facts=outcome.facts,
        seats=[pb.HeldSeats(performance_id=x.performance_id, seats=x.seats, orphans=x.orphans) for x in outcome.seats],
    )  # fmt: skip


def reseated(request: pb.ReseatSaleRequest) -> SoldLine:
    """The one seat of a sealed line that is to be another."""
    return SoldLine(
        request.order_id, request.line, request.till_id, request.performance_id, "", "", 1, request.lease_id,
        request.hold_id, (request.seat,),
    )  # fmt: skip


def availability(it: Standing) -> pb.Availability:
    capacity = it.capacity
    return pb.Availability(
        performance_id=capacity.performance_id, total=capacity.total, sold=capacity.sold, held=capacity.held,
        leased=capacity.leased, free=capacity.free, set_apart=it.set_apart, blocked=it.blocked, missing=it.missing,
    )  # fmt: skip


def contingent(it: Contingent, seats: int = 0) -> pb.Contingent:
    return pb.Contingent(
        number=it.number, name=it.name, channels=it.sellers.channels, points_of_sale=it.sellers.points_of_sale,
        partners=it.sellers.partners, release_at=it.release_at and _timestamp(it.release_at), places=it.places,
        taken=it.taken, seats=seats,
    )  # fmt: skip


def contingent_from(told: pb.Contingent) -> Contingent:
    sellers = Sellers(tuple(told.channels), tuple(told.points_of_sale), tuple(told.partners))
    return Contingent(told.number, told.name, sellers, _moment(told, "release_at"), told.places)


def quota(it: Quota) -> pb.Quota:
    return pb.Quota(
        number=it.number, name=it.name, contingent=it.contingent, channels=it.sellers.channels,
        points_of_sale=it.sellers.points_of_sale, partners=it.sellers.partners, at_most=it.at_most, taken=it.taken,
    )  # fmt: skip


def quota_from(told: pb.Quota) -> Quota:
    sellers = Sellers(tuple(told.channels), tuple(told.points_of_sale), tuple(told.partners))
    return Quota(told.number, told.name, sellers, told.at_most, told.contingent)


def seating_rules(it: SeatingRules) -> pb.SeatingRules:
    until = it.wheelchairs_release_at
    return pb.SeatingRules(
        orphans_refused_on=it.orphans_refused_on, orphans_below=it.orphans_below, distance_seats=it.distance.seats,
        distance_rows=it.distance.rows, wheelchairs_release_at=until and _timestamp(until),
    )  # fmt: skip


def seating_rules_from(told: pb.SeatingRules) -> SeatingRules:
    return SeatingRules(
        tuple(told.orphans_refused_on), told.orphans_below, Distance(told.distance_seats, told.distance_rows),
        _moment(told, "wheelchairs_release_at"),
    )  # fmt: skip


def block(it: Block) -> pb.Block:
    return pb.Block(
        block_id=it.block_id, kind=_BLOCK_KINDS[it.state], seats=it.seats, reason=it.reason, user_id=it.user_id,
        blocked_at=_timestamp(it.blocked_at),
    )  # fmt: skip


def copy_request(request_id: str, performance_id: str, to: str, parts: Parts) -> pb.CopyPoolsRequest:
    """The part of a request that is about one target."""
    return pb.CopyPoolsRequest(
        request_id=request_id, performance_id=performance_id, to_performance_ids=[to], contingents=parts.contingents,
        quotas=parts.quotas, seating_rules=parts.rules, blocks=parts.blocks,
    )  # fmt: skip


def copied(it: Copied) -> pb.CopyResult:
    return pb.CopyResult(performance_id=it.performance_id, refusal=it.refusal, facts=it.facts)


def lease(it: Lease, wanted_back: int = 0) -> pb.Lease:
    return pb.Lease(
        lease_id=it.lease_id, till_id=it.till_id, performance_id=it.performance_id, granted=it.granted,
        returned=it.returned, used=it.used, epoch=it.epoch, expires_at=_timestamp(it.expires_at),
        state=int(it.state),  # type: ignore[arg-type]
        seats=it.seats, wanted_back=wanted_back,
    )  # fmt: skip


def lease_report(told: pb.LeaseHolding) -> LeaseReport:
    return LeaseReport(
        told.lease_id,
        told.used,
        told.returned,
        told.done,
        tuple(told.returned_seats),
        tuple(told.sold_seats),
        told.epoch,
    )


def lease_wish(told: pb.LeaseWish) -> LeaseWish:
    return LeaseWish(
        told.performance_id, told.left, told.needed, tuple(told.categories), told.seats, tuple(told.named_seats)
    )


def lease_refusal(it: LeaseRefusal) -> pb.LeaseRefusal:
    facts = {name: str(value) for name, value in it.why.facts.items()}
    return pb.LeaseRefusal(performance_id=it.performance_id, reason=it.why.reason, facts=facts)


def _moment(told: pb.Contingent | pb.SeatingRules, field: str) -> datetime | None:
    at: Timestamp = getattr(told, field)
    return at.ToDatetime(tzinfo=UTC) if told.HasField(field) else None


def _timestamp(at: datetime) -> Timestamp:
    return Timestamp(seconds=int(at.timestamp()), nanos=at.microsecond * 1000)
