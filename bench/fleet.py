"""Many tills on one centre (I4): what it costs to have 200 of them connected, and to have them sell.

The tills run here, with all the threads by which a till keeps up with the centre, and share its processors; so a few of
them are timed at the centre's processes, and the figure says what 200 of them cost there.
"""

import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import psutil

from bench.figures import Figure, publish
from bench.till_lines import administrator, enrolled, new_code, targets
from device_gateway import selling
from device_gateway.sync import Sync
from device_gateway.till import Seller, Till
from kit.clock import now
from suite.audit import report, run, services_of
from suite.machine import SERVICES, Machine
from tests.e2e.running import RunningSuite

TILLS, FLEET = 20, 200
SECONDS = 30.0
SALES_A_MINUTE = 3  # by each till, as at an entrance
CENTRE = ("postgres", "nats", "redis", *SERVICES)


def main(here: Machine) -> int:
    """Measure and publish. 1 when the audit finds something afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="ticketing-bench-"))
    try:
        figures = _measure(here, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    publish("fleet", figures)
    return report(run(services_of(here), settle_seconds=120))


def _measure(here: Machine, folder: Path) -> list[Figure]:
    status = RunningSuite(here.var, here.port_base).status()
    processes = [psutil.Process(status[name]["pid"]) for name in CENTRE]
    with ExitStack() as stack:
        alone = _cores(processes, _pass_time)
        boss = administrator(here)
        tills = [enrolled(new_code(boss), folder / str(number), targets(here)) for number in range(TILLS)]
        for till, centre, _ in tills:
            sync = Sync(till, centre)
            sync.start()
            stack.callback(till.database.close)
            stack.callback(sync.stop)
        _pass_time()  # what follows an enrolment is over by then
        connected = _cores(processes, _pass_time) - alone
        selling_too = (
            _cores(processes, lambda: _sell_for_a_while([(till, seller) for till, _, seller in tills])) - alone
        )
    share = FLEET / TILLS
    return [
        Figure("fleet.centre_cores_connected", connected * share, "cores"),
        Figure("fleet.centre_cores_selling", selling_too * share, "cores"),
        Figure("fleet.sales_per_s", FLEET * SALES_A_MINUTE / 60, "/s"),
    ]


def _pass_time() -> None:
    time.sleep(SECONDS)


def _cores(processes: Sequence[psutil.Process], meanwhile: Callable[[], None]) -> float:
    """Processor seconds of these and their children, for each second."""
    before, began = _processor_seconds(processes), time.monotonic()
    meanwhile()
    return (_processor_seconds(processes) - before) / (time.monotonic() - began)


def _processor_seconds(processes: Sequence[psutil.Process]) -> float:
    family = [each for process in processes for each in (process, *process.children(recursive=True))]
    return sum(times.user + times.system for times in (each.cpu_times() for each in family))


def _sell_for_a_while(tills: Sequence[tuple[Till, Seller]]) -> None:
    """Each sells a card as often as an entrance sells, all evenly spread."""
    pause, ends = 60 / SALES_A_MINUTE / len(tills), time.monotonic() + SECONDS
    while time.monotonic() < ends:
        for till, seller in tills:
            card = next(each for each in till.catalogue.products.values() if each.name == "Carte postale")
            selling.sell(till, seller, selling.parse_request({
                "request_id": str(uuid.uuid4()), "receipt": False, "expected_total": card.price,
                "items": [{"kind": "product", "product_id": card.id, "option": None, "quantity": 1}],
                "payments": [{"mode": "card", "amount": card.price, "tendered": None}],
            }), now())  # fmt: skip
            time.sleep(pause)
