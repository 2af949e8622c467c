"""The refund on a real SQLite file (A7, domain.md 5.5)."""

import json
import os
import signal
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ledger
from device_gateway import checking, refunding, selling
from device_gateway.domain.errors import (
    AmountChanged,
    FloatNotOpen,
    NotEnoughCash,
    NothingToRefund,
    OverrideNeeded,
    PinThrottled,
    PinWrong,
    SaleOfAnotherTill,
)
from device_gateway.store import jobs, leases, shifts, snapshot
from device_gateway.store.jobs import Document, State
from device_gateway.store.snapshot import Cashier
from kit.errors import FieldInvalid, RequestReused

from ..conftest import PIN, PIN_HASH, uid

HEAD = ("cashdesk.sell", "orders.refund", "orders.refund_otherwise")


@pytest.fixture
def till(world):
    """Alice may sell, Carol may refund too, Dan may refund as it was paid."""
    with world.till.database.write() as tx:
        people = [("alice", ("cashdesk.sell",)), ("carol", HEAD), ("dan", ("cashdesk.sell", "orders.refund"))]
        roster = [Cashier(uid(n), n.title(), PIN_HASH, rights, "fr") for n, rights in people]
        snapshot.keep_roster(tx, "r2", roster, b"")
    world.lease(50)
    return world


def sell(world, *items, seller="carol", **how):
    request = selling.parse_request(world.request(*items, **how))
    return selling.sell(world.till, world.seller(seller), request, world.at)


def body(world, sold, serials=(), lines=None, total=None, **changes):
    """A refund's body. `serials` of the sale's tickets; `lines`: {line: quantity} of articles."""
    tickets = [{"key_id": 7, "serial": serial} for serial in serials]
    quantities = [{"line": line, "quantity": quantity} for line, quantity in (lines or {}).items()]
    return {
        "request_id": str(uuid.uuid4()), "tickets": tickets, "lines": quantities, "reason": "customer_request",
        "expected_total": 1200 * len(serials) if total is None else total, **changes,
    }  # fmt: skip


def refund(world, sold, serials=(), lines=None, *, seller="carol", at=None, **changes):
    request = refunding.parse_request(world.till, sold["order_id"], body(world, sold, serials, lines, **changes))
    return refunding.refund(world.till, world.seller(seller), request, at or world.at)


def sealed(world) -> list[ledger.Refund]:
    public = world.till.identity.journal_key.public_key()
    entries = [ledger.open_sealed(each.bytes, each.signature, public) for each in world.journal()]
    return [ledger.Refund.from_body(entry.body) for entry in entries if entry.kind == ledger.Kind.REFUND]


def expected_cash(world, name="carol") -> int:
    return shifts.float_of(world.till.database.read(), uid(name)).expected


def test_one_of_two_tickets_is_refunded_in_cash_and_the_drawer_opens(till):
    """A7, LAW-1, LAW-3: sealed with its reference, in the till's own series; the float expects less."""
    sold = sell(till, ("full", 2), mode="cash")
    answer = refund(till, sold, [2])
    assert (answer["refund_number"], answer["total"]) == ("T01-000002", 1200)
    [made] = sealed(till)
    assert (made.original.order_number, made.original.sequence) == (sold["order_number"], sold["sequence"])
    assert [(line.quantity, line.total, line.vat) for line in made.lines] == [(-1, -1200, -63)]
    assert expected_cash(till) == 5000 + 2400 - 1200
    assert till.faults_of_journal() == []
    [slip] = [job for job in jobs.of_order(till.till.database.read(), made.refund_id)]
    assert (slip.kind, slip.kick_drawer, slip.data["total"]) == (Document.REFUND, True, -1200)


def test_the_refunded_ticket_is_refused_and_the_other_still_opens(till):
    sold = sell(till, ("full", 2))
    refund(till, sold, [1])
    tokens = {row["serial"]: row["token"] for row in till.till.database.read().execute("SELECT * FROM tickets")}
    starts_at = till.till.catalogue.performances[till.slot].starts_at
    dead, alive = (checking.check_ticket(till.till, tokens[serial], starts_at) for serial in (1, 2))
    assert (dead.colour, dead.reason) == ("red", "REFUNDED")
    assert (alive.colour, alive.reason) == ("green", "GENUINE")
    typed = checking.check_ticket(till.till, sold["tickets"][0]["human_code"], starts_at)
    assert (typed.colour, typed.reason) == ("red", "REFUNDED")


def test_a_ticket_that_waited_for_its_printer_is_never_printed_once_it_is_refunded(till):
    """The other ticket of the sale still is."""
    sold = sell(till, ("full", 2))
    refund(till, sold, [1])
    first, second = jobs.of_order(till.till.database.read(), sold["order_id"])
    assert (first.state, first.reason) == (State.FAILED, jobs.REPLACED)
    assert second.state is State.QUEUED


