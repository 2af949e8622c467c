"""What an ESC/POS printer answers, taken apart. Pure: bytes in, answers out.

DLE EOT answer   one byte, bits 1 and 4 set, bits 0 and 7 clear
process-ID       37 22 d1 d2 d3 d4 00   (GS ( H function 48: all before it is on paper)
"""

from dataclasses import dataclass

_PROCESS_ID = b"\x37\x22"
_PROCESS_ID_LENGTH = 7


@dataclass(frozen=True)
class StatusByte:
    value: int


@dataclass(frozen=True)
class ProcessId:
    value: bytes  # four characters


@dataclass(frozen=True)
class Stray:
    """A byte that is part of no answer: to be logged."""

    value: int


Answer = StatusByte | ProcessId | Stray


class AnswerReader:
    """Keeps a beginning until its end arrives: answers may come byte by byte, or several at once."""

    def __init__(self) -> None:
        self._pending = b""

    def feed(self, data: bytes) -> list[Answer]:
        """The answers that are complete now."""
        self._pending += data
        answers: list[Answer] = []
        while self._pending:
            if self._pending[:2] == _PROCESS_ID or self._pending == _PROCESS_ID[:1]:
                if len(self._pending) < _PROCESS_ID_LENGTH:
                    break
                answers.append(self._process_id())
            else:
                value, self._pending = self._pending[0], self._pending[1:]
                answers.append(StatusByte(value) if value & 0b1001_0011 == 0b0001_0010 else Stray(value))
        return answers

    def _process_id(self) -> Answer:
        frame = self._pending[:_PROCESS_ID_LENGTH]
        if frame[-1] != 0:
            self._pending = self._pending[1:]
            return Stray(frame[0])
        self._pending = self._pending[_PROCESS_ID_LENGTH:]
        return ProcessId(frame[2:6])
