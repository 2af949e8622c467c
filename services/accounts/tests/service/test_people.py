"""People, sign-in and tokens, through a real gRPC server on a real database and Redis."""

import base64
import json
import uuid
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text

from accounts import passwords
from accounts.usecases.users import first_administrator
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.errors import DomainError
from kit.tokens import KeyRing, accounts_keys
from ticketing.accounts.v1 import accounts_service_pb2 as pb

pytestmark = pytest.mark.service
PASSWORD = "un bon mot de passe"


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def person(door):
    """Makes users; their logins are all different."""

    def make(profile="cashier", pin="", **fields) -> pb.User:
        login = f"u{new_id()[:8]}"
        request = pb.CreateUserRequest(
            request_id=new_id(), login=login, name="Marie Durand", profile=profile, password=PASSWORD, pin=pin, **fields
        )
        return door.administrator.CreateUser(request).user

    return make


def sign_in(door, login, password=PASSWORD, **options):
    return door.anybody.SignIn(pb.SignInRequest(login=login, password=password), **options)


def refusal(call, *arguments, **options) -> DomainError:
    with pytest.raises(DomainError) as refused:
        call(*arguments, **options)
    return refused.value


def test_who_knows_the_password_gets_a_token_of_15_minutes_with_the_rights_of_the_profile(door, person):
    """M2, M3"""
    user = person("head_cashier")
    answer = sign_in(door, user.login.upper())
    caller = KeyRing(accounts_keys(door.target)).verify(answer.token, now())
    assert (caller.subject, caller.kind, caller.name) == (user.id, CallerKind.USER, "Marie Durand")
    assert caller.rights == set(user.rights)
    assert "orders.refund" in caller.rights
    assert timedelta(minutes=14) < caller.expires_at - now() <= timedelta(minutes=15)


def test_a_wrong_password_and_an_unknown_login_are_answered_alike(door, person):
    wrong = refusal(sign_in, door, person().login, "another one")
    unknown = refusal(sign_in, door, "nobody-here")
    malformed = refusal(sign_in, door, "no\0body" + "x" * 100)
    assert wrong.reason == unknown.reason == malformed.reason == "CREDENTIALS_WRONG"
    assert wrong.message == unknown.message


def test_an_unknown_login_costs_a_verification_too(door, monkeypatch):
    """So that the time of the answer does not tell which logins exist."""
    verified = []
    real = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda kept, secret: verified.append(kept) or real(kept, secret))
    refusal(sign_in, door, "nobody-here")
    assert verified == [passwords.NOBODY]


def test_after_ten_wrong_passwords_even_the_right_one_must_wait(door, person):
    user = person()
    for _ in range(10):
        assert refusal(sign_in, door, user.login, "another one").reason == "CREDENTIALS_WRONG"
    refused = refusal(sign_in, door, user.login)
    assert refused.reason == "TOO_MANY_ATTEMPTS"
    assert 0 < int(refused.facts["retry_seconds"]) <= 900
    assert sign_in(door, person().login).token


def test_a_success_forgets_earlier_mistakes(door, person):
    user = person()
    for _ in range(3):
        for _ in range(6):
            refusal(sign_in, door, user.login, "another one")
        assert sign_in(door, user.login).token


def test_one_address_that_tries_many_logins_must_wait(door):
    """The address that the front tells; another person behind the same front is not held up."""
    behind = {"metadata": (("x-client-address", "192.0.2.1"),)}
    reasons = [refusal(sign_in, door, f"nobody{n}", **behind).reason for n in range(61)]
    assert reasons == ["CREDENTIALS_WRONG"] * 60 + ["TOO_MANY_ATTEMPTS"]
    other = {"metadata": (("x-client-address", "192.0.2.2"),)}
    assert refusal(sign_in, door, "nobody", **other).reason == "CREDENTIALS_WRONG"


