"""Signing in, staying signed in, and the keys that make others believe it."""

from datetime import datetime

from accounts import passwords, store
from accounts.domain.errors import CredentialsChanged, CredentialsWrong
from accounts.domain.users import PASSWORD_LENGTH, User, login_of
from accounts.messages import timestamp, user_message, uuid_of
from accounts.throttle import ADDRESS, FRONT, LOGIN, Limit
from accounts.token_keys import USER_TOKEN_LIFE
from accounts.usecases.means import Means, once
from kit.auth import Caller, CallerKind
from kit.errors import FieldInvalid, Forbidden
from ticketing.accounts.v1 import accounts_service_pb2 as pb

CREDENTIALS_FACT = "credentials"


def sign_in(means: Means, request: pb.SignInRequest, peer: str, behind: str | None, now: datetime) -> pb.SignInResponse:
    """A token for who knows the password; an unknown login takes as long as a wrong password.

    `behind`: the address of the person, as told by the front that calls. Raises CredentialsWrong, TooManyAttempts,
    UserDisabled.
    """
    try:
        login = login_of(request.login)
    except FieldInvalid:
        login = ""  # nobody's
    counted: list[tuple[Limit, str]] = [(ADDRESS, behind), (FRONT, peer)] if behind else [(ADDRESS, peer)]
    means.throttle.attempt([*counted, (LOGIN, login or request.login[:64])])
    with means.sessions.begin() as session:
        user = store.user_by_login(session, login) if login else None
    password = request.password[: PASSWORD_LENGTH[1] + 1]
    right = passwords.matches(user.password_hash if user else passwords.NOBODY, password)
    if user is None or not right:
        raise CredentialsWrong("the login or the password is wrong")
    user.require_enabled()
    means.throttle.forget(LOGIN, login)
    if passwords.is_outdated(user.password_hash):
        fresh = passwords.hashed(password)
        with means.sessions.begin() as session:
            store.replace_password_hash(session, user.id, user.password_hash, fresh)
    token, expires_at = _token(means, user, now)
    return pb.SignInResponse(token=token, expires_at=timestamp(expires_at), user=user_message(user))


def renew_token(means: Means, caller: Caller, now: datetime) -> pb.RenewTokenResponse:
    """A fresh token with today's rights. Raises UserDisabled, UserNotFound, CredentialsChanged, Forbidden."""
    if caller.kind is not CallerKind.USER:
        raise Forbidden("only people renew their tokens", right="user")
    with means.sessions.begin() as session:
        user = store.user(session, uuid_of(caller.subject, "token"))
    user.require_enabled()
    if caller.facts.get(CREDENTIALS_FACT) != str(user.credentials_version):
        raise CredentialsChanged("the password was changed, sign in again")
    token, expires_at = _token(means, user, now)
    return pb.RenewTokenResponse(token=token, expires_at=timestamp(expires_at))


def public_keys(means: Means, now: datetime) -> pb.GetPublicKeysResponse:
    """The keys that verify tokens."""
    return pb.GetPublicKeysResponse(
        keys=[
            pb.PublicKey(key_id=key.key_id, public_key=key.public_key, not_after=timestamp(key.not_after))
            for key in means.token_keys.published(now)
        ]
    )


def rotate_token_key(
    means: Means, caller: Caller, request: pb.RotateTokenKeyRequest, now: datetime
) -> pb.RotateTokenKeyResponse:
    """Sign with a new key from now on; tokens of the old one stay good until they expire."""
    caller.require("accounts.manage_users")
    answer = once(
        means.sessions, request, pb.RotateTokenKeyResponse,
        lambda session: pb.RotateTokenKeyResponse(key_id=means.token_keys.start_new(session, now)),
    )  # fmt: skip
    means.token_keys.look_again()
    return answer


def _token(means: Means, user: User, now: datetime) -> tuple[str, datetime]:
    expires_at = now + USER_TOKEN_LIFE
    facts = {CREDENTIALS_FACT: str(user.credentials_version), "language": user.language}
    caller = Caller(str(user.id), CallerKind.USER, user.name, user.rights, expires_at, facts)
    return means.token_keys.sign(caller, now), expires_at
