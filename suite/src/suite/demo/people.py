"""Who works at the demo organisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ticketing.accounts.v1 import accounts_service_pb2 as pb

if TYPE_CHECKING:
    from suite.demo.centre import Centre


@dataclass(frozen=True)
class Person:
    """One login. The secrets are shown on purpose: they open a demo and nothing else."""

    login: str
    name: str
    profile: str
    role: str
    password: str
    pin: str = ""

    def shown(self) -> dict[str, str]:
        """What the start of the suite prints."""
        shown = {"role": self.role, "name": self.name, "login": self.login, "password": self.password}
        return shown | ({"pin": self.pin} if self.pin else {})


ADMINISTRATOR = Person("admin", "Administration", "administrator", "administrator", "demo-Canal-2026")
PEOPLE = (
    ADMINISTRATOR,
    Person("programmation", "Hélène Vasseur", "programmer", "programmer", "demo-Canal-2026"),
    Person("ines", "Inès Garnier", "head_cashier", "head cashier", "demo-Canal-2026", "9054"),
    Person("camille", "Camille Moreau", "cashier", "cashier", "demo-Canal-2026", "4821"),
    Person("lucas", "Lucas Bernard", "cashier", "cashier", "demo-Canal-2026", "7365"),
)


def create_people(centre: Centre) -> None:
    """Create everybody but the administrator, who signs in to do it."""
    from suite.demo.centre import id_of, once

    for person in PEOPLE[1:]:
        request = pb.CreateUserRequest(
            request_id=id_of("user", person.login), login=person.login, name=person.name, profile=person.profile,
            password=person.password, pin=person.pin, language="fr",
        )  # fmt: skip
        once(centre.accounts.CreateUser, request, "LOGIN_TAKEN", "REQUEST_REUSED")
