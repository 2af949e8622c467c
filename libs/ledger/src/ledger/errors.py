"""What can be wrong with a journal. Each error names the place and the reason."""


class LedgerError(ValueError):
    """Any fault of a key, an entry or a chain."""


class NotCanonical(LedgerError):
    """A value that has no canonical bytes, or bytes that are not canonical. `path` is like `lines[0].total`."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class BadEntry(LedgerError):
    """A field that is missing, unknown, out of range, or does not add up. `field` is like `lines[0].total`."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class BadSignature(LedgerError):
    """The bytes were not signed by this key."""


class BadKey(LedgerError):
    """Bytes that are no key of the kind expected."""


class Gap(LedgerError):
    """One or more entries are missing: `expected` is the first of them."""

    def __init__(self, expected: int) -> None:
        super().__init__(f"entry {expected} is missing")
        self.expected = expected


class Fork(LedgerError):
    """A till wrote two entries with the same number: it was copied or restored, and a person must decide."""

    def __init__(self, sequence: int) -> None:
        super().__init__(f"entry {sequence} was already written otherwise")
        self.sequence = sequence


class BrokenChain(LedgerError):
    """The entry does not name the hash of the one before it."""

    def __init__(self, sequence: int) -> None:
        super().__init__(f"entry {sequence} does not follow the entry before it")
        self.sequence = sequence
