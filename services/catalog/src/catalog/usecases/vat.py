"""VAT by rule (LAW-19): performances get their rates with every change that decides them, under the version's lock.

So a till learns of a rate as of any change, by a delta, and what was sold before keeps its own: a sale seals its rate.
"""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session, sessionmaker

from catalog import store
from catalog.domain import PaidCount, PriceList, Show, ShowNotFound, Thing, VatKind, Venue
from catalog.domain.checks import identity
from catalog.domain.vat import count, rated
from kit.auth import Caller


def count_paid_performances(sessions: sessionmaker[Session], caller: Caller, show_id: str, now: datetime) -> PaidCount:
    """Where a work stands in its first 140 paid performances. Raises ShowNotFound, FieldInvalid."""
    caller.require("catalog.view", "catalog.programme")
    identity("show_id", show_id)
    with sessions.begin() as session:
        known = store.vat_rules(session, [show_id])
        if show_id not in known:
            raise ShowNotFound(f"no show {show_id}", show_id=show_id)
        rule, zone = known[show_id]
        return count(rule, store.dated(session, show_id, zone), now)


def rate_again(session: Session, version: int, show_ids: Iterable[str]) -> dict[str, int]:
    """Give the performances of these shows their rates, and tell them; those without rule have none."""
    rules = store.vat_rules(session, sorted(show_ids))
    store.drop_rates(session, version, [id for id, (rule, _) in rules.items() if rule.kind is VatKind.BY_PRICES])
    rates: dict[str, int | None] = {}
    for show_id, (rule, zone) in rules.items():
        if rule.kind is not VatKind.BY_PRICES:
            rates |= {it.id: it.rate_bp for it in rated(rule, store.dated(session, show_id, zone))}
    if rates:
        store.save_rates(session, version, rates)
    return {id: rate for id, rate in rates.items() if rate is not None}


def rate_what_depends_on(session: Session, version: int, thing: Thing) -> None:
    """A show's rule, a venue's territory and whether a price list asks money decide rates."""
    if isinstance(thing, Show):
        rate_again(session, version, {thing.id})
    elif isinstance(thing, Venue):
        rate_again(session, version, store.shows_in(session, thing.id))
    elif isinstance(thing, PriceList):
        rate_again(session, version, store.shows_priced_by(session, thing.id))
