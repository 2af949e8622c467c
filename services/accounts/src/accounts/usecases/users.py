"""Managing people (M1 to M4)."""

import copy
import uuid
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from accounts import passwords, store
from accounts.domain.errors import BadgeTaken, LastAdministrator, LoginTaken
from accounts.domain.profiles import PROFILES, profile_of
from accounts.domain.users import (
    ADMINISTRATOR,
    User,
    badge_of,
    check_password,
    check_pin,
    language_of,
    login_of,
    name_of,
)
from accounts.messages import profile_message, user_message, user_saved, uuid_of
from accounts.usecases.means import Means, is_taken, once
from kit import outbox
from kit.auth import Caller
from ticketing.accounts.v1 import accounts_service_pb2 as pb

RIGHT = "accounts.manage_users"
SELL = "cashdesk.sell"
Request = TypeVar("Request", pb.CreateUserRequest, pb.UpdateUserRequest)


def create_user(means: Means, caller: Caller, request: pb.CreateUserRequest, now: datetime) -> pb.CreateUserResponse:
    """Add a person. Raises LoginTaken, ProfileNotFound, PasswordTooWeak, PinInvalid, FieldInvalid."""
    caller.require(RIGHT)
    user = _new_user(request, now)

    def work(session: Session) -> pb.CreateUserResponse:
        _add(session, user)
        return pb.CreateUserResponse(user=user_message(user))

    try:
        return once(means.sessions, _without_secrets(request), pb.CreateUserResponse, work)
    except IntegrityError as error:
        if is_taken(error, "users_login_key"):
            raise LoginTaken(f"the login {user.login} is taken", field="login") from error
        raise


def update_user(means: Means, caller: Caller, request: pb.UpdateUserRequest, now: datetime) -> pb.UpdateUserResponse:
    """Change what is set. Raises UserNotFound, LastAdministrator, BadgeInvalid, BadgeTaken, and as create_user."""
    caller.require(RIGHT)
    user_id = uuid_of(request.user_id, "user_id")
    name = name_of(request.name) if request.HasField("name") else None
    profile = profile_of(request.profile).code if request.HasField("profile") else None
    language = language_of(request.language) if request.HasField("language") else None
    password_hash = pin_hash = None
    if request.HasField("password"):
        with means.sessions.begin() as session:
            login = store.user(session, user_id).login
        check_password(request.password, login)
        password_hash = passwords.hashed(request.password)
    if request.pin:
        check_pin(request.pin)
        pin_hash = passwords.hashed(request.pin)
    badge_hash = passwords.badge_hash(badge_of(request.badge), means.vault.badge_salt) if request.badge else None

    def work(session: Session) -> pb.UpdateUserResponse:
        administrators = store.lock_administrators(session) if profile or request.HasField("enabled") else []
        user = store.user(session, user_id, lock=True)
        user.name = name or user.name
        user.profile = profile or user.profile
        user.language = language or user.language
        if password_hash:
            user.change_password(password_hash)
        if request.HasField("pin"):
            user.pin_hash = pin_hash
        if request.HasField("badge"):
            user.badge_hash = badge_hash
        if request.HasField("enabled"):
            user.enabled = request.enabled
        if user in administrators and len(administrators) == 1 and not user.is_administrator:
            raise LastAdministrator("this is the last administrator: name another one first")
        outbox.record(session, "accounts.user.saved.v1", user_saved(user))
        return pb.UpdateUserResponse(user=user_message(user))

    try:
        return once(means.sessions, _without_secrets(request), pb.UpdateUserResponse, work)
    except IntegrityError as error:
        if is_taken(error, "users_badge_key"):
            raise BadgeTaken("somebody else wears this badge", field="badge") from error
        raise


def list_users(means: Means, caller: Caller) -> pb.ListUsersResponse:
    """Everybody, by login."""
    caller.require(RIGHT)
    with means.sessions.begin() as session:
        return pb.ListUsersResponse(users=[user_message(user) for user in store.all_users(session)])


def list_sellers(means: Means, caller: Caller) -> pb.ListSellersResponse:
    """Who may sell at tills, by name; nothing of them but their profile."""
    caller.require("catalog.programme", RIGHT)
    with means.sessions.begin() as session:
        found = sorted(store.all_users(session), key=lambda user: (user.name.casefold(), str(user.id)))
        return pb.ListSellersResponse(
            sellers=[
                pb.Seller(user_id=str(user.id), name=user.name, profile=user.profile)
                for user in found
                if user.enabled and SELL in profile_of(user.profile).rights
            ]
        )


def list_profiles(caller: Caller) -> pb.ListProfilesResponse:
    """The profiles, from the narrowest to the widest."""
    caller.require(RIGHT)
    return pb.ListProfilesResponse(profiles=[profile_message(profile) for profile in PROFILES.values()])


def first_administrator(sessions: sessionmaker[Session], login: str, password: str, now: datetime) -> bool:
    """Make the first user when there is none at all; False when there is. Raises PasswordTooWeak, FieldInvalid."""
    request = pb.CreateUserRequest(login=login, name=login, profile=ADMINISTRATOR, password=password, language="fr")
    with sessions.begin() as session:
        if store.there_are_users(session):
            return False
        _add(session, _new_user(request, now))
        return True


def _new_user(request: pb.CreateUserRequest, now: datetime) -> User:
    login = login_of(request.login)
    name = name_of(request.name)
    profile = profile_of(request.profile).code
    check_password(request.password, login)
    if request.pin:
        check_pin(request.pin)
    return User(
        id=uuid.uuid4(), login=login, name=name, profile=profile, password_hash=passwords.hashed(request.password),
        pin_hash=passwords.hashed(request.pin) if request.pin else None, enabled=True,
        language=language_of(request.language), created_at=now,
    )  # fmt: skip


def _add(session: Session, user: User) -> None:
    session.add(user)
    outbox.record(session, "accounts.user.saved.v1", user_saved(user))


def _without_secrets(request: Request) -> Request:
    """What the idempotency key is bound to: a plain SHA-256 is kept of it, from which a PIN could be guessed."""
    kept = copy.deepcopy(request)
    for secret in ("password", "pin", "badge"):
        if secret in kept.DESCRIPTOR.fields_by_name:
            kept.ClearField(secret)
    return kept
