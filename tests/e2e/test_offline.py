"""What a network, a disk and a power supply do to a till: nothing is lost, nothing counts twice (domain 5.7, D1 to D4).

Each test has a till of its own, a process on a line that can be cut. Afterwards every rule of the audit holds.
"""

import re
import shutil
import sqlite3
import subprocess
import threading
import uuid

import pytest
from playwright.sync_api import Page, expect

from kit.testing import eventually
from suite.audit import run as audit
from suite.audit import services_of
from suite.demo.centre import call
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as cashdesk_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb

from .conftest import looked_at
from .own_till import OwnTill, administrator, own_till
from .running import LUCAS_PIN, Refused
from .test_programming import sign_in

pytestmark = pytest.mark.e2e


@pytest.fixture
def till(running_suite, tmp_path):
    with own_till(running_suite.machine, tmp_path / "till") as it:
        yield it


@pytest.fixture
def services(running_suite):
    return services_of(running_suite.machine)


@pytest.fixture
def all_arrives(running_suite, services):
    """What the till has sold is at the centre, once each, and every rule holds."""

    def check(till: OwnTill, sold: list[str]) -> None:
        eventually(till.is_caught_up, seconds=90)
        assert len(set(sold)) == len(sold)

        def kept():
            asked = orders_pb.SearchOrdersRequest(till_id=till.till_id, page_size=500)
            return {order.id for order in services.orders.SearchOrders(asked).orders}

        eventually(lambda: kept() == set(sold), seconds=60)
        assert running_suite.audit() == []

    return check


@pytest.fixture
def a_person_decides(running_suite, services):
    """The audit names exactly the forked till; revoked, it is no open question any more."""

    def decide(till: OwnTill) -> None:
        (finding,) = audit(services, settle_seconds=5)
        assert f"{till.number} is frozen: two entries number" in finding.detail
        revocation = accounts_pb.RevokeTillRequest(
            request_id=str(uuid.uuid4()), till_id=till.till_id, reason="une ancienne copie a vendu"
        )
        call(administrator(running_suite.machine).accounts.RevokeTill, revocation)
        assert running_suite.audit() == []

    return decide


def sell(till: OwnTill, label="Carte postale", sublabel="", **changes) -> str:
    return str(till.page.sell(till.page.key(label, sublabel), **changes)["order_id"])


@pytest.mark.parametrize("fault", ["cut", "silent", "answers lost", "slow and far"])
def test_a_till_sells_through_every_way_in_which_a_line_fails(till, all_arrives, fault):
    """D1, D2, R3, R4: nobody does anything, and what was sold arrives once, also where the answer was lost."""
    sold = [sell(till), sell(till, "Festival", "Plein")]
    match fault:
        case "cut":
            till.line.cut()
        case "silent":
            till.line.silence()
        case "answers lost":
            till.line.silence("down")
        case "slow and far":
            till.line.slow(bytes_per_second=32_000, delay_seconds=0.25)
    sold += [sell(till, *key) for key in (("Carte postale",), ("Festival", "Plein"), ("Mug émaillé",)) * 3]
    if fault == "answers lost":
        till.line.cut()  # what is under way breaks; the centre has heard it
    if fault in ("cut", "silent"):
        eventually(lambda: not till.page.get("/api/state")["online"], seconds=60)
    till.line.slow()
    till.line.mend()
    all_arrives(till, sold)


MOMENTS = ("before the basket", "before the payment", "while it is sealed", "before it prints")


@pytest.mark.parametrize("moment", MOMENTS)
def test_the_cable_is_pulled_at_a_step_of_a_sale_and_the_sale_ends_all_the_same(till, all_arrives, moment):
    """D2: that sale and the next ones finish."""
    if moment == "before the basket":
        till.line.cut()
    key = till.page.key("Festival", "Plein")
    till.page.post("/api/basket", {"items": key["items"]})
    sale = till.page.sale(key)
    if moment == "before the payment":
        till.line.cut()
    pulled = threading.Thread(target=till.line.cut)
    if moment == "while it is sealed":
        pulled.start()
    sold = [str(till.page.post("/api/sales", sale)["order_id"])]
    if moment != "while it is sealed":
        pulled.start()
    pulled.join()
    sold += [sell(till), sell(till, "Festival", "Plein")]
    till.line.mend()
    all_arrives(till, sold)


def test_a_till_killed_between_journal_and_paper_prints_each_ticket_once(till, running_suite, all_arrives):
    """domain 5.7: the entry was on disk, the paper not yet out."""
    before = running_suite.paper_ids("ticket")
    running_suite.fault("ticket", "off")
    try:
        sold = [sell(till, "Festival", "Plein") for _ in range(2)]
        till.kill()
    finally:
        running_suite.fault("ticket", "none")
    till.start()
    eventually(lambda: len(running_suite.paper_ids("ticket") - before) == 2, seconds=60)
    till.open()
    sold.append(sell(till, "Festival", "Plein"))
    eventually(lambda: len(running_suite.paper_ids("ticket") - before) == 3, seconds=30)
    all_arrives(till, sold)


