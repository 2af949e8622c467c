"""Signed ticket barcodes that a gate verifies offline, and the certificates of the keys that sign them."""

from titles.certificate import ALL_ZONES, ROOT_KEY_ID, TEST_KEY_ID, Certificate, certify, read_certificate
from titles.errors import BadCertificate, BadKey, InvalidToken, TitleError, Unreadable
from titles.gate import Colour, Reason, Verdict, verify
from titles.human import human_code, parse_human_code
from titles.ids import group_of, tariff_class_of, till_tag_of
from titles.keys import generate_key, load_private, load_public, private_bytes, public_bytes
from titles.token import Flag, Kind, SignedToken, Token, issue, read

__all__ = [
    "ALL_ZONES",
    "ROOT_KEY_ID",
    "TEST_KEY_ID",
    "BadCertificate",
    "BadKey",
    "Certificate",
    "Colour",
    "Flag",
    "InvalidToken",
    "Kind",
    "Reason",
    "SignedToken",
    "TitleError",
    "Token",
    "Unreadable",
    "Verdict",
    "certify",
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
    "tariff_class_of",
    "till_tag_of",
    "verify",
]
