"""Devices that are a file: a printer on USB, or a folder that takes what would have gone to one.

usb:/dev/usb/lp0          the printer's device file, read too where the printer answers
spool:/var/spool/cards    a folder: each connection is one file in it; nothing ever answers
"""

import contextlib
import os
import select
import time
from pathlib import Path

from device_gateway.devices.transport import TransportError

WRITE_SECONDS = 30.0


class DeviceFileTransport:
    """A device file that is opened when needed and kept. `generation` grows each time it is opened."""

    def __init__(self, path: Path, write_seconds: float = WRITE_SECONDS) -> None:
        self._path, self._write_seconds = path, write_seconds
        self._file: int | None = None
        self._answers = True
        self.generation = 0

    def connect(self) -> None:
        """Do nothing when open. Raises TransportError."""
        if self._file is not None:
            return
        flags = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
        try:
            try:
                self._file, self._answers = os.open(self._path, os.O_RDWR | flags), True
            except PermissionError:  # a port that is only written to
                self._file, self._answers = os.open(self._path, os.O_WRONLY | flags), False
        except OSError as error:
            raise TransportError(f"cannot open: {error}") from error
        self.generation += 1

    def drain(self) -> bytes:
        """Bytes that came unasked. Raises TransportError when the device is gone."""
        drained = b""
        while data := self.read(0):
            drained += data
        return drained

    def write(self, data: bytes) -> None:
        """Hand all bytes over. Raises TransportError with sent=True: some may have left."""
        file, until = self._open_file(), time.monotonic() + self._write_seconds
        left = memoryview(data)
        try:
            while left:
                if not select.select([], [file], [], max(0.0, until - time.monotonic()))[1]:
                    raise TimeoutError("it takes no more")
                left = left[os.write(file, left) :]
        except OSError as error:
            self.close()
            raise TransportError(f"the line broke while writing: {error}", sent=True) from error

    def read(self, seconds: float) -> bytes:
        """What arrives first within `seconds`; empty when nothing does. Raises TransportError when the device is gone.

        A printer's file reads as ended while the printer has nothing to say: that is silence, not its end.
        """
        file, until = self._open_file(), time.monotonic() + seconds
        if not self._answers:
            return b""
        try:
            while select.select([file], [], [], max(0.0, until - time.monotonic()))[0]:
                with contextlib.suppress(BlockingIOError):
                    if data := os.read(file, 4096):
                        return data
                if time.monotonic() >= until:
                    break
                time.sleep(0.01)  # such a file is always readable
        except OSError as error:
            self.close()
            raise TransportError(f"the line broke: {error}") from error
        return b""

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None

    def _open_file(self) -> int:
        if self._file is None:
            raise TransportError("not connected")
        return self._file


class SpoolTransport:
    """A folder: what one connection writes is one file, numbered in the order of their beginnings."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: int | None = None
        self.generation = 0

    def connect(self) -> None:
        """Do nothing when connected. Raises TransportError."""
        if self._file is not None:
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            numbers = [int(each.stem) for each in self._folder.glob("*.job") if each.stem.isdecimal()]
            path = self._folder / f"{max(numbers, default=0) + 1:06d}.job"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise TransportError(f"cannot write there: {error}") from error
        self.generation += 1

    def drain(self) -> bytes:
        return b""

    def write(self, data: bytes) -> None:
        """Hand all bytes over. Raises TransportError with sent=True: some may be in the file."""
        if self._file is None:
            raise TransportError("not connected")
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as error:
            self.close()
            raise TransportError(f"cannot write there: {error}", sent=True) from error

    def read(self, seconds: float) -> bytes:
        """Nothing ever answers, and nothing is waited for."""
        return b""

    def close(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.close(self._file)
            self._file = None
