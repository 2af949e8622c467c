"""Tills: enrolment, proof of possession, certificates, roster and revocation, through the real door."""

import uuid
from datetime import UTC, timedelta
from threading import Thread

import pytest
from sqlalchemy import text

import ledger
import setups
import titles
from accounts import passwords
from accounts.usecases import enrolment
from kit.auth import CallerKind
from kit.clock import now
from kit.errors import DomainError, Kind
from kit.testing import eventually
from kit.tokens import KeyRing, accounts_keys
from ticketing.accounts.v1 import accounts_service_pb2 as pb

pytestmark = pytest.mark.service
PASSWORD = "un bon mot de passe"


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def till(door):
    """Makes tills, each with a number of its own."""

    def make() -> pb.CreateTillResponse:
        number = f"T{new_id()[:5]}".upper()
        request = pb.CreateTillRequest(request_id=new_id(), number=number, name="Accueil", point_of_sale_id="pos-1")
        return door.administrator.CreateTill(request)

    return make


@pytest.fixture
def enrolled(door, till, machine):
    return door.anybody.EnrolTill(machine.enrolment(till().enrolment_code))


def refusal(call, *arguments) -> DomainError:
    with pytest.raises(DomainError) as refused:
        call(*arguments)
    return refused.value


def events(sessions, subject, till_id) -> list[dict]:
    query = "SELECT payload FROM outbox WHERE subject = :subject AND payload->>'tillId' = :id ORDER BY id"
    with sessions.begin() as session:
        return list(session.scalars(text(query), {"subject": subject, "id": till_id}))


def test_a_new_till_awaits_its_machine_with_a_code_of_24_hours(till):
    made = till()
    assert made.till.state == pb.TILL_STATE_AWAITING
    assert len(made.enrolment_code) == 8
    life = made.code_expires_at.ToDatetime(tzinfo=UTC) - now()
    assert timedelta(hours=23, minutes=59) < life <= timedelta(hours=24)


def test_a_repeated_request_is_given_the_same_till_and_the_same_code(door):
    request = pb.CreateTillRequest(
        request_id=new_id(), number=f"T{new_id()[:5]}", name="Accueil", point_of_sale_id="pos-1"
    )
    administrator = door.administrator
    first = administrator.CreateTill(request)
    assert administrator.CreateTill(request) == first
    request.request_id = new_id()
    refused = refusal(administrator.CreateTill, request)
    assert (refused.reason, refused.facts["field"]) == ("TILL_NUMBER_TAKEN", "number")


def test_no_code_is_readable_in_the_database(till, sessions):
    made = till()
    with sessions.begin() as session:
        everything = session.execute(text("SELECT tills::text FROM tills")).all()
        answers = session.scalars(text("SELECT answer FROM requests")).all()
    code = made.enrolment_code
    assert code not in str(everything)
    assert not any(code.encode() in bytes(answer) for answer in answers)
    assert not any(code.encode().hex() in str(row) for row in everything)


def test_the_machine_that_knows_the_code_becomes_the_till(door, till, machine, sessions):
    made = till()
    answer = door.anybody.EnrolTill(machine.enrolment(made.enrolment_code))
    assert answer.till.state == pb.TILL_STATE_ENROLLED
    assert answer.till.journal_public_key == ledger.public_bytes(machine.journal_key)
    certificate = titles.read_certificate(answer.certificate, titles.load_public(answer.root_public_key))
    assert certificate.public_key == titles.public_bytes(machine.ticket_key)
    assert certificate.key_id == answer.till.ticket_key_id >= 1
    assert certificate.till_tag == titles.till_tag_of(made.till.id)
    assert timedelta(days=29) < certificate.not_after - now() <= timedelta(days=30)
    (event,) = events(sessions, "accounts.till.enrolled.v1", made.till.id)
    assert event["number"] == made.till.number
    assert event["ticketKeyId"] == certificate.key_id


def test_a_machine_that_did_not_hear_the_answer_is_told_it_again(door, till, machine, sessions):
    made = till()
    request = machine.enrolment(made.enrolment_code)
    first = door.anybody.EnrolTill(request)
    assert door.anybody.EnrolTill(request) == first
    assert len(events(sessions, "accounts.till.enrolled.v1", made.till.id)) == 1


