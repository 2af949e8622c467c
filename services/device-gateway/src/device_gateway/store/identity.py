"""Who this till is: its keys, and what the centre said at enrolment."""

import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import ledger
import titles
from device_gateway.domain.errors import NotEnrolled
from device_gateway.domain.tickets import Issuer

TRAINING_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Enrolment:
    """The centre's answer to the enrolment code."""

    till_id: str
    number: str
    name: str
    point_of_sale_id: str
    certificate: bytes
    root_public_key: bytes


@dataclass(frozen=True)
class Identity:
    """`enrolment` is None until a code was accepted."""

    journal_key: EllipticCurvePrivateKey = field(repr=False)
    ticket_key: Ed25519PrivateKey = field(repr=False)
    secret: bytes = field(repr=False)
    enrolment: Enrolment | None

    def enrolled(self) -> Enrolment:
        """Raises NotEnrolled."""
        if self.enrolment is None:
            raise NotEnrolled("this till is not enrolled yet")
        return self.enrolment

    def issuer(self) -> Issuer:
        """Raises NotEnrolled; titles.BadCertificate when the root did not sign the certificate."""
        enrolment = self.enrolled()
        root = titles.load_public(enrolment.root_public_key)
        return Issuer(self.ticket_key, titles.read_certificate(enrolment.certificate, root))


def load_or_make(connection: sqlite3.Connection) -> Identity:
    """The identity kept here, in the caller's transaction; keys are made the first time."""
    row = connection.execute("SELECT * FROM identity").fetchone()
    if row is None:
        journal_key, ticket_key, secret = ledger.generate_key(), titles.generate_key(), secrets.token_bytes(32)
        connection.execute(
            "INSERT INTO identity (one, journal_key, ticket_key, secret) VALUES (1, ?, ?, ?)",
            (ledger.private_bytes(journal_key), titles.private_bytes(ticket_key), secret),
        )
        return Identity(journal_key, ticket_key, secret, None)
    enrolment = None
    if row["till_id"] is not None:
        enrolment = Enrolment(
            row["till_id"],
            row["number"],
            row["name"],
            row["point_of_sale_id"],
            row["certificate"],
            row["root_public_key"],
        )
    return Identity(
        ledger.load_private(row["journal_key"]), titles.load_private(row["ticket_key"]), row["secret"], enrolment
    )


def keep_enrolment(connection: sqlite3.Connection, enrolment: Enrolment) -> None:
    connection.execute(
        "UPDATE identity SET till_id = ?, number = ?, name = ?, point_of_sale_id = ?, certificate = ?,"
        " root_public_key = ?",
        (
            enrolment.till_id, enrolment.number, enrolment.name, enrolment.point_of_sale_id, enrolment.certificate,
            enrolment.root_public_key,
        ),
    )  # fmt: skip


def keep_training(connection: sqlite3.Connection, real: Identity, now: datetime) -> Identity:
    """Make this database the training till of a real one: keys, chain and numbers of its own, titles without value.

    Its certificate is signed by a root that is thrown away: it means something to this till alone.
    """
    enrolment, known = real.enrolled(), load_or_make(connection)
    till_id = ledger.training_till_id(enrolment.till_id, ledger.public_bytes(known.journal_key).hex())
    root = titles.generate_key()
    certificate = titles.Certificate(
        titles.Kind.TILL, titles.TEST_KEY_ID, titles.till_tag_of(till_id), titles.public_bytes(known.ticket_key),
        now - timedelta(hours=1), now + TRAINING_LIFE, 2**32 - 1,
    )  # fmt: skip
    number = ledger.TRAINING_PREFIX + enrolment.number
    keep_enrolment(connection, Enrolment(
        till_id, number, enrolment.name, enrolment.point_of_sale_id, titles.certify(certificate, root),
        titles.public_bytes(root),
    ))  # fmt: skip
    connection.execute("UPDATE identity SET secret = ?", (real.secret,))  # the page's CSRF token holds in both
    return load_or_make(connection)