def test_attempts_at_the_same_moment_are_all_counted(door, person):
    login, barrier, reasons = person().login, Barrier(20), []

    def attempt():
        barrier.wait()
        reasons.append(refusal(sign_in, door, login, "another one").reason)

    threads = [Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reasons.count("CREDENTIALS_WRONG") == 10
    assert reasons.count("TOO_MANY_ATTEMPTS") == 10


def test_a_hash_of_old_parameters_is_made_anew_at_sign_in(door, person, sessions):
    user = person()
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with sessions.begin() as session:
        session.execute(text("UPDATE users SET password_hash = :weak WHERE id = :id"), {"weak": weak, "id": user.id})
    sign_in(door, user.login)
    with sessions.begin() as session:
        kept = session.scalar(text("SELECT password_hash FROM users WHERE id = :id"), {"id": user.id})
    assert "m=19456,t=2,p=1" in kept
    assert sign_in(door, user.login).token


def test_a_renewed_token_carries_the_rights_of_today(door, person):
    user = person("cashier")
    token = sign_in(door, user.login).token
    door.administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, profile="programmer"))
    renewed = door.stub(token).RenewToken(pb.RenewTokenRequest()).token
    rights = KeyRing(accounts_keys(door.target)).verify(renewed, now()).rights
    assert "catalog.programme" in rights
    assert "orders.sell" not in rights


def test_a_disabled_user_neither_renews_nor_signs_in(door, person):
    user = person()
    token = sign_in(door, user.login).token
    door.administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, enabled=False))
    assert refusal(door.stub(token).RenewToken, pb.RenewTokenRequest()).reason == "USER_DISABLED"
    assert refusal(sign_in, door, user.login).reason == "USER_DISABLED"
    assert refusal(sign_in, door, user.login, "another one").reason == "CREDENTIALS_WRONG"


def test_a_new_password_ends_the_sign_ins_of_the_old_one(door, person):
    user = person()
    token = sign_in(door, user.login).token
    request = pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, password="un tout autre mot")
    door.administrator.UpdateUser(request)
    assert refusal(door.stub(token).RenewToken, pb.RenewTokenRequest()).reason == "CREDENTIALS_CHANGED"
    assert refusal(sign_in, door, user.login).reason == "CREDENTIALS_WRONG"
    assert sign_in(door, user.login, "un tout autre mot").token


def test_a_till_or_a_service_cannot_renew_as_a_person(door):
    assert refusal(door.service.RenewToken, pb.RenewTokenRequest()).reason == "FORBIDDEN"


def key_id_of(token: str) -> str:
    header = token.partition(".")[0]
    return json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]


def test_rotation_publishes_a_new_key_then_signs_with_it_while_old_tokens_stay_good(door, person, means):
    ring = KeyRing(accounts_keys(door.target))
    old = sign_in(door, person().login).token
    before = door.anybody.GetPublicKeys(pb.GetPublicKeysRequest()).keys
    request = pb.RotateTokenKeyRequest(request_id=new_id())
    administrator = door.administrator
    new_key = administrator.RotateTokenKey(request).key_id
    assert administrator.RotateTokenKey(request).key_id == new_key
    after = door.anybody.GetPublicKeys(pb.GetPublicKeysRequest()).keys
    assert after[0].key_id == new_key
    assert {key.key_id for key in before} < {key.key_id for key in after}
    overlap = after[1].not_after.ToDatetime(tzinfo=now().tzinfo) - now()
    assert overlap > timedelta(minutes=30)
    assert ring.verify(old, now())
    settled = now() + timedelta(seconds=11)
    means.token_keys.look_again()
    new = means.token_keys.sign(Caller(new_id(), CallerKind.USER, "X", frozenset(), settled), settled)
    means.token_keys.look_again()
    assert key_id_of(old) != key_id_of(new) == new_key
    assert KeyRing(accounts_keys(door.target)).verify(new, now())
    assert door.stub(old).RenewToken(pb.RenewTokenRequest()).token


def test_token_keys_are_not_readable_in_the_database(door, sessions, means):
    means.token_keys.published(now())
    with sessions.begin() as session:
        row = session.execute(text("SELECT key_id, sealed_seed FROM token_keys LIMIT 1")).one()
    seed = means.vault.unseal(bytes(row.sealed_seed), row.key_id)
    assert len(seed) == 32
    assert seed not in bytes(row.sealed_seed)


def test_a_user_is_created_once_for_one_request(door, sessions):
    login = f"u{new_id()[:8]}"
    request = pb.CreateUserRequest(
        request_id=new_id(), login=login, name="Paul", profile="cashier", password=PASSWORD, pin="2580"
    )
    administrator = door.administrator
    first = administrator.CreateUser(request)
    assert administrator.CreateUser(request) == first
    assert first.user.has_pin
    assert first.user.language == "fr"
    with sessions.begin() as session:
        saved = "SELECT count(*) FROM outbox WHERE subject = 'accounts.user.saved.v1' AND payload->>'userId' = :id"
        assert session.scalar(text(saved), {"id": first.user.id}) == 1
    request.name = "Another"
    assert refusal(administrator.CreateUser, request).reason == "REQUEST_REUSED"


