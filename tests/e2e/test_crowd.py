"""Many tills sell the same places while their lines are cut, silenced and slowed at random (D1 to D4, domain 5.7).

`make soak` runs it as the hot hour of an arena: 20 tills, 5,000 places, 5 minutes.
"""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import pytest

from kit.testing import eventually
from suite.audit import services_of
from suite.demo.programme import extra_festival_day
from suite.line import Line
from suite.machine import Machine
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb

from .own_till import OwnTill, administrator, line_to
from .running import LUCAS_PIN, Refused

pytestmark = pytest.mark.e2e
TILLS = int(os.environ.get("CROWD_TILLS", "4"))
PLACES = int(os.environ.get("CROWD_PLACES", "400"))
SECONDS = float(os.environ.get("CROWD_SECONDS", "20"))
SETTLE_SECONDS = 300.0
NOBODY_PRINTS = "tcp://127.0.0.1:9"  # paper is not in question here, and the simulated printer is one


@dataclass
class Desk:
    """A till, its cashier who never pauses, and what she sold: order -> places."""

    till: OwnTill
    chance: Random
    place: dict[str, Any]  # of the performance that all sell
    sold: dict[str, int] = field(default_factory=dict)

    def sell(self, most: int) -> bool:
        """One to `most` places; False when this till has none."""
        quantity = self.chance.randint(1, most)
        items = [each | {"quantity": quantity} for each in self.place["items"]]
        try:
            order_id = self.till.page.sell({"items": items, "price": self.place["price"] * quantity})["order_id"]
        except Refused as refusal:
            if refusal.reason != "NOT_ENOUGH_PLACES":
                raise
            return False
        self.sold[order_id] = quantity
        return True

    def sell_until(self, over: threading.Event) -> None:
        while not over.is_set():
            if not self.sell(most=4):
                over.wait(0.2)

    def sell_what_is_left(self) -> None:
        while self.sell(most=1):
            pass

    @property
    def places(self) -> int:
        return sum(self.sold.values())


def spoil(line: Line, chance: Random, over: threading.Event) -> None:
    """A bad network: some seconds of one fault, some seconds without."""
    faults = (
        line.cut,
        line.silence,
        lambda: line.silence("down"),
        lambda: line.slow(bytes_per_second=32_000, delay_seconds=0.25),
    )
    while not over.wait(chance.uniform(0.5, 3)):
        chance.choice(faults)()
        over.wait(chance.uniform(0.5, 6))
        line.slow()
        line.mend()


@contextmanager
def desk(here: Machine, folder: Path, number: int, performance_id: str) -> Iterator[Desk]:
    with line_to(here) as line:
        till = OwnTill(here, folder / str(number), line, TILL_TICKET_PRINTER=NOBODY_PRINTS)
        till.start()
        try:
            eventually(lambda: till.page.get("/api/state")["till"], seconds=60)
            till.page.sign_in("Lucas Bernard", LUCAS_PIN)
            yield Desk(till, Random(number), till.page.place(performance_id, at_hand=1))
        finally:
            till.stop()


def test_a_crowd_of_tills_on_bad_lines_sells_every_place_and_none_twice(running_suite, tmp_path):
    here = running_suite.machine
    services, day, over = services_of(here), extra_festival_day(administrator(here), "Foule", PLACES), threading.Event()
    with ExitStack() as stack, ThreadPoolExecutor(2 * TILLS) as pool:
        desks = [stack.enter_context(desk(here, tmp_path, number, day)) for number in range(TILLS)]
        selling = [pool.submit(each.sell_until, over) for each in desks]
        spoiling = [pool.submit(spoil, each.till.line, Random(-n), over) for n, each in enumerate(desks, 1)]
        began = time.monotonic()
        eventually(lambda: time.monotonic() - began > SECONDS or any(f.done() for f in selling), seconds=SECONDS + 10)
        over.set()
        for work in (*selling, *spoiling):
            work.result()
        sold_on_bad_lines = sum(each.places for each in desks)

        def all_sold() -> bool:
            list(pool.map(lambda each: each.sell_what_is_left(), desks))
            return sum(each.places for each in desks) >= PLACES

        eventually(all_sold, seconds=SETTLE_SECONDS, every=1.0)
        for each in desks:
            eventually(each.till.is_caught_up, seconds=SETTLE_SECONDS)
        assert sum(each.places for each in desks) == PLACES
        assert sold_on_bad_lines > 0

        def at_the_centre(each: Desk) -> dict[str, int]:
            kept, token = {}, ""
            while True:
                asked = orders_pb.SearchOrdersRequest(till_id=each.till.till_id, page_size=200, page_token=token)
                answer = services.orders.SearchOrders(asked)
                kept |= {order.id: sum(line.quantity for line in order.lines) for order in answer.orders}
                if not (token := answer.next_page_token):
                    return kept

        for each in desks:
            eventually(lambda each=each: at_the_centre(each) == each.sold, seconds=SETTLE_SECONDS)
        asked = inventory_pb.GetAvailabilityRequest(performance_ids=[day])

        def counted() -> tuple[int, int]:
            (place,) = services.inventory.GetAvailability(asked).availabilities
            return place.sold, place.free

        eventually(lambda: counted() == (PLACES, 0), seconds=SETTLE_SECONDS)
        assert running_suite.audit() == []
