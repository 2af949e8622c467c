"""Who went in: a file that only grows, one line an entry, so that gates can exchange and merge theirs (domain: replay).

    {"gate":"door A","number":12,"at":"2026-11-23T19:41:07+00:00","key_id":3,"serial":17,"reissue":0,"reason":"GENUINE"}

(gate, number) identifies an entry: reading a file twice, or a file that holds entries of others, changes nothing.
"""

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from titles.errors import BadEntryLine


@dataclass(frozen=True)
class Entry:
    """Somebody went in with this title. `reason`: of the verdict; a person decided when it is not GENUINE."""

    gate: str
    number: int
    at: datetime
    key_id: int
    serial: int
    reissue: int
    reason: str

    def line(self) -> str:
        return json.dumps(asdict(self) | {"at": self.at.astimezone(UTC).isoformat()}, ensure_ascii=False)


def read_entry(line: str) -> Entry:
    """Raises BadEntryLine."""
    try:
        fields = json.loads(line)
        entry = Entry(**fields | {"at": datetime.fromisoformat(fields["at"])})
    except (ValueError, TypeError, KeyError) as error:
        raise BadEntryLine(f"not an entry: {line[:80]!r}") from error
    numbers = (entry.number, entry.key_id, entry.serial, entry.reissue)
    if not all(type(number) is int and number >= 0 for number in numbers) or entry.at.tzinfo is None:
        raise BadEntryLine(f"not an entry: {line[:80]!r}")
    return entry


class Entries:
    """The entries that a gate knows: its own, and those of others that it was given."""

    def __init__(self, path: Path, gate: str) -> None:
        """Raises BadEntryLine when the file holds something else. A last line cut by a power failure is forgotten:
        nobody was let in before his line was on disk."""
        self._path, self._gate = path, gate
        self._known: set[tuple[str, int]] = set()
        self._times: Counter[tuple[int, int]] = Counter()
        self._reissue: dict[tuple[int, int], int] = {}
        self._last: dict[tuple[int, int], Entry] = {}
        self._number = 0
        if path.exists():
            content = path.read_bytes()
            whole = content[: content.rfind(b"\n") + 1]
            if len(whole) < len(content):
                os.truncate(path, len(whole))
            for line in whole.decode().splitlines():
                self._take(read_entry(line))

    def __iter__(self) -> Iterator[str]:
        """All lines, for another gate."""
        return iter(self._path.read_text().splitlines() if self._path.exists() else ())

    def __len__(self) -> int:
        return len(self._known)

    def times(self, key_id: int, serial: int) -> int:
        """How often somebody went in with this title."""
        return self._times[key_id, serial]

    def last(self, key_id: int, serial: int) -> Entry | None:
        return self._last.get((key_id, serial))

    def highest_reissue(self, key_id: int, serial: int) -> int:
        """The highest reissue counter that went in."""
        return self._reissue.get((key_id, serial), 0)

    def record(self, at: datetime, key_id: int, serial: int, reissue: int, reason: str) -> Entry:
        """On disk before it answers: a power cut forgets nobody who went in."""
        entry = Entry(self._gate, self._number + 1, at, key_id, serial, reissue, reason)
        self._keep([entry])
        return entry

    def merge(self, lines: Iterable[str]) -> list[Entry]:
        """Take over entries of other gates; answers those that were new. Raises BadEntryLine, and nothing is taken."""
        given = {(entry.gate, entry.number): entry for entry in map(read_entry, lines)}
        new = [entry for name, entry in given.items() if name not in self._known]
        self._keep(new)
        return new

    def _keep(self, entries: list[Entry]) -> None:
        if not entries:
            return
        with self._path.open("a", encoding="utf-8") as file:
            file.write("".join(entry.line() + "\n" for entry in entries))
            file.flush()
            os.fsync(file.fileno())
        for entry in entries:
            self._take(entry)

    def _take(self, entry: Entry) -> None:
        title = (entry.key_id, entry.serial)
        self._known.add((entry.gate, entry.number))
        self._times[title] += 1
        self._reissue[title] = max(entry.reissue, self._reissue.get(title, 0))
        last = self._last.get(title)
        if last is None or last.at <= entry.at:
            self._last[title] = entry
        if entry.gate == self._gate:
            self._number = max(self._number, entry.number)
