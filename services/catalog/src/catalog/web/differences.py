"""What changed between two set-ups of tills, one sentence each, for whoever publishes or goes back."""

from collections.abc import Iterator

from flask_babel import gettext as _

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
    if list(before.venue_ids) != list(after.venue_ids) or before.kind != after.kind:
        yield _("Page “%(page)s” shows something else.", page=page)


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
    if (before.ticket_template, before.receipt_template) != (after.ticket_template, after.receipt_template):
        yield _("Tickets or receipts look different.")
    if list(before.messages) != list(after.messages):
        yield _("Messages to sellers are changed.")
    if list(before.questions) != list(after.questions):
        yield _("Questions to customers are changed.")
    if list(before.key_codes) != list(after.key_codes):
        yield _("Keys of the keyboard are changed.")
