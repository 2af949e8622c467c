import base64

import pytest
from argon2 import PasswordHasher
from cryptography.exceptions import InvalidTag

from accounts import config, passwords
from accounts.domain.errors import TooManyAttempts
from accounts.throttle import LOGIN, WITHOUT_REDIS, Throttle
from accounts.vault import Vault
from kit.config import ConfigError


def test_a_password_is_kept_as_argon2id_with_19_mib():
    kept = passwords.hashed("un bon mot de passe")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.matches(kept, "un bon mot de passe")
    assert not passwords.matches(kept, "un autre")
    assert not passwords.matches("not a hash", "un autre")


def test_a_hash_of_other_parameters_still_matches_and_is_outdated():
    kept = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("secret")
    assert passwords.matches(kept, "secret")
    assert passwords.is_outdated(kept)
    assert not passwords.is_outdated(passwords.NOBODY)


def test_a_sealed_key_opens_only_with_its_secret_and_under_its_own_id():
    vault = Vault(b"k" * 32)
    sealed = vault.seal(b"seed" * 8, "key-1")
    assert b"seed" not in sealed
    assert vault.unseal(sealed, "key-1") == b"seed" * 8
    for other, key_id in ((Vault(b"l" * 32), "key-1"), (vault, "key-2")):
        with pytest.raises(InvalidTag):
            other.unseal(sealed, key_id)


def test_a_code_depends_on_the_request_the_till_and_the_secret():
    vault = Vault(b"k" * 32)
    code = vault.enrolment_code("request-1", "till-1")
    assert len(code) == 8
    assert not set(code) & set("0O1IL")
    assert code == vault.enrolment_code("request-1", "till-1")
    others = {vault.enrolment_code("request-2", "till-1"), vault.enrolment_code("request-1", "till-2"),
              Vault(b"l" * 32).enrolment_code("request-1", "till-1")}  # fmt: skip
    assert code not in others
    assert len(others) == 3


def test_without_redis_attempts_are_counted_in_the_process_and_the_metric_says_so():
    """Never open: the eleventh attempt is refused though nothing answers at that address."""
    before = WITHOUT_REDIS._value.get()
    throttle = Throttle("redis://127.0.0.1:9/0")
    for _ in range(10):
        throttle.attempt([(LOGIN, "marie")])
    with pytest.raises(TooManyAttempts) as refused:
        throttle.attempt([(LOGIN, "marie")])
    assert 0 < int(refused.value.facts["retry_seconds"]) <= 15 * 60
    assert WITHOUT_REDIS._value.get() == before + 11
    throttle.attempt([(LOGIN, "paul")])
    throttle.forget(LOGIN, "marie")
    throttle.attempt([(LOGIN, "marie")])


ENV = {
    "ACCOUNTS_DATABASE_URL": "postgresql+psycopg://x", "ACCOUNTS_NATS_URL": "nats://x", "ACCOUNTS_REDIS_URL": "redis://x",
    "ACCOUNTS_SERVICE_SECRET": "s" * 32, "ACCOUNTS_GRPC_PORT": "1", "ACCOUNTS_OPS_PORT": "2",
    "ACCOUNTS_ROOT_KEY": base64.urlsafe_b64encode(b"\xff" * 32).decode().rstrip("="),
    "ACCOUNTS_TOKEN_KEY_SECRET": base64.urlsafe_b64encode(b"t" * 32).decode(),
}  # fmt: skip


def test_the_keys_are_read_with_or_without_padding_and_never_shown():
    settings = config.load(ENV)
    assert settings.root_key == b"\xff" * 32
    assert "t" * 32 not in repr(settings)


@pytest.mark.parametrize("name", ["ACCOUNTS_ROOT_KEY", "ACCOUNTS_TOKEN_KEY_SECRET"])
@pytest.mark.parametrize("value", ["", "short", "é" * 43, "!" * 43])
def test_a_key_that_is_missing_or_wrong_is_named(name, value):
    with pytest.raises(ConfigError, match=name):
        config.load(ENV | {name: value})


def test_the_hash_of_a_badge_is_the_one_that_tills_compute():
    """M3: the same vector is in the tests of the till."""
    assert passwords.badge_hash("TK-7Q9Z-4M2X-88WD", b"the centre salts").hex()[:24] == "801c9665fb76fdd21f960748"
