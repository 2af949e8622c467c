"""What happens at the till this moment, for screens that follow it: the customer's display, codes from a reader."""

import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

KEPT = 50
SCANNED = "scanned"  # kind of news: a code was read


@dataclass(frozen=True)
class ShownLine:
    """A line of the sale, as the customer reads it."""

    label: str
    sublabel: str
    quantity: int
    total: int


@dataclass(frozen=True)
class Shown:
    """What the customer sees. `state`: closed, welcome, basket, paying, done. Amounts in minor units."""

    state: str = "closed"
    lines: tuple[ShownLine, ...] = ()
    newest: int = 0  # which of the lines was touched last
    total: int = 0
    due: int = 0
    tendered: int = 0
    change: int = 0


@dataclass(frozen=True)
class News:
    """Number `number` since the till started. `kind`: scanned."""

    number: int
    kind: str
    data: Any


class Live:
    """One for the machine: the training till and the real one have the same customer before them."""

    def __init__(self) -> None:
        self._told = threading.Condition()
        self._shown = Shown()
        self._showings = 0
        self._news: deque[News] = deque(maxlen=KEPT)
        self._number = 0
        self._closing = False

    @property
    def shown(self) -> Shown:
        return self._shown

    @property
    def showings(self) -> int:
        """How often what is shown has changed."""
        return self._showings

    @property
    def number(self) -> int:
        """Of the latest news."""
        return self._number

    @property
    def is_closing(self) -> bool:
        return self._closing

    def show(self, shown: Shown) -> None:
        with self._told:
            if shown != self._shown:
                self._shown = shown
                self._showings += 1
                self._told.notify_all()

    def tell(self, kind: str, data: Any) -> None:
        with self._told:
            self._number += 1
            self._news.append(News(self._number, kind, data))
            self._told.notify_all()

    def wait(self, showings: int, number: int, seconds: float) -> tuple[int, Shown, list[News]]:
        """Until another thing is shown than at `showings`, or there is news after `number`; at most `seconds`."""
        with self._told:
            self._told.wait_for(lambda: self._showings != showings or self._number > number, seconds)
            return self._showings, self._shown, [each for each in self._news if each.number > number]

    def nudge(self) -> None:
        """Whoever waits looks again: something beside the news has changed."""
        with self._told:
            self._showings += 1
            self._told.notify_all()

    def close(self) -> None:
        """The till stops: streams end when they next look. It takes no lock, since a signal's handler calls it."""
        self._closing = True
