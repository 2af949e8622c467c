"""Saving: every write locks the catalogue's version, stamps what it changes with the next one, and tells the others.

`answer` turns the saved things into the RPC's response, which is kept for a repeated request in the same transaction.
Under that lock two twins of a request cannot run at once, so the second one always finds the first one's answer.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

from catalog import store
from catalog.domain import (
    CapacityOutOfRange,
    Organisation,
    Performance,
    PerformanceState,
    PlanCategoriesWithoutPrice,
    PriceList,
    Product,
    Tariff,
    TariffKind,
    Thing,
    TillProfile,
    TillSetupPublished,
)
from catalog.domain.checks import identity
from catalog.usecases.vat import rate_again, rate_what_depends_on
from kit import outbox, requests
from kit.auth import Caller
from kit.errors import FieldInvalid

Answer = TypeVar("Answer", bound=Message)
Sessions = sessionmaker[Session]

MOST_PERFORMANCES = 5_000
MOST_PRODUCTS = 1_000


def save_one(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    path: str,
    thing: Any,
    answer_type: type[Answer],
    answer: Callable[[Any], Answer],
) -> Answer:
    """Create or replace one venue, group, show, category, tariff, price list, channel, point of sale or till profile.

    Raises FieldInvalid and its narrower kin, ReferenceNotFound, RequestReused, TillSetupPublished.
    """
    caller.require("catalog.programme")
    thing = _with_id(path, thing)
    thing.check(path)

    def work(session: Session, version: int) -> Answer:
        if isinstance(thing, TillProfile) and store.setup_versions(session, thing.id):
            raise TillSetupPublished("the profile has versions: publish another", till_profile_id=thing.id)
        saved = replace(thing, revision=version)
        store.save(session, path, [saved])
        _check_free(session, path, saved)
        rate_what_depends_on(session, version, saved)
        return answer(saved)

    return once(sessions, request, answer_type, work)


def save_organisation(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    saved: Organisation,
    answer_type: type[Answer],
    answer: Callable[[Organisation], Answer],
) -> Answer:
    """Replace what is known of the organisation. Raises FieldInvalid, also for a colour too light for white text."""
    caller.require("catalog.programme")
    saved.check("organisation")

    def work(session: Session, version: int) -> Answer:
        stamped = replace(saved, revision=version)
        store.save_organisation(session, stamped)
        return answer(stamped)

    return once(sessions, request, answer_type, work)


def save_performances(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    performances: Sequence[Performance],
    answer_type: type[Answer],
    answer: Callable[[Sequence[Performance]], Answer],
    event: Callable[[store.Scheduled], Message],
) -> Answer:
    """Programme up to 5,000 performances, all or none (K1). Raises FieldInvalid and its kin, ReferenceNotFound."""
    caller.require("catalog.programme")
    performances = _checked("performances", performances, MOST_PERFORMANCES)

    def work(session: Session, version: int) -> Answer:
        _check_capacities(session, performances)
        _check_prices(session, performances)
        left = store.shows_of(session, [performance.id for performance in performances])
        saved = [replace(performance, revision=version) for performance in performances]
        store.save(session, "performances", saved)
        rates = rate_again(session, version, left | {performance.show_id for performance in saved})
        saved = [replace(performance, vat_rate_bp=rates.get(performance.id)) for performance in saved]
        told = store.scheduled(session, saved)
        outbox.record_all(session, "catalog.performance.scheduled.v1", [event(one) for one in told])
        return answer(saved)

    return once(sessions, request, answer_type, work)


def save_products(
    sessions: Sessions,
    caller: Caller,
    request: Message,
    products: Sequence[Product],
    answer_type: type[Answer],
    answer: Callable[[Sequence[Product]], Answer],
    event: Callable[[Product], Message],
) -> Answer:
    """Create or replace up to 1,000 articles, all or none. Raises FieldInvalid and its kin, ProductReferenceTaken."""
    caller.require("catalog.programme")
    products = _checked("products", products, MOST_PRODUCTS)

    def work(session: Session, version: int) -> Answer:
        saved = [replace(product, revision=version) for product in products]
        store.save(session, "products", saved)
        outbox.record_all(session, "catalog.product.saved.v1", [event(one) for one in saved])
        return answer(saved)

    return once(sessions, request, answer_type, work)


def _check_capacities(session: Session, performances: Sequence[Performance]) -> None:
    """A numbered performance has as many places as its plan."""
    wanted = sorted({each.plan_version_id for each in performances if each.plan_version_id})
    capacities = store.plan_capacities(session, wanted)
    for i, performance in enumerate(performances):
        capacity = capacities.get(performance.plan_version_id, performance.capacity)
        if performance.capacity != capacity:
            where = f"performances[{i}].capacity"
            raise CapacityOutOfRange(f"{where}: the plan has {capacity} places", field=where, why=str(capacity))


def _check_prices(session: Session, performances: Sequence[Performance]) -> None:
    """A numbered performance on sale has a price for each category of its seats."""
    for i, it in enumerate(performances):
        if it.plan_version_id and it.state is PerformanceState.ON_SALE:
            wanted = store.plan_categories(session, it.plan_version_id)
            missing = [
                name for code, name in wanted.items() if code not in store.priced_codes(session, it.price_list_id)
            ]
            if missing:
                where = f"performances[{i}].price_list_id"
                raise PlanCategoriesWithoutPrice(
                    f"{where}: no price for {', '.join(missing)}", field=where, categories=", ".join(missing)
                )


def once(
    sessions: Sessions, request: Message, answer_type: type[Answer], work: Callable[[Session, int], Answer]
) -> Answer:
    """Work under the version's lock, or give the answer of the first call with this request id."""
    with sessions.begin() as session:
        store.lock_version(session)
        earlier = requests.earlier_answer(session, request, answer_type)
        if earlier is not None:
            return earlier
        result = work(session, store.advance(session))
        requests.remember(session, request, result)
        return result


def _with_id(path: str, thing: Any) -> Any:
    """The thing with an id: its own, or a new one. A channel is known by its code."""
    if not hasattr(thing, "id"):
        return thing
    identity(f"{path}.id", thing.id, required=False)
    return thing if thing.id else replace(thing, id=str(uuid.uuid4()))


def _checked(path: str, things: Sequence[Any], most: int) -> list[Any]:
    if not 1 <= len(things) <= most:
        raise FieldInvalid(path, f"must be 1 to {most} at once, not {len(things)}")
    checked: dict[str, Any] = {}
    for i, thing in enumerate(things):
        where = f"{path}[{i}]"
        thing = _with_id(where, thing)
        thing.check(where)
        if thing.id in checked:
            raise FieldInvalid(f"{where}.id", "is there twice")
        checked[thing.id] = thing
    return list(checked.values())


def _check_free(session: Session, path: str, thing: Thing) -> None:
    """A free tariff costs nothing, whichever of the tariff and the price comes first."""
    if isinstance(thing, PriceList):
        thing.check_free(path, store.free_tariffs(session))
    if isinstance(thing, Tariff) and thing.kind is TariffKind.FREE and store.has_paid_price(session, thing.id):
        raise FieldInvalid(f"{path}.kind", "a price list asks money for this tariff, so it cannot be free")
