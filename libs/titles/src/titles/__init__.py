"""Signed ticket barcodes that a gate verifies offline, and the certificates of the keys that sign them."""

from titles.certificate import (
    ALL_ZONES,
    ROOT_KEY_ID,
    TEST_KEY_ID,
    Certificate,
    certificate_text,
    certify,
    read_certificate,
    read_certificate_text,
)
from titles.door import Door, Rules
from titles.entries import Entries
from titles.errors import (
    BadCertificate,
    BadDelta,
    BadEntryLine,
    BadKey,
    InvalidToken,
    MissedDelta,
    TitleError,
    Unreadable,
)
from titles.gate import Colour, Reason, Verdict, verify
from titles.human import human_code, parse_human_code
from titles.ids import group_of, tariff_class_of, till_tag_of
from titles.keys import generate_key, load_private, load_public, private_bytes, public_bytes
from titles.revocations import Cause, Delta, Revocation, Revocations, digest_of, read_delta, sign_delta
from titles.token import Flag, Kind, SignedToken, Token, issue, read

__all__ = [
    "ALL_ZONES",
    "ROOT_KEY_ID",
    "TEST_KEY_ID",
    "BadCertificate",
    "BadDelta",
    "BadEntryLine",
    "BadKey",
    "Cause",
    "Certificate",
    "Colour",
    "Delta",
    "Door",
    "Entries",
    "Flag",
    "InvalidToken",
    "Kind",
    "MissedDelta",
    "Reason",
    "Revocation",
    "Revocations",
    "Rules",
    "SignedToken",
    "TitleError",
    "Token",
    "Unreadable",
    "Verdict",
    "certificate_text",
    "certify",
    "digest_of",
    "generate_key",
    "group_of",
    "human_code",
    "issue",
    "load_private",
    "load_public",
    "parse_human_code",
    "private_bytes",
    "public_bytes",
    "read",
    "read_certificate",
    "read_certificate_text",
    "read_delta",
    "sign_delta",
    "tariff_class_of",
    "till_tag_of",
    "verify",
]
