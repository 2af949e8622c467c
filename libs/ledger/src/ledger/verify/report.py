"""What can be said of a file, and where."""

from dataclasses import dataclass, field
from enum import StrEnum


class Mark(StrEnum):
    """What an inspector can be told. The first ones are of the file, then of entries, then of totals and receipts."""

    NOT_A_JOURNAL = "not_a_journal"  # not such a file at all
    BAD_LINE = "bad_line"
    NO_SEAL = "no_seal"  # an archive without its last line: truncated
    SEAL_BROKEN = "seal_broken"
    AFTER_THE_SEAL = "after_the_seal"
    ROOT_UNKNOWN = "root_unknown"  # not the root that was named on the command line
    CENTRE_NOT_CERTIFIED = "centre_not_certified"
    BAD_KEY = "bad_key"
    BAD_SIGNATURE = "bad_signature"
    BAD_ENTRY = "bad_entry"
    WRONG_TILL = "wrong_till"
    GAP = "gap"
    BROKEN_CHAIN = "broken_chain"
    FORK = "fork"
    REPEATED = "repeated"
    OUT_OF_ORDER = "out_of_order"
    TRUNCATED = "truncated"  # fewer entries than the header or a receipt says
    BAD_BODY = "bad_body"
    CLOSING_WRONG = "closing_wrong"
    BAD_RECEIPT = "bad_receipt"
    RECEIPT_CONTRADICTS = "receipt_contradicts"  # the centre countersigned another entry under that number
    NOT_COUNTERSIGNED = "not_countersigned"


@dataclass(frozen=True)
class Remark:
    """One thing that does not hold, at an entry, or of the whole file (0)."""

    sequence: int
    mark: Mark
    detail: str = ""


@dataclass
class Report:
    """What was read, and all that does not hold. `notes` name what could not be proved and is not wrong for that."""

    till: str = ""
    till_id: str = ""
    kind: str = ""
    of: str = ""
    first: int = 0
    last: int = 0
    entries: int = 0
    closings: int = 0
    countersigned: int = 0
    root: str = ""
    is_training: bool = False
    perpetual: int = 0
    perpetual_absolute: int = 0
    currency: str = ""
    remarks: list[Remark] = field(default_factory=list)
    notes: list[Mark] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        return not self.remarks

    def remark(self, sequence: int, mark: Mark, detail: str = "") -> None:
        self.remarks.append(Remark(sequence, mark, detail))
