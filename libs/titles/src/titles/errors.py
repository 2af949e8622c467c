"""What can be wrong with a title or a certificate."""


class TitleError(ValueError):
    """Any fault of a token, a certificate, a key or a code."""


class InvalidToken(TitleError):
    """A field that the token's layout cannot carry."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Unreadable(TitleError):
    """Text that is not a token, or not a human code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadCertificate(TitleError):
    """A certificate that is malformed, out of range, or not signed by the root."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class BadKey(TitleError):
    """Bytes that are no Ed25519 key."""


class BadDelta(TitleError):
    """A revocation delta that is malformed, or not signed by a certified central key."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class MissedDelta(TitleError):
    """Entries between what is known and what a delta tells were never seen: ask for those after `known`."""

    def __init__(self, known: int, after: int) -> None:
        super().__init__(f"known up to entry {known}, and this tells what follows entry {after}")
        self.known = known
        self.after = after


class BadEntryLine(TitleError):
    """A line of an entries file that is no entry."""
