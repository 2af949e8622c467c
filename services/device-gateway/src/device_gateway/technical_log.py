"""The technical log: on standard output, and its last megabytes in files, for the centre when it asks (R7)."""

import gzip
import logging
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TextIO

FILE = "till.log"
FILE_BYTES = 2_000_000  # of each of the two
MOST_SENT = 1_000_000  # gzipped; the centre takes 1 MB


class _Quiet(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:
        """A disk that is full stops no sale for its log; whoever sells hears of it from the journal."""


class KeptLog:
    """A text stream that is written on as it comes, and kept."""

    def __init__(self, stream: TextIO, folder: Path) -> None:
        self._stream = stream
        self._kept = _Quiet(folder / FILE, maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8", delay=True)

    def write(self, text: str) -> int:
        if text.strip():
            self._kept.handle(logging.makeLogRecord({"msg": text.rstrip()}))
        return self._stream.write(text)

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        """Let its files go."""
        self._kept.close()


def recent(folder: Path) -> bytes:
    """What is kept, gzipped, oldest first; of too much the newest part."""
    text = b"".join(file.read_bytes() for file in (folder / f"{FILE}.1", folder / FILE) if file.exists())
    while len(packed := gzip.compress(text, mtime=0)) > MOST_SENT:
        text = text[len(text) // 2 :].partition(b"\n")[2]
    return packed
