"""Events over the real NATS, and many of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from kit import outbox
from kit.bus import Bus
from kit.database import create_kit_tables, engine_for, sessions_for
from kit.testing import eventually
from reporting.consumers import SUBSCRIPTIONS
from suite.testing import Database

from ..conftest import NOON, Core, completed, line, performance, sale, user

SUBJECTS = {subscription.message_type: subscription.subject for subscription in SUBSCRIPTIONS}


@pytest.fixture
def tell(core: Core, nats_url: str, database: Callable[[str], Database]) -> Iterator[Callable[..., None]]:
    """Publishes as the other services do, each from an outbox of its own."""
    listening = Bus(nats_url, "reporting")
    listening.start()
    for subscription in SUBSCRIPTIONS:
        listening.subscribe(core.sessions, subscription)
    tellers, engines = {}, {}
    for service in ("accounts", "cashdesk", "catalog", "orders"):
        engines[service] = engine_for(database(service).owner_url)
        with engines[service].begin() as connection:
            create_kit_tables(connection)
        tellers[service] = Bus(nats_url, service)
        tellers[service].start()
        tellers[service].relay(engines[service])

    def tell_all(*messages: object) -> None:
        for message in messages:
            subject = SUBJECTS[type(message)]  # type: ignore[index]
            with sessions_for(engines[subject.split(".")[0]]).begin() as session:
                outbox.record(session, subject, message)  # type: ignore[arg-type]

    yield tell_all
    for bus in (listening, *tellers.values()):
        bus.stop()
    for engine in engines.values():
        engine.dispose()


def test_a_sale_told_twice_under_two_event_ids_counts_once(core: Core, tell: Callable[..., None]) -> None:
    """Design 3.2, L3."""
    first = sale(line(quantity=2, performance_id="p1", show_id="s1"))
    second = sale(line("Réduit", 1, 900, performance_id="p1", show_id="s1"))
    tell(first, first, completed(first, (1, 1, 7), (1, 1, 8)), second, performance("p1", "s1", "Le Cid", NOON),
         user("claire", "Claire Moreau"), first)  # fmt: skip
    assert eventually(lambda: core.statement().sales == 2)
    eventually(lambda: [r.last_number[:11] for r in core.statement().rows] == ["K001-000008", ""])
    eventually(lambda: core.statement().by_cashier[0].label == "Claire Moreau")
    eventually(lambda: core.statement().rows[0].show == "Le Cid")
    assert core.statement().total == 3300


def test_a_faulty_sale_does_not_keep_the_others_waiting(core: Core, tell: Callable[..., None]) -> None:
    wrong, good = sale(), sale()
    wrong.sale.order_id = "no id at all"
    tell(wrong, good)
    assert eventually(lambda: core.statement().sales == 1)


def test_ten_thousand_sales_are_taken_in_and_shown(core: Core) -> None:
    sales = [
        sale(line(performance_id=f"p{n % 20}", show_id=f"s{n % 5}"), line("Affiche", 1, 500, 2000, product_id="a1"),
             tickets=[(1, 1 + n % 4, n + 1)], at=NOON + timedelta(seconds=n), till=f"till-{n % 4}")
        for n in range(10_000)
    ]  # fmt: skip
    for start in range(0, len(sales), 500):
        core.tell(*sales[start : start + 500])
    found = core.statement()
    assert (found.sales, found.total) == (10_000, 10_000 * 1700)
    assert len(core.transactions(page_size=1000).transactions) == 1000