def test_one_request_sent_by_many_threads_makes_one_user(door):
    request = pb.CreateUserRequest(
        request_id=new_id(), login=f"u{new_id()[:8]}", name="Paul", profile="cashier", password=PASSWORD
    )
    administrator, answers, barrier = door.administrator, [], Barrier(6)

    def create():
        barrier.wait()
        answers.append(administrator.CreateUser(request).user.id)

    threads = [Thread(target=create) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1


def test_a_login_belongs_to_one_person(door, person):
    request = pb.CreateUserRequest(
        request_id=new_id(), login=person().login.upper(), name="Paul", profile="cashier", password=PASSWORD
    )
    refused = refusal(door.administrator.CreateUser, request)
    assert (refused.reason, refused.facts["field"]) == ("LOGIN_TAKEN", "login")


@pytest.mark.parametrize(
    ("fields", "reason", "field"),
    [
        ({"login": "é"}, "FIELD_INVALID", "login"),
        ({"name": ""}, "FIELD_INVALID", "name"),
        ({"profile": "king"}, "PROFILE_NOT_FOUND", "profile"),
        ({"password": "court"}, "PASSWORD_TOO_WEAK", "password"),
        ({"pin": "1234"}, "PIN_INVALID", "pin"),
        ({"language": "de"}, "FIELD_INVALID", "language"),
        ({"request_id": ""}, "FIELD_INVALID", "request_id"),
    ],
)
def test_a_refused_field_is_named(door, fields, reason, field):
    right = {"request_id": new_id(), "login": f"u{new_id()[:8]}", "name": "Paul", "profile": "cashier",
             "password": PASSWORD, "pin": "2580"}  # fmt: skip
    refused = refusal(door.administrator.CreateUser, pb.CreateUserRequest(**(right | fields)))
    assert (refused.reason, refused.facts["field"]) == (reason, field)


def test_no_secret_is_kept_with_the_request(door, person, sessions):
    """A plain hash over a PIN could be guessed, so the kept fingerprint is of the request without it."""
    request = pb.CreateUserRequest(
        request_id=new_id(), login=f"u{new_id()[:8]}", name="Paul", profile="cashier", password=PASSWORD, pin="2580"
    )
    first = door.administrator.CreateUser(request)
    request.pin, request.password = "1357", "another password"
    assert door.administrator.CreateUser(request) == first


def test_updating_changes_only_what_is_set(door, person):
    user = person(pin="2580")
    administrator = door.administrator
    changed = administrator.UpdateUser(
        pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, name="Marie Martin", language="en")
    ).user
    assert (changed.name, changed.language, changed.has_pin, changed.enabled) == ("Marie Martin", "en", True, True)
    assert changed.profile == user.profile
    without = administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, pin="")).user
    assert not without.has_pin
    assert sign_in(door, user.login).user == without
    missing = pb.UpdateUserRequest(request_id=new_id(), user_id=new_id(), name="X")
    assert refusal(administrator.UpdateUser, missing).reason == "USER_NOT_FOUND"


