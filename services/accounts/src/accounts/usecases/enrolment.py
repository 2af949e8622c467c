"""A machine becomes a till, and proves again and again that it still is; ticket keys and their certificates."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import ledger
import setups
import titles
from accounts import store
from accounts.certificates import is_due
from accounts.domain.errors import EnrolmentCodeWrong, KeyInvalid, SignatureInvalid
from accounts.domain.profiles import TILL_RIGHTS
from accounts.domain.tills import Till, code_of, proof, require_clock
from accounts.messages import instant, line, till_enrolled, till_message, timestamp, uuid_of
from accounts.store import TicketKey
from accounts.throttle import ENROLMENT
from accounts.token_keys import TILL_TOKEN_LIFE
from accounts.usecases.means import Means
from kit import outbox
from kit.auth import Caller, CallerKind
from ticketing.accounts.v1 import accounts_service_pb2 as pb


def enrol_till(means: Means, request: pb.EnrolTillRequest, peer: str, now: datetime) -> pb.EnrolTillResponse:
    """Bind the machine that knows the code, by the keys that it made. Repeating it with the same keys changes nothing.

    Raises EnrolmentCodeWrong, TooManyAttempts, KeyInvalid, TillRevoked, FieldInvalid.
    """
    means.throttle.attempt([(ENROLMENT, peer)])
    code_hash = means.vault.code_hash(code_of(request.enrolment_code))
    _check_keys(request.journal_public_key, request.ticket_public_key)
    mac_address = line(request.mac_address, "mac_address", 40)
    hostname = line(request.hostname, "hostname", 255)
    software_version = line(request.software_version, "software_version", 40)
    try:
        with means.sessions.begin() as session:
            till = store.till_by_code(session, code_hash)
            if till is None:
                raise EnrolmentCodeWrong("this code is wrong, used or expired; ask for a new one")
            if not till.was_enrolled_by(request.journal_public_key, request.ticket_public_key):
                till.require_code_usable(now)
                key = _ticket_key(session, request.ticket_public_key, till.id)
                till.enrol(request.journal_public_key, key.key_id, request.ticket_public_key, now)
                till.mac_address, till.hostname, till.software_version = mac_address, hostname, software_version
                outbox.record(session, "accounts.till.enrolled.v1", till_enrolled(till))
            certificate = _certificate(means, session, till, now)
    except IntegrityError as error:
        raise KeyInvalid("another till has this key: each machine makes its own", field="journal_public_key") from error
    means.throttle.forget(ENROLMENT, peer)
    return pb.EnrolTillResponse(till=till_message(till), certificate=certificate, root_public_key=means.root.public_key)


def issue_till_token(means: Means, request: pb.IssueTillTokenRequest, now: datetime) -> pb.IssueTillTokenResponse:
    """A token of 30 minutes for the machine that signs with the till's journal key, and a certificate for its tickets.

    Raises TillNotFound, TillRevoked, SignatureInvalid, ClockSkewed, FieldInvalid.
    """
    till_id = uuid_of(request.till_id, "till_id")
    at = instant(request.at, "at")
    software_version = line(request.software_version, "software_version", 40)
    with means.sessions.begin() as session:
        till = store.till(session, till_id, lock=True)
        till.require_not_revoked()
        try:
            ledger.check_signature(ledger.load_public(till.journal_key()), proof(str(till.id), at), request.signature)
        except ledger.LedgerError as error:
            raise SignatureInvalid("the till's proof is not signed by its journal key") from error
        require_clock(at, now)
        till.last_seen_at = now
        till.software_version = software_version or till.software_version
        certificate = _certificate(means, session, till, now)
    expires_at = now + TILL_TOKEN_LIFE
    facts = {"till_number": till.number, "point_of_sale_id": till.point_of_sale_id}
    bearer = Caller(str(till.id), CallerKind.TILL, till.number, TILL_RIGHTS, expires_at, facts)
    return pb.IssueTillTokenResponse(
        token=means.token_keys.sign(bearer, now), expires_at=timestamp(expires_at), till=till_message(till),
        certificate=certificate, root_public_key=means.root.public_key,
    )  # fmt: skip


def certify_ticket_key(
    means: Means, caller: Caller, request: pb.CertifyTicketKeyRequest, now: datetime
) -> pb.CertifyTicketKeyResponse:
    """A central key's id and certificate; the same key has the same id for ever. Raises KeyInvalid, Forbidden."""
    caller.require_service()
    _check_ticket_key(request.public_key, "public_key")
    for last in (False, True):
        try:
            with means.sessions.begin() as session:
                key = _ticket_key(session, request.public_key, None)
                certificate = _certified(means, session, key, now)
            break
        except IntegrityError:  # a twin asked at the same moment and was first
            if last:
                raise
    return pb.CertifyTicketKeyResponse(
        key_id=key.key_id, certificate=certificate, root_public_key=means.root.public_key
    )


