"""Opening a file: ZIP, gzip or plain text, line by line, with the digest of what came before each line."""

import gzip
import hashlib
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ledger.archive import MEMBER


@contextmanager
def opened(path: Path) -> Iterator[IO[bytes]]:
    """The text inside. Raises OSError, zipfile.BadZipFile, KeyError for a ZIP of something else."""
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start == b"PK\x03\x04":
            with zipfile.ZipFile(file) as folder, folder.open(MEMBER) as member:
                yield member
        elif start[:2] == b"\x1f\x8b":
            with gzip.open(file) as text:
                yield text  # type: ignore[misc]
        else:
            yield file


def lines(file: IO[bytes]) -> Iterator[tuple[bytes, Any]]:
    """Each line's value, None for what is no JSON object, after the SHA-256 of all lines before it."""
    digest = hashlib.sha256()
    for line in file:
        before = digest.digest()
        digest.update(line)
        try:
            value = json.loads(line)
        except ValueError:
            value = None
        yield before, value if isinstance(value, dict) else None
