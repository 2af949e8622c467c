"""Points of sale, and how their tills look and what they ask (paramétrage des guichets) (B1, B3, B4, C7)."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from catalog.domain.checks import at_most, colour, identity, text
from kit.errors import FieldInvalid

PAYMENT_MODES = ("cash", "card", "cheque")
LONGEST_IDLE_MINUTES = 240
MOST_WITHOUT_SIGNATURE = 10_000_000  # minor units
MOST_PAGES = 50
MOST_KEYS = 200  # of one page
MOST_MESSAGES = 50
MOST_QUESTIONS = 20
MOST_CHOICES = 30
MOST_CODES = 200
LONGEST_MESSAGE = 500
ACTIONS = ("confirm", "clear", "lock")
ACTIONS_ON = ("pay:", "page:", "tariff:")  # followed by what they act on
_CASHIER_PROFILE = re.compile(r"[a-z][a-z_]{0,39}")


class PageKind(IntEnum):
    KEYS = 1
    PERFORMANCES = 2
    PRODUCTS = 3
    CALENDAR = 4


class MessageMoment(IntEnum):
    SIGN_IN = 1
    SALE = 2


class QuestionKind(IntEnum):
    CHOICE = 1
    POSTCODE = 2
    NUMBER = 3
    TEXT = 4


@dataclass(frozen=True)
class PointOfSale:
    id: str
    name: str
    venue_id: str
    till_profile_id: str
    revision: int = 0
    archived: bool = False

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 80)
        identity(f"{path}.venue_id", self.venue_id)
        identity(f"{path}.till_profile_id", self.till_profile_id)


@dataclass(frozen=True)
class KeyItem:
    """What one touch adds: an admission (show or performance, with its tariff) or an article."""

    show_id: str
    performance_id: str
    tariff_id: str
    product_id: str
    option: str
    quantity: int

    def check(self, path: str) -> None:
        for name in ("show_id", "performance_id", "tariff_id", "product_id"):
            identity(f"{path}.{name}", getattr(self, name), required=False)
        sold = [bool(self.show_id), bool(self.performance_id), bool(self.product_id)]
        if sum(sold) != 1:
            raise FieldInvalid(path, "must name one of: a show, a performance, a product")
        if not self.product_id and not self.tariff_id:
            raise FieldInvalid(f"{path}.tariff_id", "is missing")
        text(f"{path}.option", self.option, 30, required=False)
        if not 1 <= self.quantity <= 100:
            raise FieldInvalid(f"{path}.quantity", "must be 1 to 100")


@dataclass(frozen=True)
class Key:
    id: str
    label: str
    sublabel: str
    colour: str
    items: tuple[KeyItem, ...]

    def check(self, path: str) -> None:
        text(f"{path}.id", self.id, 60)
        text(f"{path}.label", self.label, 40)
        text(f"{path}.sublabel", self.sublabel, 40, required=False)
        colour(f"{path}.colour", self.colour)
        at_most(f"{path}.items", self.items, 20)
        for i, item in enumerate(self.items):
            item.check(f"{path}.items[{i}]")


@dataclass(frozen=True)
class Page:
    id: str
    label: str
    kind: PageKind
    keys: tuple[Key, ...]
    venue_ids: tuple[str, ...]
    cashier_profiles: tuple[str, ...] = ()  # who sees it; neither these nor ids: everybody
    cashier_ids: tuple[str, ...] = ()
    colour: str = ""
    show_ids: tuple[str, ...] = ()

    def check(self, path: str) -> None:
        text(f"{path}.id", self.id, 60)
        text(f"{path}.label", self.label, 40)
        colour(f"{path}.colour", self.colour)
        at_most(f"{path}.keys", self.keys, MOST_KEYS)
        for i, key in enumerate(self.keys):
            key.check(f"{path}.keys[{i}]")
        for name in ("venue_ids", "cashier_ids", "show_ids"):
            _identities(f"{path}.{name}", getattr(self, name))
        for i, code in enumerate(self.cashier_profiles):
            if not _CASHIER_PROFILE.fullmatch(code):
                raise FieldInvalid(f"{path}.cashier_profiles[{i}]", "is no profile's code")


@dataclass(frozen=True)
class SellerMessage:
    """What a manager tells whoever sells (B3). No shows and no tariffs: whatever is sold; no tills: all."""

    id: str
    text: str
    moment: MessageMoment
    show_ids: tuple[str, ...] = ()
    tariff_ids: tuple[str, ...] = ()
    from_: datetime | None = None
    until: datetime | None = None
    till_ids: tuple[str, ...] = ()
    every_sale: bool = False

    def check(self, path: str) -> None:
        text(f"{path}.id", self.id, 60)
        text(f"{path}.text", self.text, LONGEST_MESSAGE)
        for name in ("show_ids", "tariff_ids", "till_ids"):
            _identities(f"{path}.{name}", getattr(self, name))


@dataclass(frozen=True)
class SurveyQuestion:
    """A question to the customer at the sale (B4). No shows: at each sale."""

    id: str
    text: str
    kind: QuestionKind
    choices: tuple[str, ...] = ()
    mandatory: bool = False
    show_ids: tuple[str, ...] = ()

    def check(self, path: str) -> None:
        text(f"{path}.id", self.id, 60)
        text(f"{path}.text", self.text, 200)
        at_most(f"{path}.choices", self.choices, MOST_CHOICES)
        for i, choice in enumerate(self.choices):
            text(f"{path}.choices[{i}]", choice, 80)
        _identities(f"{path}.show_ids", self.show_ids)


@dataclass(frozen=True)
class KeyCode:
    """A key of the keyboard, and what it does: the key of a page, or an action (C7)."""

    code: str
    key_id: str = ""
    action: str = ""

    def check(self, path: str) -> None:
        text(f"{path}.code", self.code, 40)
        text(f"{path}.key_id", self.key_id, 60, required=False)
        text(f"{path}.action", self.action, 80, required=False)
        if bool(self.key_id) == bool(self.action):
            raise FieldInvalid(path, "must name one of: a key, an action")
        if self.action and self.action not in ACTIONS and not self.action.startswith(ACTIONS_ON):
            raise FieldInvalid(f"{path}.action", f"must be one of {', '.join((*ACTIONS, *ACTIONS_ON))}")


def _identities(path: str, ids: tuple[str, ...]) -> None:
    at_most(path, ids, 100)
    for i, id in enumerate(ids):
        identity(f"{path}[{i}]", id)


@dataclass(frozen=True)
class TillProfile:
    id: str
    name: str
    pages: tuple[Page, ...]
    payment_modes: tuple[str, ...]
    ticket_template: str
    receipt_template: str
    revision: int = 0
    archived: bool = False
    lock_after_minutes: int = 0  # 0: the till never locks itself
    messages: tuple[SellerMessage, ...] = ()
    questions: tuple[SurveyQuestion, ...] = ()
    key_codes: tuple[KeyCode, ...] = ()
    blind_declaration: bool = False  # floats are counted without seeing what is expected (E4)
    second_signature_above: int = 0  # minor units of a withdrawal (E3); 0: never

    def check(self, path: str) -> None:
        text(f"{path}.name", self.name, 80)
        if not 0 <= self.second_signature_above <= MOST_WITHOUT_SIGNATURE:
            raise FieldInvalid(f"{path}.second_signature_above", f"must be 0 to {MOST_WITHOUT_SIGNATURE}")
        if not 0 <= self.lock_after_minutes <= LONGEST_IDLE_MINUTES:
            raise FieldInvalid(f"{path}.lock_after_minutes", f"must be 0 to {LONGEST_IDLE_MINUTES}")
        text(f"{path}.ticket_template", self.ticket_template, 80, required=False)
        text(f"{path}.receipt_template", self.receipt_template, 80, required=False)
        at_most(f"{path}.pages", self.pages, MOST_PAGES)
        for i, page in enumerate(self.pages):
            page.check(f"{path}.pages[{i}]")
        for name, most in (("messages", MOST_MESSAGES), ("questions", MOST_QUESTIONS), ("key_codes", MOST_CODES)):
            things = getattr(self, name)
            at_most(f"{path}.{name}", things, most)
            for i, thing in enumerate(things):
                thing.check(f"{path}.{name}[{i}]")
        for i, mode in enumerate(self.payment_modes):
            if mode not in PAYMENT_MODES:
                raise FieldInvalid(f"{path}.payment_modes[{i}]", f"must be one of {', '.join(PAYMENT_MODES)}")

    def references(self) -> set[tuple[str, str]]:
        """What it points at, as (field, id): each must exist."""
        fields = ("show_id", "performance_id", "tariff_id", "product_id")
        items = [item for page in self.pages for key in page.keys for item in key.items]
        named = {(name, getattr(item, name)) for item in items for name in fields if getattr(item, name)}
        named |= {("venue_id", venue_id) for page in self.pages for venue_id in page.venue_ids}
        for about in [thing.show_ids for things in (self.pages, self.messages, self.questions) for thing in things]:
            named |= {("show_id", show_id) for show_id in about}
        return named | {("tariff_id", tariff_id) for message in self.messages for tariff_id in message.tariff_ids}
