"""A till that is asked back, a real process: all it held is at the centre, its machine is empty (I4, I1, R7)."""

import gzip
import sqlite3
import uuid

import pytest

from kit.testing import eventually
from suite.audit import services_of
from suite.demo.centre import call
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb

from .own_till import OwnTill, administrator, own_till
from .running import LUCAS_PIN, Refused

pytestmark = pytest.mark.e2e


@pytest.fixture
def till(running_suite, tmp_path):
    with own_till(running_suite.machine, tmp_path / "till") as it:
        yield it


def state_of(running_suite, till_id: str) -> int:
    tills = call(administrator(running_suite.machine).accounts.ListTills, accounts_pb.ListTillsRequest()).tills
    return next(each.state for each in tills if each.id == till_id)


def sell(till: OwnTill) -> str:
    return str(till.page.sell(till.page.key("Festival", "Plein"))["order_id"])


def test_a_till_is_asked_back_while_its_line_is_cut_and_another_machine_takes_its_place(till, running_suite):
    """I4, I1, LAW-6: it hears of it, its float is closed, its last sales arrive, and only then is it empty."""
    accounts = administrator(running_suite.machine).accounts
    till.line.cut()
    sold = [sell(till) for _ in range(3)]
    move = accounts_pb.MoveTillRequest(
        request_id=str(uuid.uuid4()), till_id=till.till_id, number=f"C{uuid.uuid4().hex[:6]}".upper()
    )
    moved = call(accounts.MoveTill, move)
    till.line.mend()
    eventually(lambda: till.page.get("/api/state")["leaving"], seconds=90)
    with pytest.raises(Refused) as refusal:
        sell(till)
    assert refusal.value.reason == "TILL_LEAVING"
    key = till.folder / "till.db"
    assert key.stat().st_size > 0
    till.page.close_float({"1000": 10})
    eventually(lambda: till.page.get("/api/state")["till"] is None, seconds=120)
    assert state_of(running_suite, till.till_id) == accounts_pb.TILL_STATE_RETURNED
    with sqlite3.connect(till.database) as database:
        assert database.execute("SELECT count(*) FROM journal").fetchone() == (0,)
        assert database.execute("SELECT till_id FROM identity").fetchone() == (None,)
    services = services_of(running_suite.machine)
    asked = orders_pb.SearchOrdersRequest(till_id=till.till_id, page_size=500)
    eventually(lambda: {order.id for order in services.orders.SearchOrders(asked).orders} == set(sold), seconds=60)
    assert running_suite.audit() == []

    (till.folder / "code").write_text(moved.enrolment_code)
    eventually(lambda: (till.page.get("/api/state")["till"] or {}).get("number") == move.number, seconds=60)
    till.page.sign_in("Lucas Bernard", LUCAS_PIN)
    assert till.page.sell(till.page.key("Carte postale"))["order_number"] == f"{move.number}-000001"
    eventually(till.is_caught_up, seconds=60)
    assert running_suite.audit() == []


def test_a_technician_reads_a_tills_log_from_afar(till, running_suite):
    """R7."""
    accounts = administrator(running_suite.machine).accounts
    call(accounts.AskTillLog, accounts_pb.AskTillLogRequest(till_id=till.till_id))

    def come():
        return call(accounts.GetTillLog, accounts_pb.GetTillLogRequest(till_id=till.till_id)).log.content

    text = gzip.decompress(eventually(come, seconds=60)).decode()
    assert '"event": "started"' in text
    assert '"event": "catalogue"' in text
    assert LUCAS_PIN not in text
