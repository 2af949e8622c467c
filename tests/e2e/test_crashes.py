"""kill -9 of each process in turn while a cashier sells: every rule of the design holds afterwards."""

import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

import pytest

from kit.testing import eventually

from .running import LUCAS_PIN, Refused, RunningSuite, Till

pytestmark = pytest.mark.e2e

PROCESSES = (
    "postgres", "nats", "redis", "accounts", "catalog", "inventory", "orders", "cashdesk", "documents", "reporting",
    "fronts", "simulators", "till",
)  # fmt: skip


class Seller(threading.Thread):
    """Sells without end. A sale whose answer was lost is asked again with its own request id, as the page does."""

    def __init__(self, till: Till) -> None:
        super().__init__(daemon=True)
        self.till, self.stopped = till, threading.Event()
        self.sold: list[str] = []
        self.refusals: list[str] = []

    def run(self) -> None:
        keys = [self.till.key("Festival", "Plein"), self.till.key("Carte postale")]
        while not self.stopped.is_set():
            self._sell(keys[(len(self.sold) + len(self.refusals)) % 2])

    def _sell(self, key: dict) -> None:
        sale = None
        while not self.stopped.is_set() or sale is not None:
            try:
                sale = sale or self.till.sale(key)
                self.sold.append(self.till.post("/api/sales", sale)["order_id"])
                return
            except Refused as refused:
                if refused.reason == "NOT_SIGNED_IN":
                    self.till.sign_in("Lucas Bernard", LUCAS_PIN)
                    continue
                self.refusals.append(refused.reason)
                self.stopped.wait(0.2)
                return
            except (urllib.error.URLError, HTTPException, OSError):
                self.stopped.wait(0.2)  # the till itself is away


@contextmanager
def somebody_sells(suite: RunningSuite) -> Iterator[Seller]:
    till = suite.till()
    till.sign_in("Lucas Bernard", LUCAS_PIN)
    seller = Seller(till)
    seller.start()
    yield seller
    seller.stopped.set()
    seller.join(60)
    assert not seller.is_alive()


@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_killed_in_mid_sale_loses_nothing_and_counts_nothing_twice(running_suite, process):
    with somebody_sells(running_suite) as seller:
        eventually(lambda: len(seller.sold) >= 3, seconds=60)
        running_suite.kill(process)
        enough = len(seller.sold) + 3
        eventually(lambda: len(seller.sold) >= enough, seconds=60)
    # A till that sells faster than its lease while the centre is away says so; it refuses nothing else.
    assert set(seller.refusals) <= {"NOT_ENOUGH_PLACES"}
    assert len(set(seller.sold)) == len(seller.sold)
    assert running_suite.audit() == []
