"""Refusals of the till. Reasons are those of its HTTP API."""

from kit.errors import DomainError, Kind


class ProxyRefused(DomainError):
    """The proxy on the way to the centre wants other credentials. To the till it is as a centre that is away."""

    kind, reason = Kind.UNAVAILABLE, "PROXY_REFUSED"


class NotEnrolled(DomainError):
    kind, reason = Kind.REFUSED, "NOT_ENROLLED"


class AlreadyEnrolled(DomainError):
    kind, reason = Kind.REFUSED, "ALREADY_ENROLLED"


class TrainingState(DomainError):
    """Training was asked to begin while it goes on, or to end when it does not."""

    kind, reason = Kind.REFUSED, "TRAINING_STATE"


class NotSignedIn(DomainError):
    kind, reason = Kind.UNAUTHENTICATED, "NOT_SIGNED_IN"


class CashierNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "CASHIER_NOT_FOUND"


class PinWrong(DomainError):
    """`facts["attempts_left"]` before the next wait."""

    kind, reason = Kind.UNAUTHENTICATED, "PIN_WRONG"


class BadgeUnknown(DomainError):
    """Nobody of the roster wears it; `facts["attempts_left"]` before the next wait."""

    kind, reason = Kind.UNAUTHENTICATED, "BADGE_UNKNOWN"


class PinThrottled(DomainError):
    """`facts["retry_seconds"]` until the next try is allowed."""

    kind, reason = Kind.THROTTLED, "PIN_THROTTLED"


class OverrideNeeded(DomainError):
    """`facts["right"]` is missing; `facts["people"]` are the names of those who may give leave."""

    kind, reason = Kind.FORBIDDEN, "OVERRIDE_NEEDED"


class FloatAlreadyOpen(DomainError):
    kind, reason = Kind.REFUSED, "FLOAT_ALREADY_OPEN"


class FloatNotOpen(DomainError):
    kind, reason = Kind.REFUSED, "FLOAT_NOT_OPEN"


class FloatNotDeclared(DomainError):
    """A float is closed by its last count, which must be of what it holds now: count it (again)."""

    kind, reason = Kind.REFUSED, "FLOAT_NOT_DECLARED"


class DifferenceUnexplained(DomainError):
    kind, reason = Kind.INVALID, "DIFFERENCE_UNEXPLAINED"


class OwnSignature(DomainError):
    """The second signature must be another person's."""

    kind, reason = Kind.FORBIDDEN, "OWN_SIGNATURE"


class FloatNotOnItsWay(DomainError):
    """No float of this person is known here as having left another till."""

    kind, reason = Kind.NOT_FOUND, "FLOAT_NOT_ON_ITS_WAY"


class SeatsNotAtHand(DomainError):
    """`facts["seats"]`, ordinals of `facts["performance"]`, that this till has no right to sell: it must ask first."""

    kind, reason = Kind.REFUSED, "SEATS_NOT_AT_HAND"


class NoTerminal(DomainError):
    """This till has no payment terminal at work."""

    kind, reason = Kind.REFUSED, "NO_TERMINAL"


class TerminalBusy(DomainError):
    """Another payment is at the terminal."""

    kind, reason = Kind.REFUSED, "TERMINAL_BUSY"


class PaymentNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "PAYMENT_NOT_FOUND"


class PaymentState(DomainError):
    """What became of the payment is known already: `facts["state"]`."""

    kind, reason = Kind.REFUSED, "PAYMENT_STATE"


class PaymentInDoubt(DomainError):
    """Something was asked of the terminal for this sale, and nobody knows yet what came of it: never ask twice."""

    kind, reason = Kind.REFUSED, "PAYMENT_IN_DOUBT"


class PaymentNotUsable(DomainError):
    """The terminal did not take this money, or it is sold for or given back already."""

    kind, reason = Kind.REFUSED, "PAYMENT_NOT_USABLE"


