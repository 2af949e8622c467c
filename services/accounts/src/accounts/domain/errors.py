"""Everything that accounts refuses on purpose."""

from kit.errors import DomainError, Kind


class CredentialsWrong(DomainError):
    """The login or the password; which of the two is not said."""

    kind, reason = Kind.UNAUTHENTICATED, "CREDENTIALS_WRONG"


class TooManyAttempts(DomainError):
    """`facts["retry_seconds"]`: how long to wait."""

    kind, reason = Kind.THROTTLED, "TOO_MANY_ATTEMPTS"


class UserDisabled(DomainError):
    kind, reason = Kind.UNAUTHENTICATED, "USER_DISABLED"


class CredentialsChanged(DomainError):
    """The password was changed after this token's sign-in."""

    kind, reason = Kind.UNAUTHENTICATED, "CREDENTIALS_CHANGED"


class LoginTaken(DomainError):
    kind, reason = Kind.REFUSED, "LOGIN_TAKEN"


class LastAdministrator(DomainError):
    """Nobody could manage users any more."""

    kind, reason = Kind.REFUSED, "LAST_ADMINISTRATOR"


class ProfileNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "PROFILE_NOT_FOUND"


class UserNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "USER_NOT_FOUND"


class PasswordTooWeak(DomainError):
    kind, reason = Kind.INVALID, "PASSWORD_TOO_WEAK"


class PinInvalid(DomainError):
    kind, reason = Kind.INVALID, "PIN_INVALID"


class BadgeInvalid(DomainError):
    kind, reason = Kind.INVALID, "BADGE_INVALID"


class BadgeTaken(DomainError):
    """Somebody else wears it."""

    kind, reason = Kind.REFUSED, "BADGE_TAKEN"


class TillNumberTaken(DomainError):
    kind, reason = Kind.REFUSED, "TILL_NUMBER_TAKEN"


class TillNotFound(DomainError):
    kind, reason = Kind.NOT_FOUND, "TILL_NOT_FOUND"


class TillRevoked(DomainError):
    kind, reason = Kind.REFUSED, "TILL_REVOKED"


class TillReturned(DomainError):
    """It has handed everything in: its machine may be emptied."""

    kind, reason = Kind.REFUSED, "TILL_RETURNED"


class TillInService(DomainError):
    """A machine lives on as this till, with its journal: another one is another till."""

    kind, reason = Kind.REFUSED, "TILL_IN_SERVICE"


class TillNotInService(DomainError):
    kind, reason = Kind.REFUSED, "TILL_NOT_IN_SERVICE"


class EnrolmentCodeWrong(DomainError):
    """Unknown, used by another machine, or expired; which is not said to who may be guessing."""

    kind, reason = Kind.REFUSED, "ENROLMENT_CODE_WRONG"


class KeyInvalid(DomainError):
    """`facts["field"]` names the key."""

    kind, reason = Kind.INVALID, "KEY_INVALID"


class SignatureInvalid(DomainError):
    kind, reason = Kind.UNAUTHENTICATED, "SIGNATURE_INVALID"


class ClockSkewed(DomainError):
    """`facts["server_at"]` is the right time."""

    kind, reason = Kind.REFUSED, "CLOCK_SKEWED"