def test_another_machine_cannot_use_the_code_again(door, till, machine, new_machine):
    code = till().enrolment_code
    door.anybody.EnrolTill(machine.enrolment(code))
    assert refusal(door.anybody.EnrolTill, new_machine().enrolment(code)).reason == "ENROLMENT_CODE_WRONG"


def test_of_two_machines_with_one_code_one_becomes_the_till(door, till, new_machine, sessions):
    """Both are held at the till's row, then let go together."""
    made, outcomes = till(), []

    def enrol(request):
        try:
            outcomes.append(door.anybody.EnrolTill(request).till.state)
        except DomainError as error:
            outcomes.append(error.reason)

    def both_wait() -> bool:
        held = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        with sessions.begin() as session:
            return session.scalar(text(held)) == 2

    threads = [Thread(target=enrol, args=(new_machine().enrolment(made.enrolment_code),)) for _ in range(2)]
    with sessions.begin() as session:
        session.execute(text("SELECT 1 FROM tills WHERE id = :id FOR UPDATE"), {"id": made.till.id})
        for thread in threads:
            thread.start()
        eventually(both_wait)
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == sorted([str(pb.TILL_STATE_ENROLLED), "ENROLMENT_CODE_WRONG"])


def test_an_expired_code_is_refused(door, till, machine, means):
    request = machine.enrolment(till().enrolment_code)
    late = now() + timedelta(hours=24, seconds=1)
    assert refusal(enrolment.enrol_till, means, request, "peer", late).reason == "ENROLMENT_CODE_WRONG"


def test_guessing_codes_is_throttled(door, machine):
    reasons = [refusal(door.anybody.EnrolTill, machine.enrolment("ABCDEFGH")).reason for _ in range(21)]
    assert reasons == ["ENROLMENT_CODE_WRONG"] * 20 + ["TOO_MANY_ATTEMPTS"]


def test_a_key_of_another_kind_is_refused_and_named(door, till, machine):
    made = till()
    request = machine.enrolment(made.enrolment_code)
    request.journal_public_key = b"x" * 91
    refused = refusal(door.anybody.EnrolTill, request)
    assert (refused.reason, refused.facts["field"]) == ("KEY_INVALID", "journal_public_key")
    request = machine.enrolment(made.enrolment_code)
    request.ticket_public_key = b"x" * 31
    refused = refusal(door.anybody.EnrolTill, request)
    assert (refused.reason, refused.facts["field"]) == ("KEY_INVALID", "ticket_public_key")


def test_two_tills_cannot_share_a_key(door, till, machine, enrolled, new_machine):
    copied = new_machine()
    copied.journal_key = machine.journal_key
    assert refusal(door.anybody.EnrolTill, copied.enrolment(till().enrolment_code)).reason == "KEY_INVALID"
    copied = new_machine()
    copied.ticket_key = machine.ticket_key
    assert refusal(door.anybody.EnrolTill, copied.enrolment(till().enrolment_code)).reason == "KEY_INVALID"


def test_a_till_that_proves_its_key_gets_a_token_of_30_minutes(door, machine, enrolled):
    answer = door.anybody.IssueTillToken(machine.proof(enrolled.till.id, now()))
    caller = KeyRing(accounts_keys(door.target)).verify(answer.token, now())
    assert (caller.kind, caller.subject) == (CallerKind.TILL, enrolled.till.id)
    assert caller.rights == {
        "cashdesk.append", "inventory.lease", "catalog.view", "documents.view", "accounts.roster", "accounts.report",
        "orders.reserved",
    }  # fmt: skip
    assert caller.facts == {"till_number": enrolled.till.number, "point_of_sale_id": "pos-1"}
    assert timedelta(minutes=29) < caller.expires_at - now() <= timedelta(minutes=30)
    assert answer.till.software_version == "0.1.1"
    assert answer.certificate == enrolled.certificate


def test_the_certificate_is_renewed_when_a_day_old_and_keeps_its_key_id(door, machine, enrolled, means):
    later = now() + timedelta(days=2)
    answer = enrolment.issue_till_token(means, machine.proof(enrolled.till.id, later), later)
    renewed = titles.read_certificate(answer.certificate, titles.load_public(answer.root_public_key))
    assert renewed.key_id == enrolled.till.ticket_key_id
    assert abs(renewed.not_after - later - timedelta(days=30)) < timedelta(seconds=1)
    assert answer.certificate in door.anybody.ListTicketCertificates(pb.ListTicketCertificatesRequest()).certificates


