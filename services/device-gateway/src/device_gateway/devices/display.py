"""The customer's display of two lines by twenty characters (C3, peripherals 6), and what stands on it.

1B 40  initialise    1F 43 00  no cursor    1F 01  overwrite    1B 74 n  code table    1F 24 x y  to column x of line y

It never answers: that the line took the text is all that is known of it.
"""

import threading
import unicodedata
from collections.abc import Callable

from device_gateway.devices.registry import Options
from device_gateway.devices.status import UNASKED, Condition, Status
from device_gateway.devices.transport import Transport, TransportError
from device_gateway.live import Live, Shown
from kit.telemetry import log

WIDTH = 20
LOOK_SECONDS = 2.0
# ESC t n -> how text is written with it. Without the option, letters are folded to ASCII: every model has that.
CODE_TABLES = {0: "cp437", 2: "cp850", 16: "cp1252", 19: "cp858"}
_UNFOLDED = str.maketrans({
    "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "ß": "ss", "€": "EUR", "’": "'", "‘": "'", "“": '"', "”": '"',
    "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "·": ".", "\u00a0": " ", "\u202f": " ", "×": "x",
})  # fmt: skip
_WIDER = {ord(each): _UNFOLDED[ord(each)] for each in "œŒæÆß…€\u00a0\u202f"}  # more than one place, or none that shows
_WORDS = {
    "fr": {"closed": "Caisse fermée", "welcome": "Bienvenue", "total": "Total", "due": "À payer", "given": "Reçu",
           "change": "À rendre", "paid": "Payé", "thanks": "Merci"},
    "en": {"closed": "Till closed", "welcome": "Welcome", "total": "Total", "due": "To pay", "given": "Received",
           "change": "Change", "paid": "Paid", "thanks": "Thank you"},
}  # fmt: skip


def rows(shown: Shown, name: str, language: str = "fr") -> tuple[str, str]:
    """The two lines, each exactly as wide as the display. `name` is the organiser's."""
    words = _WORDS[language]
    match shown.state:
        case "basket" if shown.lines:
            line = shown.lines[min(shown.newest, len(shown.lines) - 1)]
            label = line.label if line.quantity == 1 else f"{line.quantity} x {line.label}"
            return _row(label, line.total), _row(words["total"], shown.total)
        case "paying" if shown.change:
            return _row(words["given"], shown.tendered), _row(words["change"], shown.change)
        case "paying":
            return _row(words["total"], shown.total), _row(words["due"], shown.due)
        case "done":
            last = _row(words["change"], shown.change) if shown.change else _middle(words["thanks"])
            return _row(words["paid"], shown.total), last
        case "closed":
            return _middle(words["closed"]), _middle(name)
    return _middle(name), _middle(words["welcome"])


def _row(label: str, amount: int) -> str:
    """A label to the left, cut where the amount to the right needs the room."""
    digits = f"{amount // 100},{amount % 100:02d}"
    room = WIDTH - len(digits) - 1
    return f"{_one_each(label)[:room]:<{room}} {digits}"


def _middle(text: str) -> str:
    return f"{_one_each(text)[:WIDTH]:^{WIDTH}}"


def _one_each(text: str) -> str:
    """One character in each place: no accent that stands alone, none that takes two places, no control character."""
    composed = unicodedata.normalize("NFC", text).translate(_WIDER)
    return "".join(each for each in composed if each.isprintable() and not unicodedata.combining(each))


def encode(text: str, code_table: int | None) -> bytes:
    """One byte for each character, so that lines keep their width; what the table lacks is folded to ASCII."""
    return b"".join(_byte(each, CODE_TABLES.get(code_table) if code_table is not None else None) for each in text)


def _byte(character: str, encoding: str | None) -> bytes:
    if encoding is not None:
        try:
            return character.encode(encoding)
        except UnicodeEncodeError:
            pass
    folded = unicodedata.normalize("NFKD", character.translate(_UNFOLDED))
    ascii_only = "".join(each for each in folded if " " <= each <= "~")
    return ascii_only[:1].encode() or b"?"


class CustomerDisplay:
    """The driver. Raises ValueError for an option that is wrong, TransportError when the line is gone."""

    def __init__(self, transport: Transport, options: Options) -> None:
        table, self.language = options.get("code_table"), str(options.get("language", "fr"))
        if table is not None and table not in CODE_TABLES:
            raise ValueError(f"code_table must be one of {', '.join(map(str, CODE_TABLES))}")
        if self.language not in _WORDS:
            raise ValueError(f"language must be one of {', '.join(_WORDS)}")
        self._transport, self._table = transport, int(table) if table is not None else None
        self._generation = 0

    def show(self, upper: str, lower: str) -> None:
        """Both lines, whole."""
        self.check()
        begin = b""
        if self._transport.generation != self._generation:  # it may have been off meanwhile
            table = b"" if self._table is None else b"\x1bt" + bytes([self._table])
            begin = b"\x1b@" + table + b"\x1fC\x00\x1f\x01"
        lines = (b"\x1f$\x01" + bytes([y]) + encode(text, self._table) for y, text in ((1, upper), (2, lower)))
        self._transport.write(begin + b"".join(lines))
        self._generation = self._transport.generation

    def check(self) -> None:
        """Whether the line is there."""
        self._transport.connect()
        self._transport.drain()

    @property
    def is_fresh(self) -> bool:
        """The line was made anew since something was shown."""
        return self._transport.generation != self._generation

    def close(self) -> None:
        self._transport.close()


class DisplayWorker(threading.Thread):
    """Keeps the display at what the customer is to see; a display that comes back shows it again."""

    def __init__(self, live: Live, display: CustomerDisplay, name_of: Callable[[], str]) -> None:
        super().__init__(name="display", daemon=True)
        self._live, self._display, self._name_of = live, display, name_of
        self._stopping = threading.Event()
        self._status = UNASKED

    def status(self) -> Status:
        return self._status

    def stop(self) -> None:
        self._stopping.set()
        self._live.nudge()

    def run(self) -> None:
        showings, written = -1, ("", "")
        while not self._stopping.is_set():
            try:
                showings, shown, _ = self._live.wait(showings, self._live.number, LOOK_SECONDS)
                wanted = rows(shown, self._name_of(), self._display.language)
                self._display.check()
                if wanted != written or self._display.is_fresh:
                    self._display.show(*wanted)
                    written = wanted
                self._status = Status(Condition.READY)
            except TransportError as error:
                if self._status.condition is not Condition.OFFLINE:
                    log().warning("display_unreachable", error=str(error))
                self._status, written = Status(Condition.OFFLINE, ("unreachable",)), ("", "")
                self._stopping.wait(LOOK_SECONDS)
        self._display.close()