class PaymentForgotten(DomainError):
    """The terminal took `facts["amount"]` for this sale, which does not name it."""

    kind, reason = Kind.REFUSED, "PAYMENT_FORGOTTEN"


class PlanNotHere(DomainError):
    """The plan of a numbered performance has not come from the centre yet."""

    kind, reason = Kind.REFUSED, "PLAN_NOT_HERE"


class ProductUnknown(DomainError):
    """A product, performance or tariff that this till does not sell."""

    kind, reason = Kind.INVALID, "PRODUCT_UNKNOWN"


class QuantityOutOfRange(DomainError):
    kind, reason = Kind.INVALID, "QUANTITY_OUT_OF_RANGE"


class PaymentMismatch(DomainError):
    kind, reason = Kind.INVALID, "PAYMENT_MISMATCH"


class PerformanceOver(DomainError):
    kind, reason = Kind.REFUSED, "PERFORMANCE_OVER"


class PriceChanged(DomainError):
    """The total is not the one that was shown; `facts["total"]` is the right one."""

    kind, reason = Kind.REFUSED, "PRICE_CHANGED"


class NotEnoughPlaces(DomainError):
    """The lease has fewer places than asked; `facts["left"]` of `facts["performance"]`."""

    kind, reason = Kind.REFUSED, "NOT_ENOUGH_PLACES"


class ClockWrong(DomainError):
    """The clock stands before the last entry of the journal."""

    kind, reason = Kind.REFUSED, "CLOCK"


class TillFrozen(DomainError):
    """The centre refuses this till's journal: a person must decide; `facts["cause"]`."""

    kind, reason = Kind.REFUSED, "TILL_FROZEN"


class TillLeaving(DomainError):
    """The centre has asked this till back: it sells no more."""

    kind, reason = Kind.REFUSED, "TILL_LEAVING"


class CertificateExhausted(DomainError):
    """The ticket certificate allows no more tickets, or has expired: the till must reach the centre first."""

    kind, reason = Kind.REFUSED, "CERTIFICATE_EXHAUSTED"


class SaleNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "SALE_NOT_FOUND"


class SaleOfAnotherTill(DomainError):
    """Only the till that sold can tell what of a sale is still to be refunded: its journal is the proof (5.5)."""

    kind, reason = Kind.NOT_FOUND, "SALE_OF_ANOTHER_TILL"


class NothingToRefund(DomainError):
    """It came back before."""

    kind, reason = Kind.REFUSED, "NOTHING_TO_REFUND"


class AmountChanged(DomainError):
    """Something came back since the amount was shown; `facts["total"]` is the right one."""

    kind, reason = Kind.REFUSED, "AMOUNT_CHANGED"


class NotEnoughCash(DomainError):
    """The drawer should hold less than is to be given back; `facts["left"]` is what it should hold."""

    kind, reason = Kind.REFUSED, "NOT_ENOUGH_CASH"


class PageNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "PAGE_NOT_FOUND"


class MessageNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "MESSAGE_NOT_FOUND"


class QuestionUnanswered(DomainError):
    """`facts["question"]` must be answered before the sale."""

    reason = "QUESTION_UNANSWERED"


class JobNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "JOB_NOT_FOUND"


class JobStateWrong(DomainError):
    """What was asked of a print job does not suit its state; `facts["state"]`."""

    kind, reason = Kind.REFUSED, "JOB_STATE"


class TicketNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "TICKET_NOT_FOUND"


class TicketNotReissuable(DomainError):
    """`facts["why"]`: key, counter or refunded."""

    kind, reason = Kind.REFUSED, "TICKET_NOT_REISSUABLE"


class ReceiptInvalid(DomainError):
    """The centre's receipt for what was sent does not hold: not its key, or not these entries."""

    kind, reason = Kind.REFUSED, "RECEIPT_INVALID"


class NotClaimed(DomainError):
    """A reserved file that is not, or no longer, this till's to take the money of."""

    kind, reason = Kind.REFUSED, "NOT_CLAIMED"
