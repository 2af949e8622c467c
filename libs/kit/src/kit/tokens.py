"""Tokens: EdDSA ones issued by accounts to people and tills, HS256 ones that services make for each other.

Claims: sub, kind, name, rights, iat, exp, iss, and `facts` for tills. Header `kid` names the key.
"""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey, OKPKey

from kit.auth import Caller, CallerKind
from kit.errors import Unauthenticated, Unavailable

ISSUER = "ticketing"
SERVICE_KEY_ID = "service"
SERVICE_TOKEN_SECONDS = 600
_LEEWAY_SECONDS = 30
_CACHE_LIMIT = 10_000


def sign_token(key: OKPKey, key_id: str, caller: Caller, now: datetime) -> str:
    """A token for a person or a till, signed by accounts' Ed25519 key."""
    header = {"alg": "Ed25519", "kid": key_id}
    return jwt.encode(header, _claims(caller, now), key, algorithms=["Ed25519"])


def service_token(secret: str, service: str, now: datetime) -> str:
    """A token by which one service makes itself known to another."""
    expires_at = now + timedelta(seconds=SERVICE_TOKEN_SECONDS)
    caller = Caller(service, CallerKind.SERVICE, service, frozenset(), expires_at)
    key = OctKey.import_key(secret)
    return jwt.encode({"alg": "HS256", "kid": SERVICE_KEY_ID}, _claims(caller, now), key, algorithms=["HS256"])


def _claims(caller: Caller, now: datetime) -> dict[str, object]:
    return {
        "iss": ISSUER,
        "sub": caller.subject,
        "kind": caller.kind.value,
        "name": caller.name,
        "rights": sorted(caller.rights),
        "facts": caller.facts,
        "iat": int(now.timestamp()),
        "exp": int(caller.expires_at.timestamp()),
    }


class KeyRing:
    """The keys that verify tokens: accounts' public ones, fetched and kept, and the services' shared secret.

    An unknown key id makes it fetch again, at most every 5 seconds, so a rotation needs no restart. Verified tokens are
    remembered until they expire, so a busy caller costs one signature check, not one per call.
    """

    def __init__(self, fetch: Callable[[], Mapping[str, bytes]], service_secret: str | None = None) -> None:
        self._fetch = fetch
        self._service_key = OctKey.import_key(service_secret) if service_secret else None
        self._keys: dict[str, OKPKey] = {}
        self._fetched_at = -1e9
        self._lock = threading.Lock()
        self._verified: dict[str, Caller] = {}

    def verify(self, token: str, now: datetime) -> Caller:
        """The token's bearer. Raises Unauthenticated when it is forged, foreign or expired."""
        caller = self._verified.get(token)
        if caller is None:
            caller = self._check(token)
            if len(self._verified) >= _CACHE_LIMIT:
                self._verified.clear()
            self._verified[token] = caller
        if caller.expires_at.timestamp() + _LEEWAY_SECONDS < now.timestamp():
            self._verified.pop(token, None)
            raise Unauthenticated("the token has expired, sign in again")
        return caller

    def _check(self, token: str) -> Caller:
        try:
            decoded = jwt.decode(token, self._key_for, algorithms=["Ed25519", "HS256"])
            claims = decoded.claims
            if claims["iss"] != ISSUER:
                raise Unauthenticated("the token comes from elsewhere")
            kind = CallerKind(claims["kind"])
            if (decoded.header["kid"] == SERVICE_KEY_ID) != (kind is CallerKind.SERVICE):
                raise Unauthenticated("the token is signed by the wrong key for its kind")
            return Caller(
                claims["sub"], kind, claims["name"], frozenset(claims["rights"]),
                datetime.fromtimestamp(claims["exp"], UTC), dict(claims.get("facts") or {}),
            )  # fmt: skip
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise Unauthenticated("the token is not valid, sign in again") from error

    def _key_for(self, token: object) -> OKPKey | OctKey:
        header = token.headers()  # type: ignore[attr-defined]
        key_id = header.get("kid", "")
        if key_id == SERVICE_KEY_ID and header.get("alg") == "HS256" and self._service_key is not None:
            return self._service_key
        if header.get("alg") != "Ed25519":
            raise ValueError("unexpected algorithm")
        if key_id not in self._keys:
            self._refresh()
        return self._keys[key_id]

    def _refresh(self) -> None:
        with self._lock:
            if time.monotonic() - self._fetched_at < 5:
                return
            fetched = self._fetch()
            self._fetched_at = time.monotonic()
            self._keys = {key_id: public_key(raw) for key_id, raw in fetched.items()}


def public_key(raw: bytes) -> OKPKey:
    """An Ed25519 public key from its 32 bytes."""
    import base64

    x = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x})


def private_key(seed: bytes) -> OKPKey:
    """An Ed25519 private key from its 32-byte seed."""
    import base64

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    def encode(raw: bytes) -> str:
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()

    x = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "d": encode(seed), "x": encode(x)})


def accounts_keys(accounts_target: str) -> Callable[[], Mapping[str, bytes]]:
    """Fetches accounts' public keys; Unavailable when accounts does not answer."""
    from kit.grpc_client import channel
    from ticketing.accounts.v1 import accounts_service_pb2 as pb
    from ticketing.accounts.v1 import accounts_service_pb2_grpc as rpc

    def fetch() -> Mapping[str, bytes]:
        stub = rpc.AccountsServiceStub(channel(accounts_target))
        try:
            answer = stub.GetPublicKeys(pb.GetPublicKeysRequest(), timeout=3)
        except Exception as error:
            raise Unavailable("the accounts service does not answer, so nobody can be recognised") from error
        return {key.key_id: key.public_key for key in answer.keys}

    return fetch