def test_the_place_does_not_go_back_into_the_lease(till):
    """Never both in a lease and in the pool: the centre gives it back to the house."""
    sold = sell(till, ("full", 2))
    before = leases.every(till.till.database.read())
    refund(till, sold, [1])
    assert leases.every(till.till.database.read()) == before


def test_a_repeated_request_gets_the_first_answer_and_refunds_once(till):
    sold = sell(till, ("full", 2), mode="cash")
    raw = body(till, sold, [1])
    request = refunding.parse_request(till.till, sold["order_id"], raw)
    first = refunding.refund(till.till, till.seller("carol"), request, till.at)
    assert refunding.refund(till.till, till.seller("carol"), request, till.at) == first
    assert len(sealed(till)) == 1
    other = refunding.parse_request(till.till, sold["order_id"], raw | {"tickets": [{"key_id": 7, "serial": 2}]})
    with pytest.raises(RequestReused):
        refunding.refund(till.till, till.seller("carol"), other, till.at)


def test_a_ticket_is_refunded_once_however_many_ask_at_once(till):
    sold = sell(till, ("full", 1))
    barrier = threading.Barrier(4)
    seller = till.seller("carol")

    def ask(_):
        request = refunding.parse_request(till.till, sold["order_id"], body(till, sold, [1]))
        barrier.wait()
        try:
            return refunding.refund(till.till, seller, request, till.at)["refund_number"]
        except NothingToRefund:
            return None

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(ask, range(4)))
    assert len([answer for answer in answers if answer]) == 1
    assert len(sealed(till)) == 1


def test_articles_are_refunded_by_how_many_until_none_is_left(till):
    sold = sell(till, ("poster", 3))
    refund(till, sold, lines={1: 2}, total=900)
    _, left = refunding.refundable(till.till, sold["order_id"])
    assert left.of_line(left.sale.lines[0]) == 1
    with pytest.raises(NothingToRefund):
        refund(till, sold, lines={1: 2}, total=900)


def test_a_cashier_needs_a_manager_whose_pin_is_right_and_who_may_refund(till):
    """M4: the journal says who allowed it."""
    sold = sell(till, ("full", 2), seller="alice")
    with pytest.raises(OverrideNeeded) as refusal:
        refund(till, sold, [1], seller="alice")
    assert refusal.value.facts["right"] == "orders.refund"
    with pytest.raises(OverrideNeeded):
        refund(till, sold, [1], seller="alice", authorisation={"cashier_id": uid("alice"), "pin": PIN})
    with pytest.raises(PinWrong):
        refund(till, sold, [1], seller="alice", authorisation={"cashier_id": uid("carol"), "pin": "0000"})
    refund(till, sold, [1], seller="alice", authorisation={"cashier_id": uid("carol"), "pin": PIN})
    [made] = sealed(till)
    assert (made.cashier_id, made.authorised_by) == (uid("alice"), uid("carol"))


def test_wrong_pins_of_a_manager_are_throttled_as_at_sign_in(till):
    sold = sell(till, ("full", 1))
    wrong = {"cashier_id": uid("carol"), "pin": "0000"}
    for _ in range(5):
        with pytest.raises(PinWrong):
            refund(till, sold, [1], seller="alice", authorisation=wrong)
    with pytest.raises(PinThrottled):
        refund(till, sold, [1], seller="alice", authorisation=wrong | {"pin": PIN})
    assert sealed(till) == []


def test_money_goes_back_as_it_was_paid_and_otherwise_only_with_the_right(till):
    sold = sell(till, ("full", 2), mode="card")
    cash = [{"mode": "cash", "amount": 1200}]
    with pytest.raises(OverrideNeeded) as refusal:
        refund(till, sold, [1], seller="dan", payments=cash)
    assert refusal.value.facts["right"] == "orders.refund_otherwise"
    assert refund(till, sold, [1], seller="dan")["payments"] == [{"mode": "card", "amount": 1200}]
    allowed = refund(
        till, sold, [2], seller="dan", payments=cash, authorisation={"cashier_id": uid("carol"), "pin": PIN}
    )
    assert allowed["payments"] == [{"mode": "cash", "amount": 1200}]
    assert [made.authorised_by for made in sealed(till)] == [None, uid("carol")]


def test_nobody_gives_back_cash_that_the_drawer_should_not_hold(till):
    sold = sell(till, ("full", 8), seller="alice", mode="cash")
    with pytest.raises(NotEnoughCash) as refusal:
        refund(till, sold, range(1, 9))
    assert refusal.value.facts["left"] == "5000"
    assert sealed(till) == []


def test_a_refund_needs_an_open_float(till):
    sold = sell(till, ("full", 1))
    till.close_float(till.seller("carol"), {"5000": 1})
    request = refunding.parse_request(till.till, sold["order_id"], body(till, sold, [1]))
    with pytest.raises(FloatNotOpen):
        refunding.refund(till.till, till.seller("carol", with_float=False), request, till.at)


