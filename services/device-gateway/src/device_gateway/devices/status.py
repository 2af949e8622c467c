"""What a device says of itself (peripherals 1.2). Silence is not ready."""

from dataclasses import dataclass
from enum import StrEnum

# What a printer waits out with its job in hand.
HELD = frozenset({"paper_out", "cover_open", "head_hot", "ribbon_out"})


class Condition(StrEnum):
    READY = "ready"
    ATTENTION = "attention"  # works, but not for long
    BLOCKED = "blocked"  # a person must do something
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Status:
    """A device's condition with its causes, such as paper_out; `raw` are the bytes that said so."""

    condition: Condition
    causes: tuple[str, ...] = ()
    raw: bytes = b""

    @property
    def can_print(self) -> bool:
        return self.condition in (Condition.READY, Condition.ATTENTION)

    @property
    def holds_paper(self) -> bool:
        """It will print what it holds once somebody has seen to it, by itself."""
        return self.condition is Condition.BLOCKED and bool(HELD & set(self.causes))


UNASKED = Status(Condition.UNKNOWN, ("not_asked",))
