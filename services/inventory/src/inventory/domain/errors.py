"""What the inventory refuses. The reasons of refused holds travel as they are (`HoldResult.refusal`)."""

from typing import Any

from kit.errors import DomainError, Kind

Facts = dict[str, Any]


class NotEnoughPlaces(DomainError):
    reason = "NOT_ENOUGH_PLACES"


class QuotaReached(DomainError):
    """`facts`: the quota's name, and how many places are left of it."""

    reason = "QUOTA_REACHED"


class NotEnoughStock(DomainError):
    reason = "NOT_ENOUGH_STOCK"


class StockPlaceNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "STOCK_PLACE_NOT_FOUND"


class StockPlaceClosed(DomainError):
    reason = "STOCK_PLACE_CLOSED"


class StockPlaceNotEmpty(DomainError):
    """`facts["articles"]`: how many articles still lie there, are held, or were sold before they were received."""

    reason = "STOCK_PLACE_NOT_EMPTY"


class StockPlaceNameTaken(DomainError):
    reason = "STOCK_PLACE_NAME_TAKEN"


class MainStockPlace(DomainError):
    """The main place is always there."""

    reason = "MAIN_STOCK_PLACE"


class PerformanceUnknown(DomainError):
    """No such performance, or one that is not on sale."""

    reason = "PERFORMANCE_UNKNOWN"


class SaleNotHereYet(DomainError):
    """A refund came before the sale that it refunds: the fact is on its way, so retry."""

    kind, reason = Kind.BUSY, "SALE_NOT_HERE_YET"


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


class SeatForWheelchairs(DomainError):
    """`facts["seats"]`: wheelchair spaces that nobody asked for as such."""

    reason = "SEAT_FOR_WHEELCHAIRS"


class CompanionAlone(DomainError):
    """`facts["seats"]`: companions' seats without their wheelchair space."""

    reason = "COMPANION_ALONE"


class TooNear(DomainError):
    """`facts["seats"]`: seats that must stay empty for the distance between groups."""

    reason = "TOO_NEAR"


class LeavesOrphans(DomainError):
    """`facts["seats"]`: single seats that nobody would buy."""

    reason = "LEAVES_ORPHANS"


class ContingentNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "CONTINGENT_NOT_FOUND"


class ContingentInUse(DomainError):
    """Places of it are sold, held or leased: their account must stay."""

    reason = "CONTINGENT_IN_USE"


class OtherPlan(DomainError):
    """The performance is sold by another plan version: its seats are not these."""

    reason = "OTHER_PLAN"


class QuotaNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "QUOTA_NOT_FOUND"


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


class NotYoursToGiveBack(DomainError):
    """An exchange names places that its hold did not sell, or that came back already."""

    reason = "NOT_YOURS_TO_GIVE_BACK"


class NotYourSeat(DomainError):
    """A sale is to leave a seat that it neither has nor lacks."""

    reason = "NOT_YOUR_SEAT"


class LeaseNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "LEASE_NOT_FOUND"


class LeaseNotActive(DomainError):
    reason = "LEASE_NOT_ACTIVE"


class LeaseOverused(DomainError):
    """A till says that it sold or gave back more than it ever had."""

    reason = "LEASE_OVERUSED"


class SeatsNotNamed(DomainError):
    """A till's report on a lease of seats says how many it sold, but not which."""

    reason = "SEATS_NOT_NAMED"
