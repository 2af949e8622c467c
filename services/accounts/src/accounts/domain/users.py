"""A person who signs in: login and password for the back office, PIN or badge for tills (M3)."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from accounts.domain.errors import BadgeInvalid, PasswordTooWeak, PinInvalid, UserDisabled
from accounts.domain.profiles import profile_of
from kit.errors import FieldInvalid

ADMINISTRATOR = "administrator"
LANGUAGES = ("fr", "en")
PASSWORD_LENGTH = (8, 200)
MAX_NAME = 80
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{1,63}")
_PIN = re.compile(r"[0-9]{4,8}")
_BADGE = re.compile(r"[!-~]{12,128}")  # printable ASCII without blanks: what any reader can type
_WELL_KNOWN = frozenset({
    "password", "password1", "passw0rd", "motdepasse", "azertyuiop", "azerty123", "qwertyuiop", "qwerty123",
    "12345678", "123456789", "1234567890", "11111111", "00000000", "billetterie", "iloveyou", "administrateur",
})  # fmt: skip


@dataclass(eq=False)
class User:
    """A person. `credentials_version` grows when the password changes, so that tokens got with the old one end."""

    id: UUID
    login: str
    name: str
    profile: str
    password_hash: str
    pin_hash: str | None
    enabled: bool
    language: str
    created_at: datetime
    credentials_version: int = 1
    badge_hash: bytes | None = None

    @property
    def rights(self) -> frozenset[str]:
        return profile_of(self.profile).rights

    @property
    def is_administrator(self) -> bool:
        """Whether this person can manage users at this moment."""
        return self.enabled and self.profile == ADMINISTRATOR

    @property
    def may_sign_in_at_tills(self) -> bool:
        return self.enabled and self.pin_hash is not None and "cashdesk.sell" in self.rights

    def change_password(self, password_hash: str) -> None:
        self.password_hash = password_hash
        self.credentials_version += 1

    def require_enabled(self) -> None:
        """Raises UserDisabled."""
        if not self.enabled:
            raise UserDisabled(f"the user {self.login} is disabled")


def login_of(given: str) -> str:
    """The login as it is kept, in lower case. Raises FieldInvalid."""
    login = given.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise FieldInvalid("login", "must be 2 to 64 letters without accents, digits or . _ @ + -")
    return login


def name_of(given: str, field: str = "name") -> str:
    """A name for screens: one line, 1 to 80 characters. Raises FieldInvalid."""
    name = unicodedata.normalize("NFC", given).strip()
    if not 1 <= len(name) <= MAX_NAME or any(unicodedata.category(char).startswith("C") for char in name):
        raise FieldInvalid(field, "must be 1 to 80 characters on one line")
    return name


def language_of(given: str) -> str:
    """French unless said otherwise. Raises FieldInvalid."""
    language = given or "fr"
    if language not in LANGUAGES:
        raise FieldInvalid("language", "must be fr or en")
    return language


def check_password(password: str, login: str) -> None:
    """Raises PasswordTooWeak. Length counts, not recipes of characters (NIST SP 800-63B, 5.1.1.2)."""
    low, high = PASSWORD_LENGTH
    if not low <= len(password) <= high:
        raise PasswordTooWeak(f"a password has {low} to {high} characters", field="password")
    lowered = password.lower()
    if lowered in _WELL_KNOWN or lowered == login or len(set(password)) < 3:
        raise PasswordTooWeak("this password is among the first that anybody would try", field="password")


def check_pin(pin: str) -> None:
    """4 to 8 digits that are neither all the same nor counting up or down. Raises PinInvalid."""
    if not _PIN.fullmatch(pin):
        raise PinInvalid("a PIN has 4 to 8 digits", field="pin")
    steps = {int(after) - int(before) for before, after in pairwise(pin)}
    if len(steps) == 1 and steps <= {-1, 0, 1}:
        raise PinInvalid("this PIN is among the first that anybody would try", field="pin")


def badge_of(given: str) -> str:
    """What a reader typed for a badge, in capitals: a shift lock at a till must not lock its wearer out.

    Raises BadgeInvalid for what is too short to be beyond guessing.
    """
    badge = given.strip().upper()
    if not _BADGE.fullmatch(badge) or len(set(badge)) < 4:
        raise BadgeInvalid("a badge is 12 to 128 printable characters, hard to guess", field="badge")
    return badge