def certify_setup_key(means: Means, caller: Caller, request: pb.CertifySetupKeyRequest) -> pb.CertifySetupKeyResponse:
    """The root's word for the key that signs set-ups of tills. Raises KeyInvalid, Forbidden."""
    caller.require_service()
    try:
        certificate = means.root.certify_setup_key(request.public_key)
    except setups.BadSetup as error:
        raise KeyInvalid(f"public_key: {error}", field="public_key") from error
    return pb.CertifySetupKeyResponse(certificate=certificate)


def certify_receipt_key(
    means: Means, caller: Caller, request: pb.CertifyReceiptKeyRequest
) -> pb.CertifyReceiptKeyResponse:
    """The root's word for the key that signs receipts of journals. Raises KeyInvalid, Forbidden."""
    caller.require_service()
    try:
        certificate = means.root.certify_receipt_key(request.public_key)
    except ledger.BadKey as error:
        raise KeyInvalid(f"public_key: {error}", field="public_key") from error
    return pb.CertifyReceiptKeyResponse(certificate=certificate, root_public_key=means.root.public_key)


def list_ticket_certificates(means: Means) -> pb.ListTicketCertificatesResponse:
    """The root and every certificate. Those of revoked tills too: their tickets that the centre holds stay good, and
    orders' list tells gates which these are."""
    with means.sessions.begin() as session:
        certificates = store.certificates(session)
    return pb.ListTicketCertificatesResponse(root_public_key=means.root.public_key, certificates=certificates)


def _check_keys(journal_public_key: bytes, ticket_public_key: bytes) -> None:
    try:
        ledger.load_public(journal_public_key)
    except ledger.LedgerError as error:
        raise KeyInvalid(f"journal_public_key: {error}", field="journal_public_key") from error
    _check_ticket_key(ticket_public_key, "ticket_public_key")


def _check_ticket_key(public_key: bytes, field: str) -> None:
    try:
        titles.load_public(public_key)
    except titles.BadKey as error:
        raise KeyInvalid(f"{field}: {error}", field=field) from error


def _ticket_key(session: Session, public_key: bytes, till_id: UUID | None) -> TicketKey:
    """The key as it is known, or known from now on. Raises KeyInvalid when it is somebody else's."""
    key = store.ticket_key(session, public_key)
    if key is None:
        return store.add_ticket_key(session, public_key, till_id)
    if key.till_id != till_id:
        raise KeyInvalid("another issuer has this ticket key", field="ticket_public_key" if till_id else "public_key")
    return key


def _certificate(means: Means, session: Session, till: Till, now: datetime) -> bytes:
    return _certified(means, session, _ticket_key(session, till.ticket_public_key or b"", till.id), now)


def _certified(means: Means, session: Session, key: TicketKey, now: datetime) -> bytes:
    if key.certificate is not None and not is_due(key.not_after, key.till_id is None, now):
        return key.certificate
    certificate, not_after = means.root.certify(key.key_id, key.public_key, key.till_id, now)
    store.keep_certificate(session, key.key_id, certificate, not_after)
    return certificate