def test_a_wrong_proof_gives_no_token(door, machine, enrolled, till, new_machine):
    request = machine.proof(enrolled.till.id, now())
    till_id = request.till_id
    forged = new_machine().proof(till_id, now())
    assert refusal(door.anybody.IssueTillToken, forged).reason == "SIGNATURE_INVALID"
    moved = machine.proof(till_id, now())
    moved.at.FromDatetime(now() + timedelta(seconds=1))
    assert refusal(door.anybody.IssueTillToken, moved).reason == "SIGNATURE_INVALID"
    request.signature = b""
    assert refusal(door.anybody.IssueTillToken, request).reason == "SIGNATURE_INVALID"
    assert refusal(door.anybody.IssueTillToken, machine.proof(new_id(), now())).reason == "TILL_NOT_FOUND"
    assert refusal(door.anybody.IssueTillToken, machine.proof(till().till.id, now())).reason == "TILL_NOT_FOUND"
    assert refusal(door.anybody.IssueTillToken, pb.IssueTillTokenRequest(till_id="x")).facts["field"] == "till_id"
    assert refusal(door.anybody.IssueTillToken, pb.IssueTillTokenRequest(till_id=till_id)).facts["field"] == "at"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_till_whose_clock_is_off_is_told_the_time(door, machine, enrolled, minutes):
    refused = refusal(door.anybody.IssueTillToken, machine.proof(enrolled.till.id, now() + timedelta(minutes=minutes)))
    assert refused.reason == "CLOCK_SKEWED"
    assert refused.facts["server_at"].endswith("Z")


def test_a_till_that_has_a_machine_gets_no_other_code(door, enrolled):
    """Two machines on one journal would fork it."""
    renew = pb.RenewEnrolmentCodeRequest(request_id=new_id(), till_id=enrolled.till.id)
    assert refusal(door.administrator.RenewEnrolmentCode, renew).reason == "TILL_IN_SERVICE"


def test_a_till_moves_to_another_machine_as_a_till_of_its_own_and_the_old_one_is_asked_back(
    door, machine, enrolled, new_machine
):
    """I1: same place, same name, its own journal and numbers."""
    administrator, number = door.administrator, f"M{uuid.uuid4().hex[:5]}".upper()
    move = pb.MoveTillRequest(request_id=new_id(), till_id=enrolled.till.id, number=number)
    moved = administrator.MoveTill(move)
    assert administrator.MoveTill(move) == moved
    assert (moved.till.name, moved.till.point_of_sale_id) == (enrolled.till.name, enrolled.till.point_of_sale_id)
    other = new_machine()
    taken = door.anybody.EnrolTill(other.enrolment(moved.enrolment_code))
    assert (taken.till.id, taken.till.number) == (moved.till.id, number)
    old = door.stub(door.anybody.IssueTillToken(machine.proof(enrolled.till.id, now())).token)
    assert old.ReportTill(pb.ReportTillRequest(till_id=enrolled.till.id)).asked_back
    again = pb.MoveTillRequest(request_id=new_id(), till_id=enrolled.till.id, number=number)
    assert refusal(administrator.MoveTill, again).reason == "TILL_NUMBER_TAKEN"


def test_a_till_that_is_asked_back_works_on_until_it_has_handed_everything_in(door, machine, enrolled, sessions):
    """I4"""
    till_id, administrator = enrolled.till.id, door.administrator
    till = door.stub(door.anybody.IssueTillToken(machine.proof(till_id, now())).token)
    done = pb.FinishTillReturnRequest(till_id=till_id, journal_sequence=7)
    assert refusal(till.FinishTillReturn, done).reason == "TILL_NOT_IN_SERVICE"
    ask = pb.AskTillBackRequest(request_id=new_id(), till_id=till_id)
    assert administrator.AskTillBack(ask).till.state == pb.TILL_STATE_LEAVING
    assert till.ReportTill(pb.ReportTillRequest(till_id=till_id)).asked_back
    go_on = pb.AskTillBackRequest(request_id=new_id(), till_id=till_id, go_on=True)
    assert administrator.AskTillBack(go_on).till.state == pb.TILL_STATE_ENROLLED
    assert not till.ReportTill(pb.ReportTillRequest(till_id=till_id)).asked_back
    ask.request_id = new_id()
    administrator.AskTillBack(ask)
    assert door.anybody.IssueTillToken(machine.proof(till_id, now())).token
    for _ in range(2):  # the answer may be lost
        till.FinishTillReturn(done)
    assert refusal(door.anybody.IssueTillToken, machine.proof(till_id, now())).reason == "TILL_RETURNED"
    assert refusal(till.ReportTill, pb.ReportTillRequest(till_id=till_id)).reason == "TILL_RETURNED"
    go_on.request_id = new_id()
    assert refusal(administrator.AskTillBack, go_on).reason == "TILL_NOT_IN_SERVICE"
    assert events(sessions, "accounts.till.revoked.v1", till_id) == []  # its tickets stay good
    certificates = door.anybody.ListTicketCertificates(pb.ListTicketCertificatesRequest()).certificates
    assert enrolled.certificate in certificates


