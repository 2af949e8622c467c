"""Training mode (mode école): a till practises in a chain of its own, which its real chain introduces and vouches for.

The training chain's till id follows from the till's and from the chain's own key: entries of one can never be taken for
entries of the other, and a machine that lost its training begins another chain.
"""

import re
import uuid
from dataclasses import dataclass
from typing import Any, Self

from ledger.body import Reader, plain
from ledger.errors import BadEntry, BadKey
from ledger.keys import load_public

TRAINING_PREFIX = "E-"  # of the numbers of a training till and of its orders
_KEY = re.compile(r"[0-9a-f]{182}")  # SubjectPublicKeyInfo of P-256


def training_till_id(till_id: str, journal_public_key: str) -> str:
    """Who the till is while it practises: UUID version 5, in the namespace of its own id, of "training " + the key."""
    return str(uuid.uuid5(uuid.UUID(till_id), f"training {journal_public_key}"))


@dataclass(frozen=True)
class TrainingChange:
    """Body of TRAINING, in the real chain: training begins or ends. `cashier_id`: who asked; None: nobody signed in.

    `journal_public_key` is that of the training chain, DER in hexadecimal.
    """

    begins: bool
    training_till_id: str
    number: str
    journal_public_key: str
    cashier_id: str | None

    def to_body(self) -> dict[str, Any]:
        body: dict[str, Any] = plain(self)
        return body

    @classmethod
    def from_body(cls, body: object) -> Self:
        """Raises BadEntry for a field missing, unknown, mistyped or out of range."""
        fields = Reader(body)
        change = cls(
            begins=fields.boolean("begins"),
            training_till_id=fields.identifier("training_till_id"),
            number=fields.text("number", 20),
            journal_public_key=fields.matching("journal_public_key", _KEY, "a P-256 key in hexadecimal"),
            cashier_id=fields.optional(fields.identifier, "cashier_id"),
        )
        fields.done()
        return change

    def check(self, till_id: str) -> None:
        """Raises BadEntry unless it may stand in this till's chain."""
        TrainingChange.from_body(self.to_body())
        if self.training_till_id != training_till_id(till_id, self.journal_public_key):
            raise BadEntry("training_till_id", "is not the training chain of this till")
        try:
            load_public(bytes.fromhex(self.journal_public_key))
        except BadKey as error:
            raise BadEntry("journal_public_key", str(error)) from error
