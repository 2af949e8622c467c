"""The Ed25519 keys that sign tokens: sealed in the database, kept open in memory, published with overlap."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc.jwk import OKPKey
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, sessionmaker

from accounts import store
from accounts.store import TokenKey
from accounts.vault import Vault
from kit.auth import Caller
from kit.tokens import private_key, sign_token

USER_TOKEN_LIFE = timedelta(minutes=15)
TILL_TOKEN_LIFE = timedelta(minutes=30)
CACHE_SECONDS = 5.0
# A new key is published before it signs: by then every process has looked again and can answer who asks for it.
SETTLING = timedelta(seconds=10)
# The longest token, plus how long the old key goes on signing, plus clocks.
OVERLAP = TILL_TOKEN_LIFE + timedelta(minutes=2)


@dataclass(frozen=True)
class _Kept:
    looked_at: float  # monotonic
    published: tuple[TokenKey, ...]
    signing_id: str
    signing_key: OKPKey


class TokenKeys:
    """Reads the database at most every 5 seconds. The first use ever makes the first key."""

    def __init__(self, sessions: sessionmaker[Session], vault: Vault) -> None:
        self._sessions, self._vault = sessions, vault
        self._lock = threading.Lock()
        self._kept: _Kept | None = None

    def sign(self, caller: Caller, now: datetime) -> str:
        """A token for a person or a till, by the newest key that has settled."""
        kept = self._look(now)
        return sign_token(kept.signing_key, kept.signing_id, caller, now)

    def published(self, now: datetime) -> tuple[TokenKey, ...]:
        """The keys that verify, newest first: the present one and those that overlap."""
        return self._look(now).published

    def public_keys(self, now: datetime) -> Mapping[str, bytes]:
        """The same by key id, for a `kit.tokens.KeyRing`."""
        return {key.key_id: key.public_key for key in self.published(now)}

    def start_new(self, session: Session, now: datetime) -> str:
        """Rotate within the caller's transaction: the id of the new key. Call `look_again` once it has committed."""
        store.forget_dead_token_keys(session, now)
        store.retire_token_key(session, now + OVERLAP)
        return self._add(session, now)

    def look_again(self) -> None:
        """Forget what was read."""
        with self._lock:
            self._kept = None

    def _add(self, session: Session, now: datetime) -> str:
        key_id = f"{now:%Y%m%d}-{secrets.token_hex(4)}"
        key = Ed25519PrivateKey.generate()
        sealed = self._vault.seal(key.private_bytes_raw(), key_id)
        store.add_token_key(session, TokenKey(key_id, key.public_key().public_bytes_raw(), sealed, now, None))
        return key_id

    def _look(self, now: datetime) -> _Kept:
        with self._lock:
            if self._kept is None or time.monotonic() - self._kept.looked_at > CACHE_SECONDS:
                keys = self._read(now) or self._first(now)
                settled = next((key for key in keys if key.created_at <= now - SETTLING), keys[-1])
                signing = private_key(self._vault.unseal(settled.sealed_seed, settled.key_id))
                self._kept = _Kept(time.monotonic(), tuple(keys), settled.key_id, signing)
            return self._kept

    def _read(self, now: datetime) -> list[TokenKey]:
        with self._sessions.begin() as session:
            return store.living_token_keys(session, now)

    def _first(self, now: datetime) -> list[TokenKey]:
        try:
            with self._sessions.begin() as session:
                self._add(session, now)
        except IntegrityError:
            pass  # another process was first; its key is read below
        return self._read(now)
