"""The chained, signed journal of a till, and the shapes that it seals."""

from ledger.cash import FloatClosed, FloatOpened, ShiftChange
from ledger.chain import Fault, Finding, Head, follows, verify_chain
from ledger.entry import ALGORITHM, Entry, Kind, SealedEntry, genesis, open_sealed, seal
from ledger.errors import (
    BadEntry,
    BadKey,
    BadSignature,
    BrokenChain,
    Fork,
    Gap,
    LedgerError,
    NotCanonical,
)
from ledger.keys import (
    centre_public_bytes,
    check_signature,
    generate_key,
    load_centre_key,
    load_centre_public,
    load_private,
    load_public,
    private_bytes,
    public_bytes,
    sign,
)
from ledger.override import Means, Override
from ledger.receipt import Receipt, countersign, verify_receipt
from ledger.reissue import ReissueReason, TicketReissued
from ledger.sale import Line, LineKind, Mode, Payment, Sale, Seat, Seating, Ticket, VatTotal, split_vat, vat_totals
from ledger.training import TRAINING_PREFIX, TrainingChange, training_till_id

__all__ = [
    "ALGORITHM",
    "TRAINING_PREFIX",
    "BadEntry",
    "BadKey",
    "BadSignature",
    "BrokenChain",
    "Entry",
    "Fault",
    "Finding",
    "FloatClosed",
    "FloatOpened",
    "Fork",
    "Gap",
    "Head",
    "Kind",
    "LedgerError",
    "Line",
    "LineKind",
    "Means",
    "Mode",
    "NotCanonical",
    "Override",
    "Payment",
    "Receipt",
    "ReissueReason",
    "Sale",
    "SealedEntry",
    "Seat",
    "Seating",
    "ShiftChange",
    "Ticket",
    "TicketReissued",
    "TrainingChange",
    "VatTotal",
    "centre_public_bytes",
    "check_signature",
    "countersign",
    "follows",
    "generate_key",
    "genesis",
    "load_centre_key",
    "load_centre_public",
    "load_private",
    "load_public",
    "open_sealed",
    "private_bytes",
    "public_bytes",
    "seal",
    "sign",
    "split_vat",
    "training_till_id",
    "vat_totals",
    "verify_chain",
    "verify_receipt",
]
