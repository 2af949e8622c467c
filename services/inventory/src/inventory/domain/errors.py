"""What the inventory refuses. The reasons of refused holds travel as they are (`HoldResult.refusal`)."""

from typing import Any

from kit.errors import DomainError, Kind

Facts = dict[str, Any]


class NotEnoughPlaces(DomainError):
    reason = "NOT_ENOUGH_PLACES"


class NotEnoughStock(DomainError):
    reason = "NOT_ENOUGH_STOCK"


class PerformanceUnknown(DomainError):
    """No such performance, or one that is not on sale."""

    reason = "PERFORMANCE_UNKNOWN"


class PerformanceNotHereYet(DomainError):
    """A sale came before the performance that it is for: the fact is on its way, so retry."""

    kind, reason = Kind.BUSY, "PERFORMANCE_NOT_HERE_YET"


class NotNumbered(DomainError):
    """A performance of free seating has no seats to speak of."""

    reason = "NOT_NUMBERED"


class PlanNotHereYet(DomainError):
    """The performance's plan is on its way from the catalogue."""

    reason = "PLAN_NOT_HERE_YET"


class SeatUnknown(DomainError):
    reason = "SEAT_UNKNOWN"


class SeatTaken(DomainError):
    """`facts["seats"]`: ordinals of those that are taken, at most twenty."""

    reason = "SEAT_TAKEN"


class SeatNotForYou(DomainError):
    """`facts["seats"]`: ordinals of seats that are set apart for others, at most twenty."""

    reason = "SEAT_NOT_FOR_YOU"


class ContingentNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "CONTINGENT_NOT_FOUND"


class SeatsApart(DomainError):
    """There are seats, but one of three or more would sit alone."""

    reason = "WOULD_LEAVE_ONE_ALONE"


class SeatsNotTogether(DomainError):
    reason = "NOT_TOGETHER"


class NoWheelchairSpace(DomainError):
    reason = "NO_WHEELCHAIR_SPACE"


class BlockNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "BLOCK_NOT_FOUND"


class HoldReused(DomainError):
    """The same hold id came with other lines."""

    reason = "HOLD_REUSED"


class HoldNotFound(DomainError):
    reason = "HOLD_NOT_FOUND"


class HoldExpired(DomainError):
    """The hold ran out, and its places are gone."""

    reason = "HOLD_EXPIRED"


class LeaseNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "LEASE_NOT_FOUND"


class LeaseNotActive(DomainError):
    reason = "LEASE_NOT_ACTIVE"


class LeaseOverused(DomainError):
    """A till says that it sold or gave back more than it ever had."""

    reason = "LEASE_OVERUSED"