def test_the_closing_expects_what_refunds_left_in_the_drawer(till):
    """E1."""
    sold = sell(till, ("full", 2), mode="cash")
    refund(till, sold, [1])
    closing = till.close_float(till.seller("carol"), {"5000": 1, "200": 6})
    assert (closing.expected, closing.difference) == (6200, 0)


def test_an_amount_that_was_shown_wrongly_is_not_given_back(till):
    sold = sell(till, ("full", 2))
    with pytest.raises(AmountChanged) as refusal:
        refund(till, sold, [1], total=1100)
    assert refusal.value.facts["total"] == "1200"


def test_a_sale_of_another_till_is_refused_here(till):
    with pytest.raises(SaleOfAnotherTill):
        refund(till, {"order_id": str(uuid.uuid4())}, [1])


def test_a_refund_may_come_days_later_and_counts_on_its_own_day(till):
    sold = sell(till, ("full", 1))
    refund(till, sold, [1], at=till.at + timedelta(days=2))
    [made] = sealed(till)
    assert made.business_on == till.till.business_on(till.at + timedelta(days=2))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"request_id": "x"}, "request_id"), ({"reason": "whim"}, "reason"), ({"note": "a\nb"}, "note"),
        ({"expected_total": -1}, "expected_total"), ({"tickets": [{"key_id": 7}]}, "tickets[0].serial"),
        ({"lines": "all"}, "lines"), ({"payments": [{"mode": "gold", "amount": 1}]}, "payments[0].mode"),
    ],
)  # fmt: skip
def test_a_malformed_request_names_the_field(till, changes, field):
    with pytest.raises(FieldInvalid) as refusal:
        refunding.parse_request(till.till, str(uuid.uuid4()), body(till, {}, [1]) | changes)
    assert refusal.value.facts["field"] == field


REFUND_AND_DIE = """
import json, os, signal, sys
from datetime import datetime
from pathlib import Path
from device_gateway import refunding
from device_gateway.store import shifts, snapshot
from device_gateway.store.database import Database
from device_gateway.till import Seller, Till
folder, order_id, asked, cashier_id, at, moment = sys.argv[1:]
till = Till(Database(Path(folder)))
tx = till.database.read()
row = tx.execute("SELECT shift_id FROM shifts WHERE cashier_id = ?", (cashier_id,)).fetchone()
seller = Seller(snapshot.cashier(tx, cashier_id), shifts.Shift(row["shift_id"], cashier_id))
if moment == "inside":
    refunding._answer = lambda *a: os.kill(os.getpid(), signal.SIGKILL)
request = refunding.parse_request(till, order_id, json.loads(asked))
refunding.refund(till, seller, request, datetime.fromisoformat(at))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize(("moment", "kept"), [("inside", 0), ("sealed", 1)])
def test_a_till_killed_in_mid_refund_has_refunded_wholly_or_not_at_all_and_the_retry_refunds_once(till, moment, kept):
    """5.7: kill -9 before the commit, and after it before the answer: the page asks again with the same id."""
    sold = sell(till, ("full", 2), mode="cash")
    asked = body(till, sold, [1])
    till.till.database.close()
    arguments = [till.folder, sold["order_id"], json.dumps(asked), uid("carol"), till.at.isoformat(), moment]
    done = subprocess.run([sys.executable, "-c", REFUND_AND_DIE, *map(str, arguments)], env=os.environ, timeout=60)
    assert done.returncode == -signal.SIGKILL
    till.till = till.open()
    assert len(sealed(till)) == kept
    assert expected_cash(till) == 7400 - 1200 * kept
    request = refunding.parse_request(till.till, sold["order_id"], asked)
    refunding.refund(till.till, till.seller("carol"), request, till.at)
    assert len(sealed(till)) == 1
    assert expected_cash(till) == 6200
    assert till.faults_of_journal() == []


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_the_parts_all_refunds_of_a_sale_together_give_back_the_sale(till, data):
    """To the cent in gross, net and VAT, and the float ends where it began."""
    before = len(sealed(till))
    cash_before = shifts.float_of(till.till.database.read(), uid("carol"))
    with till.till.database.write() as tx:
        tx.execute("UPDATE leases SET granted = used + 50")
    posters = data.draw(st.integers(1, 5))
    sold = sell(till, ("full", 3), ("poster", posters), mode="cash")
    # What comes back together: each ticket and each poster goes into one of three refunds.
    parts = data.draw(st.lists(st.integers(0, 2), min_size=3 + posters, max_size=3 + posters))
    for part in sorted(set(parts)):
        serials = [each["serial"] for each, where in zip(sold["tickets"], parts, strict=False) if where == part]
        count = parts[3:].count(part)
        refund(till, sold, serials, {2: count} if count else None, total=1200 * len(serials) + 450 * count)
    _, whole = refunding.refundable(till.till, sold["order_id"])
    for name in ("net", "vat", "total"):
        back = sum(getattr(line, name) for made in sealed(till)[before:] for line in made.lines)
        assert back == -sum(getattr(line, name) for line in whole.sale.lines)
    assert expected_cash(till) == (cash_before.expected if cash_before else 5000)