def test_the_last_administrator_cannot_be_taken_away(door, person, sessions):
    with sessions.begin() as session:
        session.execute(text("UPDATE users SET enabled = false WHERE profile = 'administrator'"))
    first, second = person("administrator"), person("administrator")
    administrator, outcomes, barrier = door.administrator, [], Barrier(2)

    def disable(user):
        barrier.wait()
        try:
            administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, enabled=False))
            outcomes.append("DONE")
        except DomainError as error:
            outcomes.append(error.reason)

    threads = [Thread(target=disable, args=(user,)) for user in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["DONE", "LAST_ADMINISTRATOR"]


def test_every_management_call_asks_for_its_right(door):
    """M2: refused by the service, whatever the menus show."""
    clerk = door.user("orders.sell", "cashdesk.view")
    calls = {
        "CreateUser": pb.CreateUserRequest(), "UpdateUser": pb.UpdateUserRequest(), "ListUsers": pb.ListUsersRequest(),
        "ListProfiles": pb.ListProfilesRequest(), "RotateTokenKey": pb.RotateTokenKeyRequest(),
        "CreateTill": pb.CreateTillRequest(), "RenewEnrolmentCode": pb.RenewEnrolmentCodeRequest(),
        "RevokeTill": pb.RevokeTillRequest(), "GetTillRoster": pb.GetTillRosterRequest(),
        "ListSellers": pb.ListSellersRequest(), "CertifyTicketKey": pb.CertifyTicketKeyRequest(),
    }  # fmt: skip
    for method, request in calls.items():
        assert refusal(getattr(clerk, method), request).reason == "FORBIDDEN", method
        assert refusal(getattr(door.anybody, method), request).reason == "UNAUTHENTICATED", method
    assert clerk.ListTills(pb.ListTillsRequest()) is not None


def test_a_forged_token_is_refused(door, means):
    from kit.tokens import private_key, sign_token

    caller = Caller(new_id(), CallerKind.USER, "X", frozenset({"accounts.manage_users"}), now() + timedelta(minutes=5))
    published = means.token_keys.published(now())[0]
    forged = sign_token(private_key(b"f" * 32), published.key_id, caller, now())
    assert refusal(door.stub(forged).ListUsers, pb.ListUsersRequest()).reason == "UNAUTHENTICATED"


def test_who_sets_up_tills_sees_who_sells_and_nothing_more_of_them(door, person):
    """B7: those who were disabled or may not sell are not there."""
    cashier, head, programmer, gone = (
        person(profile) for profile in ("cashier", "head_cashier", "programmer", "cashier")
    )
    door.administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=gone.id, enabled=False))
    told = {
        seller.user_id: (seller.name, seller.profile)
        for seller in door.user("catalog.programme").ListSellers(pb.ListSellersRequest()).sellers
    }
    assert (told[cashier.id], told[head.id]) == (("Marie Durand", "cashier"), ("Marie Durand", "head_cashier"))
    assert not told.keys() & {programmer.id, gone.id}


def test_the_profiles_are_listed_with_their_rights(door):
    """M1"""
    profiles = door.administrator.ListProfiles(pb.ListProfilesRequest()).profiles
    assert [profile.code for profile in profiles] == ["cashier", "head_cashier", "programmer", "administrator"]
    assert list(profiles[0].rights) == ["cashdesk.sell", "orders.sell", "orders.view"]


def test_the_first_administrator_is_made_once_by_two_first_starts(database):
    from kit.database import engine_for, migrate, sessions_for

    url = database("accounts")
    migrate(url.owner_url, "accounts.migrations")
    sessions = sessions_for(engine_for(str(url)))
    made, barrier = [], Barrier(2)

    def start(login):
        barrier.wait()
        made.append(first_administrator(sessions, login, PASSWORD, now()))

    threads = [Thread(target=start, args=(login,)) for login in ("anne", "bruno")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(made) == [False, True]
    assert not first_administrator(sessions, "carla", PASSWORD, now())


def change(door, user, **fields) -> pb.User:
    return door.administrator.UpdateUser(pb.UpdateUserRequest(request_id=new_id(), user_id=user.id, **fields)).user


def test_a_badge_is_set_replaced_and_withdrawn(door, person, sessions):
    """M3: only a salted hash of it is kept."""
    user, badge = person(), f"B{new_id()}".upper()
    assert change(door, user, badge=f" {badge.lower()}").has_badge
    with sessions() as session:
        kept = session.scalar(text("SELECT badge_hash FROM users WHERE id = :id"), {"id": user.id})
    assert bytes(kept) == passwords.badge_hash(badge, door.means.vault.badge_salt)
    assert change(door, user, badge=f"B{new_id()}").has_badge
    assert change(door, user, name="Marie D.").has_badge
    assert not change(door, user, badge="").has_badge


def test_a_badge_is_worn_by_one_person(door, person):
    """M3: whose it is decides who is signed in."""
    first, second, badge = person(), person(), f"B{new_id()}"
    change(door, first, badge=badge)
    refused = refusal(change, door, second, badge=badge)
    assert (refused.reason, refused.facts["field"]) == ("BADGE_TAKEN", "badge")
    change(door, first, badge="")
    assert change(door, second, badge=badge).has_badge


@pytest.mark.parametrize("badge", ["04A2B1C3", "x" * 129, "deux mots dans un badge", "é" * 20, "1" * 20, "   "])
def test_a_badge_that_could_be_guessed_or_not_be_typed_is_refused(door, person, badge):
    assert refusal(change, door, person(), badge=badge).reason == "BADGE_INVALID"