def test_only_the_till_itself_says_that_it_has_handed_everything_in(door, enrolled, machine, till, new_machine):
    other = new_machine()
    stranger = door.anybody.EnrolTill(other.enrolment(till().enrolment_code)).till.id
    calls = door.stub(door.anybody.IssueTillToken(other.proof(stranger, now())).token)
    done = pb.FinishTillReturnRequest(till_id=enrolled.till.id, journal_sequence=7)
    assert refusal(calls.FinishTillReturn, done).reason == "FORBIDDEN"
    assert refusal(door.administrator.FinishTillReturn, done).reason == "FORBIDDEN"


def test_a_revoked_till_gets_nothing_any_more(door, machine, enrolled, sessions):
    till_id = enrolled.till.id
    token = door.anybody.IssueTillToken(machine.proof(till_id, now())).token
    request = pb.RevokeTillRequest(request_id=new_id(), till_id=till_id, reason="volée dans la nuit")
    administrator = door.administrator
    assert administrator.RevokeTill(request).till.state == pb.TILL_STATE_REVOKED
    assert administrator.RevokeTill(request).till.state == pb.TILL_STATE_REVOKED
    assert refusal(door.anybody.IssueTillToken, machine.proof(till_id, now())).reason == "TILL_REVOKED"
    assert refusal(door.stub(token).GetTillRoster, pb.GetTillRosterRequest(till_id=till_id)).reason == "TILL_REVOKED"
    renew = pb.RenewEnrolmentCodeRequest(request_id=new_id(), till_id=till_id)
    assert refusal(administrator.RenewEnrolmentCode, renew).reason == "TILL_REVOKED"
    (event,) = events(sessions, "accounts.till.revoked.v1", till_id)
    assert event["reason"] == "volée dans la nuit"
    assert event["ticketKeyIds"] == [enrolled.till.ticket_key_id]  # orders tells gates which of its tickets stay good


def test_a_revocation_has_a_reason(door, till):
    request = pb.RevokeTillRequest(request_id=new_id(), till_id=till().till.id, reason=" ")
    assert refusal(door.administrator.RevokeTill, request).facts["field"] == "reason"


def test_the_roster_holds_who_may_sell_and_is_sent_only_when_it_changed(door, machine, enrolled):
    """M3: PINs are verified at the till, with no network."""
    administrator = door.administrator

    def create(profile, pin):
        request = pb.CreateUserRequest(
            request_id=new_id(), login=f"u{new_id()[:8]}", name="Léa", profile=profile, password=PASSWORD, pin=pin
        )
        return administrator.CreateUser(request).user.id

    seller, without_pin, programmer = create("cashier", "2580"), create("cashier", ""), create("programmer", "2580")
    token = door.anybody.IssueTillToken(machine.proof(enrolled.till.id, now())).token
    ask = pb.GetTillRosterRequest(till_id=enrolled.till.id)
    roster = door.stub(token).GetTillRoster(ask)
    known = {cashier.user_id: cashier for cashier in roster.cashiers}
    assert seller in known
    assert not {without_pin, programmer} & set(known)
    assert known[seller].pin_hash.startswith("$argon2id$")
    assert list(known[seller].rights) == ["cashdesk.sell", "orders.sell", "orders.view"]
    ask.known_version = roster.version
    unchanged = door.stub(token).GetTillRoster(ask)
    assert unchanged.unchanged
    assert not unchanged.cashiers
    assert known[seller].profile == "cashier"
    administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=seller, enabled=False))
    changed = door.stub(token).GetTillRoster(ask)
    assert changed.version != roster.version
    assert seller not in {cashier.user_id for cashier in changed.cashiers}


