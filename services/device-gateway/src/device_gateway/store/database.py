"""One file, one writer. WAL with synchronous=FULL: what is committed is on disk (design.md 5)."""

import contextlib
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import IO

from device_gateway.store.upgrades import add_missing_columns

TRIED_BYTES = 100_000  # more than a sale and its papers


def cannot_write(error: BaseException) -> bool:
    """Whether the disk took nothing: it is full or broken. A flush that failed may have written all the same."""
    name = error.sqlite_errorname if isinstance(error, sqlite3.Error) and hasattr(error, "sqlite_errorname") else ""
    return name.startswith(("SQLITE_FULL", "SQLITE_IOERR")) and "FSYNC" not in name


class DatabaseInUse(Exception):
    """Another process runs this till: two on one journal would fork it."""


class Database:
    """The till's database, held by this process alone from `open` to `close`."""

    def __init__(self, folder: Path) -> None:
        """Raises DatabaseInUse when another process holds the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        self._lock_file = _lock(folder / "till.lock")
        self.path = folder / "till.db"
        self.is_full = False  # the last write was refused by the disk
        self._write_lock = threading.Lock()
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._writer = self._connect()
        # The log is folded into the file by `tidy`, in the background: never in the middle of a sale.
        self._writer.execute("PRAGMA wal_autocheckpoint=0")
        os.chmod(self.path, 0o600)  # it holds the till's keys
        self._writer.executescript(resources.files("device_gateway.store").joinpath("schema.sql").read_text("utf-8"))
        add_missing_columns(self._writer)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, timeout=10)
        connection.row_factory = sqlite3.Row
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")
        return connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """A transaction of the only writer: on disk when the block ends, undone when it raises."""
        with self._write_lock:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
                self.is_full = False
            except BaseException as error:
                self.is_full = self.is_full or cannot_write(error)
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def read(self) -> sqlite3.Connection:
        """This thread's reading connection: sees what is committed, never waits for the writer."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
            self._local.connection = connection
            with self._readers_lock:
                self._readers.append(connection)
        return connection

    def tidy(self) -> None:
        """Fold the write-ahead log into the file, beside the writer and without making it wait."""
        self.read().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def try_full_disk(self) -> None:
        """Write as much as a sale does, to learn whether a disk that was full takes it again. Raises sqlite3.Error."""
        if self.is_full:
            for text in ("x" * TRIED_BYTES, ""):
                with self.write() as tx:
                    tx.execute("INSERT OR REPLACE INTO meta (name, value) VALUES ('disk_tried', ?)", (text,))

    def close(self) -> None:
        """Close every connection and let another process in."""
        with self._write_lock:
            self._writer.close()
        with self._readers_lock:
            for connection in self._readers:
                connection.close()
        self._lock_file.close()


def _lock(path: Path) -> IO[str]:
    """Lock the file for as long as it stays open; the system frees it even when the process is killed."""
    file = path.open("a+")
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise DatabaseInUse(f"another process runs the till of {path.parent}") from error
    return file
