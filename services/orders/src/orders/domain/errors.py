"""Refusals of orders, by their stable reason."""

from kit.errors import DomainError, Kind


class OrderNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "ORDER_NOT_FOUND"


class TicketNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "TICKET_NOT_FOUND"


class BarcodeUnreadable(DomainError):
    kind, reason = Kind.INVALID, "BARCODE_UNREADABLE"


class NoTickets(DomainError):
    """The order holds articles only, or all its tickets were refunded."""

    reason = "NO_TICKETS"


class PerformanceOver(DomainError):
    reason = "PERFORMANCE_OVER"


class PerformanceNotOnSale(DomainError):
    reason = "PERFORMANCE_NOT_ON_SALE"


class TariffNotOffered(DomainError):
    reason = "TARIFF_NOT_OFFERED"


class SeatUnknown(DomainError):
    """`facts["seats"]`: ordinals that the performance's plan does not have."""

    reason = "SEAT_UNKNOWN"


class SeatsOfOtherCategories(DomainError):
    """`facts["seats"]`: seats that the line's price category does not price."""

    reason = "SEATS_OF_OTHER_CATEGORIES"


class ProductNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "PRODUCT_NOT_FOUND"


class PriceChanged(DomainError):
    """`facts["total"]` is the right total."""

    reason = "PRICE_CHANGED"


class PaymentMismatch(DomainError):
    """`facts`: `total` to pay and what was `paid`."""

    kind, reason = Kind.INVALID, "PAYMENT_MISMATCH"


class HoldExpired(DomainError):
    """The places were held under this request too long ago: start again with a new request."""

    reason = "HOLD_EXPIRED"


class ReservationNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "RESERVATION_NOT_FOUND"


class ReservationEnded(DomainError):
    """`facts["state"]`: completed, cancelled or expired."""

    reason = "RESERVATION_ENDED"


class ReservationBeingPaid(DomainError):
    reason = "RESERVATION_BEING_PAID"


class ConflictNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "CONFLICT_NOT_FOUND"


class ConflictSettled(DomainError):
    reason = "CONFLICT_SETTLED"


class NothingToDecide(DomainError):
    """The decision does not fit this conflict."""

    reason = "NOTHING_TO_DECIDE"


class BeyondTolerance(DomainError):
    """`facts`: how many people more than its capacity the house lets in (`most`), and how many it would be (`over`)."""

    reason = "BEYOND_TOLERANCE"