def test_a_till_asks_for_its_own_roster_only(door, machine, enrolled, till):
    token = door.anybody.IssueTillToken(machine.proof(enrolled.till.id, now())).token
    other = pb.GetTillRosterRequest(till_id=till().till.id)
    assert refusal(door.stub(token).GetTillRoster, other).reason == "FORBIDDEN"


def test_a_central_key_has_one_id_for_ever(door, enrolled):
    key = titles.public_bytes(titles.generate_key())
    request, answers = pb.CertifyTicketKeyRequest(public_key=key), []
    threads = [Thread(target=lambda: answers.append(door.service.CertifyTicketKey(request))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len({answer.key_id for answer in answers}) == 1
    certificate = titles.read_certificate(answers[0].certificate, titles.load_public(answers[0].root_public_key))
    assert (certificate.kind, certificate.till_tag) == (titles.Kind.CENTRAL, 0)
    listed = door.anybody.ListTicketCertificates(pb.ListTicketCertificatesRequest())
    assert {answers[0].certificate, enrolled.certificate} <= set(listed.certificates)
    bad = pb.CertifyTicketKeyRequest(public_key=b"x")
    assert refusal(door.service.CertifyTicketKey, bad).reason == "KEY_INVALID"
    stolen = pb.CertifyTicketKeyRequest(public_key=enrolled.till.ticket_public_key)
    assert refusal(door.service.CertifyTicketKey, stolen).reason == "KEY_INVALID"


def test_a_key_of_set_ups_is_certified_for_services_and_for_set_ups_alone(door, enrolled):
    """B9."""
    key = titles.generate_key()
    request = pb.CertifySetupKeyRequest(public_key=titles.public_bytes(key))
    certificate = door.service.CertifySetupKey(request).certificate
    signed = setups.sign(setups.encode(setups.TillModes("t", 1, ("cash",))), key, certificate)
    assert setups.verify(signed, enrolled.root_public_key).id == "t"
    root = titles.load_public(enrolled.root_public_key)
    with pytest.raises(titles.BadCertificate):
        titles.read_certificate(certificate, root)
    assert refusal(door.service.CertifySetupKey, pb.CertifySetupKeyRequest(public_key=b"x")).reason == "KEY_INVALID"
    assert refusal(door.anybody.CertifySetupKey, request).kind in (Kind.UNAUTHENTICATED, Kind.FORBIDDEN)


def test_a_key_of_receipts_is_certified_for_services_and_for_receipts_alone(door, enrolled):
    """LAW-6."""
    public = titles.public_bytes(titles.generate_key())
    request = pb.CertifyReceiptKeyRequest(public_key=public)
    certificate = door.service.CertifyReceiptKey(request).certificate
    root = titles.load_public(enrolled.root_public_key)
    assert ledger.centre_public_bytes(ledger.certified_centre_key(public, certificate, root)) == public
    other = door.service.CertifySetupKey(pb.CertifySetupKeyRequest(public_key=public)).certificate
    with pytest.raises(ledger.BadSignature):
        ledger.certified_centre_key(public, other, root)
    assert refusal(door.service.CertifyReceiptKey, pb.CertifyReceiptKeyRequest(public_key=b"x")).reason == "KEY_INVALID"
    assert refusal(door.anybody.CertifyReceiptKey, request).kind in (Kind.UNAUTHENTICATED, Kind.FORBIDDEN)


def test_the_roster_knows_whose_badge_it_is_until_it_is_withdrawn(door, machine, enrolled):
    """M3: a stolen badge is gone with the next look at the roster."""
    administrator, badge = door.administrator, f"B{new_id()}".upper()
    user = administrator.CreateUser(pb.CreateUserRequest(
        request_id=new_id(), login=f"u{new_id()[:8]}", name="Léa", profile="head_cashier", password=PASSWORD, pin="2580"
    )).user  # fmt: skip
    administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, badge=badge))
    token = door.anybody.IssueTillToken(machine.proof(enrolled.till.id, now())).token

    def ask():
        roster = door.stub(token).GetTillRoster(pb.GetTillRosterRequest(till_id=enrolled.till.id))
        return roster, next(cashier for cashier in roster.cashiers if cashier.user_id == user.id)

    roster, known = ask()
    assert known.badge_hash == passwords.badge_hash(badge, roster.badge_salt)
    administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, badge=""))
    later, known = ask()
    assert (known.badge_hash, later.badge_salt) == (b"", roster.badge_salt)
    assert later.version != roster.version