def test_a_till_restarted_without_a_network_does_all_its_work(till, running_suite, services, all_arrives):
    """D3: login, sale, print, float, closing; and the closing reaches the centre as it was counted."""
    sold = [sell(till)]
    eventually(till.is_caught_up, seconds=60)
    till.line.cut()
    till.kill()
    before = running_suite.paper_ids("ticket")
    till.start()
    assert not till.page.get("/api/state")["online"]
    till.page.sign_in("Lucas Bernard", LUCAS_PIN)
    sold.append(sell(till, "Festival", "Plein"))
    eventually(lambda: running_suite.paper_ids("ticket") - before, seconds=30)
    float_id = till.page.get("/api/state")["cash_float"]["id"]
    closing = till.page.close_float({"1000": 13, "100": 6, "50": 1})
    assert (closing["expected"], closing["counted"], closing["difference"]) == (13_650, 13_650, 0)
    assert till.waiting > 0
    till.line.mend()
    all_arrives(till, sold)

    def closed():
        floats = services.cashdesk.ListCashFloats(cashdesk_pb.ListCashFloatsRequest()).cash_floats
        return next((each for each in floats if each.cash_float_id == float_id and each.closed), None)

    found = eventually(closed, seconds=30)
    assert (found.expected, found.counted) == (13_650, 13_650)


def test_a_full_disk_refuses_the_sale_in_words_and_leaves_nothing_half_done(till, all_arrives):
    sold = [sell(till)]
    till.stop()
    biggest = max(file.stat().st_size for file in till.folder.iterdir())
    till.start(most_file_bytes=biggest + 256 * 1024)
    till.open()
    refused = None
    for _ in range(400):
        try:
            sold.append(sell(till))
        except Refused as error:
            refused = error
            break
    assert refused is not None
    assert (refused.status, refused.reason) == (507, "STORAGE_FULL")
    assert "disque" in refused.problem["detail"]
    till.stop()
    till.start()
    till.open()
    sold.append(sell(till))
    all_arrives(till, sold)


def test_a_second_process_on_a_tills_database_is_refused_and_the_first_goes_on(till, all_arrives):
    second = till.spawn(stderr=subprocess.PIPE)
    _, said = second.communicate(timeout=60)
    assert second.returncode == 2
    assert b"another process runs the till" in said
    all_arrives(till, [sell(till)])


def test_an_old_copy_of_a_tills_database_is_noticed_before_it_sells(till, all_arrives, a_person_decides, tmp_path):
    """domain 5.7: restore of an old backup. Its own later entries are at the centre."""
    sold = [sell(till)]
    eventually(till.is_caught_up, seconds=60)
    till.stop()
    shutil.copytree(till.folder, tmp_path / "backup")
    till.start()
    till.open()
    sold.append(sell(till))
    all_arrives(till, sold)
    till.stop()
    shutil.rmtree(till.folder)
    shutil.copytree(tmp_path / "backup", till.folder)
    till.start()
    eventually(lambda: till.page.get("/api/state")["frozen"], seconds=60)
    till.page.sign_in("Lucas Bernard", LUCAS_PIN)
    with pytest.raises(Refused) as refused:
        sell(till)
    assert refused.value.reason == "TILL_FROZEN"
    a_person_decides(till)


def test_a_copy_that_sold_before_it_was_noticed_is_a_fork_that_both_sides_keep(
    page: Page, running_suite, till, a_person_decides, tmp_path, services
):
    """LAW-2, 5.3: two entries under one number; the centre keeps the first, freezes the till, is handed in the other,
    and counts the money of both."""
    sell(till)
    eventually(till.is_caught_up, seconds=60)
    till.stop()
    shutil.copytree(till.folder, tmp_path / "backup")
    till.start()
    till.open()
    sell(till)
    eventually(till.is_caught_up, seconds=60)
    till.stop()
    shutil.rmtree(till.folder)
    shutil.copytree(tmp_path / "backup", till.folder)
    till.line.cut()
    till.start()
    till.page.sign_in("Lucas Bernard", LUCAS_PIN)
    forked = sell(till)
    till.line.mend()
    eventually(lambda: till.page.get("/api/state")["frozen"], seconds=60)
    with sqlite3.connect(till.database) as database:
        assert database.execute("SELECT count(*) FROM sales WHERE order_id = ?", (forked,)).fetchone() == (1,)

    def handed_in():
        return services.orders.GetOrder(orders_pb.GetOrderRequest(order_id=forked)).order.number.startswith(till.number)

    eventually(handed_in, seconds=60)
    sign_in(page, running_suite, "admin")
    page.goto(f"{running_suite.url('back office')}/cashdesk/tills")
    page.get_by_role("row", name=till.number).get_by_role("link", name="Comparer ses deux copies").click()
    expect(page.get_by_role("region", name=f"{till.number}*", exact=True)).to_contain_text("1,50")
    expect(page.get_by_role("region", name=till.number, exact=True)).to_contain_text("Chaîne acquittée")
    looked_at(page, "till-fork")
    page.get_by_role("link", name="Retirer cette caisse").click()
    expect(page.get_by_role("textbox")).to_have_value(re.compile("bifurcation"))
    a_person_decides(till)


def test_a_long_queue_goes_up_a_narrow_line_while_the_till_sells_on(till, all_arrives):
    """D4, R3: 256 kb/s and 500 ms; catching up does not disturb selling."""
    till.line.cut()
    sold = [sell(till) for _ in range(150)]
    till.line.slow(bytes_per_second=32_000, delay_seconds=0.25)
    till.line.mend()
    while till.waiting > 0 and len(sold) < 400:
        sold.append(sell(till))
    till.line.slow()
    all_arrives(till, sold)


def test_a_request_repeated_over_a_restart_without_a_network_sells_once(till, all_arrives):
    """The page sends the same request until somebody answers; the till may have died in between."""
    sale = till.page.sale(till.page.key("Carte postale"), request_id=str(uuid.uuid4()))
    till.line.cut()
    first = till.page.post("/api/sales", sale)
    till.kill()
    till.start()
    till.page.sign_in("Lucas Bernard", LUCAS_PIN)
    assert till.page.post("/api/sales", sale) == first
    till.line.mend()
    all_arrives(till, [first["order_id"]])
