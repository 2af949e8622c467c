"""Making this machine the till that a single-use code names."""

import socket
from pathlib import Path

import ledger
from device_gateway import __version__, machine
from device_gateway.centre import Centre
from device_gateway.domain.errors import AlreadyEnrolled
from device_gateway.store import identity, journal, meta
from device_gateway.store.identity import Enrolment, Identity
from device_gateway.till import Till
from kit.clock import now
from kit.errors import DomainError, FieldInvalid
from kit.telemetry import log


def enrol(till: Till, centre: Centre, code: str) -> Enrolment:
    """Enrol with the keys that this machine made, and open its journal. Repeating it with the same code is harmless.

    Raises AlreadyEnrolled, FieldInvalid, ENROLMENT_CODE_WRONG, TOO_MANY_ATTEMPTS, Unavailable.
    """
    if till.identity.enrolment is not None:
        raise AlreadyEnrolled(f"this till is enrolled as {till.identity.enrolment.number}")
    code = code.strip()
    if not 4 <= len(code) <= 100:
        raise FieldInvalid("code", "must be 4 to 100 characters")
    enrolment = centre.enrol(till.identity, code, machine.mac_address(), socket.gethostname())
    with till.database.write() as tx:
        if identity.load_or_make(tx).enrolment is not None:
            raise AlreadyEnrolled("this till was enrolled meanwhile")
        identity.keep_enrolment(tx, enrolment)
        known = identity.load_or_make(tx)
        journal.append(tx, known, ledger.Kind.TILL_ENROLLED, describe(known), now())
    till.enrolled_as(enrolment)
    till.wake_upload.set()
    log().info("enrolled", till_id=enrolment.till_id, number=enrolment.number)
    return enrolment


def describe(known: Identity) -> dict[str, str]:
    """The body of a chain's first entry: whose it is, and the keys that sign for it."""
    enrolment = known.enrolled()
    return {
        "number": enrolment.number,
        "name": enrolment.name,
        "point_of_sale_id": enrolment.point_of_sale_id,
        "journal_public_key": ledger.public_bytes(known.journal_key).hex(),
        "ticket_public_key": known.ticket_key.public_key().public_bytes_raw().hex(),
        "version": __version__,
    }


def enrol_from_file(till: Till, centre: Centre, file: Path | None) -> None:
    """Use the code left in a file, if the till needs one, and delete the file. Raises as `enrol`; OSError."""
    if file is None or till.identity.enrolment is not None or not file.exists():
        return
    code = file.read_text("utf-8").strip()
    try:
        enrol(till, centre, code)
    except DomainError as error:
        if error.reason == "ENROLMENT_CODE_WRONG":
            log().error("enrolment_code_refused", file=str(file))
        raise
    file.unlink(missing_ok=True)


def record_technical(till: Till, event: str) -> None:
    """Journal a start or a stop with the version at work (LAW-8); nothing any more once all is handed in."""
    if till.identity.enrolment is None or meta.get(till.database.read(), meta.HANDED_IN):
        return
    with till.database.write() as tx:
        body = {"event": event, "version": __version__, "fiscal_version": ledger.FISCAL_VERSION}
        journal.append(tx, till.identity, ledger.Kind.TECHNICAL, body, now())
    till.wake_upload.set()
