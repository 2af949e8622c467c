"""What changed between two set-ups of tills, one sentence each, for whoever publishes or goes back."""

from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _

from catalog.web.forms import typed_amount
from catalog.web.words import PAYMENT_MODES
from ticketing.catalog.v1 import catalog_pb2 as nouns


def differences(before: nouns.TillProfile, after: nouns.TillProfile) -> list[str]:
    """In the order of the screen: pages, keys, payment modes, the rest."""
    return [*_pages(before, after), *_modes(before, after), *_rest(before, after)]


def _pages(before: nouns.TillProfile, after: nouns.TillProfile) -> Iterator[str]:
    old, new = {page.id: page for page in before.pages}, {page.id: page for page in after.pages}
    for id, page in new.items():
        if id not in old:
            yield _("Page “%(page)s” is new.", page=page.label)
            continue
        if page.label != old[id].label:
            yield _("Page “%(before)s” is now called “%(after)s”.", before=old[id].label, after=page.label)
        yield from _keys(old[id], page)
    for id, page in old.items():
        if id not in new:
            yield _("Page “%(page)s” is gone.", page=page.label)
    if [id for id in old if id in new] != [id for id in new if id in old]:
        yield _("The pages are in another order: %(pages)s.", pages=", ".join(page.label for page in after.pages))


def _keys(before: nouns.Page, after: nouns.Page) -> Iterator[str]:
    old, new = {key.id: key for key in before.keys}, {key.id: key for key in after.keys}
    page = after.label
    for id, key in new.items():
        if id not in old:
            yield _("Page “%(page)s”: key “%(key)s” is new.", page=page, key=key.label)
        elif key != old[id]:
            yield _("Page “%(page)s”: key “%(key)s” is changed (%(what)s).", page=page, key=old[id].label,
                    what=", ".join(_of_key(old[id], key)))  # fmt: skip
    for id, key in old.items():
        if id not in new:
            yield _("Page “%(page)s”: key “%(key)s” is gone.", page=page, key=key.label)
    if [id for id in old if id in new] != [id for id in new if id in old]:
        yield _("Page “%(page)s”: the keys are in another order.", page=page)
    if (list(before.venue_ids), list(before.show_ids), before.kind) != (
        list(after.venue_ids), list(after.show_ids), after.kind,
    ):  # fmt: skip
        yield _("Page “%(page)s” shows something else.", page=page)
    if before.colour != after.colour:
        yield _("Page “%(page)s” has another colour.", page=page)
    if (list(before.cashier_profiles), list(before.cashier_ids)) != (
        list(after.cashier_profiles), list(after.cashier_ids),
    ):  # fmt: skip
        yield _("Page “%(page)s” is for other cashiers.", page=page)


def _of_key(before: nouns.Key, after: nouns.Key) -> Iterator[str]:
    if before.label != after.label:
        yield _("now “%(label)s”", label=after.label)
    if before.sublabel != after.sublabel:
        yield _("second line")
    if before.colour != after.colour:
        yield _("colour")
    if list(before.items) != list(after.items):
        yield _("what it sells")


def _modes(before: nouns.TillProfile, after: nouns.TillProfile) -> Iterator[str]:
    if list(before.payment_modes) != list(after.payment_modes):
        taken = ", ".join(str(PAYMENT_MODES.get(mode, mode)) for mode in after.payment_modes)
        yield _("Payment modes are now: %(modes)s.", modes=taken or _("none"))


def _rest(before: nouns.TillProfile, after: nouns.TillProfile) -> Iterator[str]:
    if before.name != after.name:
        yield _("The profile is now called “%(name)s”.", name=after.name)
    if before.lock_after_minutes != after.lock_after_minutes:
        yield _("The till locks itself after %(n)s minutes (0: never).", n=after.lock_after_minutes)
    if before.blind_declaration != after.blind_declaration:
        yield (
            _("Cash floats are counted blind.") if after.blind_declaration else _("Cash floats are not counted blind.")
        )
    if before.second_signature_above != after.second_signature_above:
        yield _(
            "A withdrawal takes two people above %(amount)s (0: never).",
            amount=typed_amount(after.second_signature_above),
        )
    if (before.ticket_template, before.receipt_template) != (after.ticket_template, after.receipt_template):
        yield _("Tickets or receipts look different.")
    yield from _texts(before.messages, after.messages, _("Messages to sellers are changed."), {
        "new": _("New message to sellers: “%(text)s”"), "gone": _("Message to sellers taken away: “%(text)s”"),
    })  # fmt: skip
    yield from _texts(before.questions, after.questions, _("Questions to customers are changed."), {
        "new": _("New question to customers: “%(text)s”"), "gone": _("Question to customers taken away: “%(text)s”"),
    })  # fmt: skip
    if list(before.key_codes) != list(after.key_codes):
        yield _("Keys of the keyboard are changed.")


def _texts(before: Any, after: Any, changed: str, words: dict[str, str]) -> Iterator[str]:
    """What came, what went, and that some of the rest, or their order, is another."""
    old, new = {thing.id: thing for thing in before}, {thing.id: thing for thing in after}
    for id, thing in new.items():
        if id not in old:
            yield words["new"] % {"text": thing.text}
    for id, thing in old.items():
        if id not in new:
            yield words["gone"] % {"text": thing.text}
    if [thing for thing in before if thing.id in new] != [thing for thing in after if thing.id in old]:
        yield changed
