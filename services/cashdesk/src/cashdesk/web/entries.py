"""Entries of a journal as a person reads them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb


@dataclass(frozen=True)
class ShownEntry:
    """An entry as a person reads it. `chained`: its bytes give its hash, and it names the hash of the one before."""

    sequence: int
    kind: str
    at: datetime
    short_hash: str
    chained: bool
    body: dict[str, Any]

    @property
    def details(self) -> str:
        """The whole body, for who wants to see all that was sealed."""
        return json.dumps(self.body, ensure_ascii=False, indent=2)


def read_entries(entries: Sequence[pb.SealedEntry], first: int, before: bytes | None = None) -> list[ShownEntry]:
    """The entries from `first` on; one before it serves as the first link, or that hash where another chain has it."""
    shown = []
    for entry in entries:
        content = json.loads(entry.content)
        digest = sha256(entry.content).digest()
        linked = entry.sequence == 1 if before is None else content["prev"] == before.hex()
        before = digest
        if entry.sequence >= first:
            at = datetime.fromisoformat(content["at"]).astimezone(UTC)
            shown.append(
                ShownEntry(
                    entry.sequence, content["kind"], at, digest.hex()[:12], linked and digest == entry.hash,
                    content["body"],
                )
            )  # fmt: skip
    return shown
