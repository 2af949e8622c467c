"""A root, a till's key with its certificate, and a token that is valid today."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import titles

PERFORMANCE = "7a6f7b1e-58a4-4b7e-9a4e-2f6f5f0c9d11"
TARIFF = "0d5c2f64-1c1e-4a55-8a3b-0c7a9f1e2d33"
TILL = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"


@pytest.fixture(scope="session")
def now() -> datetime:
    return datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def root_key() -> Ed25519PrivateKey:
    return titles.load_private(bytes([1]) * 32)


@pytest.fixture(scope="session")
def till_key() -> Ed25519PrivateKey:
    return titles.load_private(bytes([2]) * 32)


@pytest.fixture(scope="session")
def unsigned(till_key, now) -> titles.Certificate:
    """The till's certificate, before the root signs it."""
    return titles.Certificate(
        kind=titles.Kind.TILL,
        key_id=3,
        till_tag=titles.till_tag_of(TILL),
        public_key=titles.public_bytes(till_key),
        not_before=now - timedelta(days=1),
        not_after=now + timedelta(days=6),
        highest_serial=5000,
        permissions=0b0111,
    )


@pytest.fixture(scope="session")
def certificate(unsigned, root_key) -> titles.Certificate:
    return titles.read_certificate(titles.certify(unsigned, root_key), root_key.public_key())


@pytest.fixture(scope="session")
def token(now) -> titles.Token:
    return titles.Token(
        kind=titles.Kind.TILL,
        key_id=3,
        serial=17,
        group=titles.group_of(PERFORMANCE),
        tariff_class=titles.tariff_class_of(TARIFF),
        valid_from=now - timedelta(hours=1),
        duration_minutes=240,
        flags=titles.Flag.FREE | titles.Flag.ACCESSIBLE,
        zones=0b0101,
        seat=123456,
        reissue=2,
        plan_version=7,
        holder_tag=0xBEEF,
    )
