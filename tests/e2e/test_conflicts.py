"""A seat that was sold twice, and places beyond a house: seen and decided in the back office, told to gates (5.6)."""

import subprocess
import sys
import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

import ledger
import titles
from kit.clock import now
from kit.grpc_client import channel
from kit.testing import eventually
from seating import Plan
from suite.audit import services_of
from suite.demo.centre import call, id_of
from suite.demo.programme import FULL, SEATED_PRICES
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as cashdesk_pb
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb
from ticketing.orders.v1.orders_service_pb2_grpc import OrdersServiceStub

from .conftest import looked_at
from .own_till import administrator, new_till, own_till
from .running import RunningSuite
from .test_numbered_seats import NAMED, carmen  # noqa: F401 - a fixture
from .test_programming import sign_in, token_of

pytestmark = pytest.mark.e2e


class PaperTill:
    """A till's keys and chain without its process: it sells one seat, and its entries come whenever the test says."""

    def __init__(self, suite: RunningSuite) -> None:
        self._services = services_of(suite.machine)
        self.number, self.till_id, code = new_till(suite.machine)
        self.journal_key, self._ticket_key = ledger.generate_key(), titles.generate_key()
        enrolled = self._services.accounts.EnrolTill(accounts_pb.EnrolTillRequest(
            enrolment_code=code, journal_public_key=ledger.public_bytes(self.journal_key),
            ticket_public_key=titles.public_bytes(self._ticket_key), mac_address="02:00:00:00:00:01", hostname="copie",
            software_version="0.1.0",
        ))  # fmt: skip
        root = titles.load_public(enrolled.root_public_key)
        self.key_id = titles.read_certificate(enrolled.certificate, root).key_id
        self.head, self.waiting = ledger.Head.start(self.till_id), list[ledger.SealedEntry]()

    def sell(self, performance, plan: Plan, ordinal: int, amount: int) -> ledger.Sale:
        """One seat, sealed an hour ago and on paper since."""
        seat = next(ledger.Seat(ordinal, zone.name, row.label, seat.label) for zone in plan.zones for row in zone.rows
                    for seat in row.seats if plan.ordinals[seat.id] == ordinal)  # fmt: skip
        net, vat = ledger.split_vat(amount, 550)
        line = ledger.Line(
            line=1, kind=ledger.LineKind.ADMISSION, performance_id=performance.id, show_id=performance.show_id,
            category_id=id_of("category", NAMED), tariff_id=id_of("tariff", FULL), product_id=None, option=None,
            label="Carmen, Plein tarif, Catégorie 2", quantity=1, unit_price=amount, total=amount, vat_rate_bp=550,
            vat=vat, net=net, lease_id=None, hold_id=None,
            seating=ledger.Seating(performance.plan_version_id, 1, (seat,)),
        )  # fmt: skip
        token = titles.Token(
            titles.Kind.TILL, self.key_id, 1, titles.group_of(performance.id), 1, now() - timedelta(hours=1), 600_000,
            seat=ordinal,
        )  # fmt: skip
        ticket = ledger.Ticket(1, self.key_id, 1, titles.issue(token, self._ticket_key))
        sale = ledger.Sale(
            order_id=str(uuid.uuid4()), order_number=f"{self.number}-000001", channel="till",
            cashier_id=self._cashier(), shift_id=str(uuid.uuid4()), cash_float_id=None,
            business_on=now().date().isoformat(), currency="EUR", catalog_version=1, lines=(line,), tickets=(ticket,),
            payments=(ledger.Payment(ledger.Mode.CARD, amount, amount, 0, "A1"),), total=amount,
            vat=ledger.vat_totals((line,)),
        )  # fmt: skip
        at = now() - timedelta(hours=1)
        entry = ledger.Entry(
            self.till_id, self.head.sequence + 1, at, 1, ledger.Kind.SALE, self.head.hash, sale.to_body()
        )
        sealed = ledger.seal(entry, self.journal_key)
        self.head = ledger.follows(self.head, entry, sealed.hash)
        self.waiting.append(sealed)
        return sale

    def _cashier(self) -> str:
        users = self._services.accounts.ListUsers(accounts_pb.ListUsersRequest()).users
        return str(next(user.id for user in users if user.name == "Lucas Bernard"))

    def arrive(self) -> None:
        """What was sealed reaches the centre."""
        first = self.head.sequence - len(self.waiting) + 1
        request = cashdesk_pb.AppendEntriesRequest(till_id=self.till_id, entries=[
            cashdesk_pb.SealedEntry(
                sequence=number, content=each.bytes, signature=each.signature, algorithm=each.algorithm, hash=each.hash
            )
            for number, each in enumerate(self.waiting, first)
        ])  # fmt: skip
        eventually(lambda: self._services.cashdesk.AppendEntries(request).acknowledged_sequence == self.head.sequence)


@pytest.fixture
def gate(running_suite, tmp_path):
    """gate-check with the centre's newest file: what it says of a barcode."""

    def scan(page: Page, code: str) -> str:
        pack = page.request.get(f"{running_suite.url('back office')}/orders/gates/pack.json").body()
        (tmp_path / "pack.json").write_bytes(pack)
        command = [sys.executable, "-m", "titles.gate_check", "--state", str(tmp_path / "door")]
        load = [*command, "load", str(tmp_path / "pack.json")]
        loaded = subprocess.run(load, text=True, capture_output=True, timeout=30, check=False)
        assert loaded.returncode == 0, loaded.stderr
        done = subprocess.run([*command, "scan"], input=code, text=True, capture_output=True, timeout=30, check=False)
        return done.stdout

    return scan


def conflicts_of(services, performance_id: str) -> list[orders_pb.Conflict]:
    return list(services.orders.ListConflicts(orders_pb.ListConflictsRequest(performance_id=performance_id)).conflicts)


def test_a_seat_sold_twice_is_seen_decided_and_told_to_the_gates(
    page: Page,
    running_suite: RunningSuite,
    carmen,  # noqa: F811
    gate,
):
    """A till that was away had sold the seat an hour before the counter did: both have a paper in their hands."""
    performance, plan = carmen
    services, token = services_of(running_suite.machine), token_of(running_suite, "admin")
    orders = OrdersServiceStub(channel(running_suite.machine.target("orders"), token=lambda: token))
    in_category = [plan.ordinals[seat.id] for seat in plan.seats() if seat.category == NAMED and not seat.traits]
    seat, price = in_category[len(in_category) // 2], SEATED_PRICES[NAMED][FULL]
    sign_in(page, running_suite, "admin")
    page.goto(f"{running_suite.url('back office')}/orders/conflicts")
    expect(page.get_by_text("Rien à décider")).to_be_visible()
    looked_at(page, "conflicts-none")

    till = PaperTill(running_suite)
    late = till.sell(performance, plan, seat, price)
    basket = orders_pb.CheckoutRequest(request_id=str(uuid.uuid4()), channel="counter")
    basket.lines.add(
        performance_id=performance.id, tariff_id=id_of("tariff", FULL), category_id=id_of("category", NAMED),
        quantity=1, seats=[seat],
    )  # fmt: skip
    basket.payments.add(mode="card", amount=price)
    counter = orders.Checkout(basket).order
    till.arrive()
    eventually(lambda: [len(it.claims) for it in conflicts_of(services, performance.id)] == [2], seconds=30)
    eventually(lambda: any(c.without_place for c in conflicts_of(services, performance.id)[0].claims), seconds=30)
    assert running_suite.audit() == []
    assert "vendue deux fois" in gate(page, late.tickets[0].token)

    page.reload()
    looked_at(page, "conflicts")
    page.get_by_role("link", name="Voir : ").click()
    tickets = page.get_by_role("region", name="Billet ")
    expect(tickets).to_have_count(2)
    expect(tickets.first).to_contain_text(late.order_number)
    expect(tickets.first).to_contain_text("Scellé en premier")
    expect(tickets.first).to_contain_text("Lucas Bernard")
    expect(tickets.last).to_contain_text(counter.number)
    looked_at(page, "conflict-open")

    page.get_by_label("Motif").first.fill("La caisse avait vendu en premier")
    page.get_by_role("button", name="Attribuer ce siège").first.click()
    expect(page.get_by_text("Le billet a un autre siège.")).to_be_visible()
    expect(page.get_by_text("La caisse avait vendu en premier")).to_be_visible()
    expect(tickets.last).to_contain_text("A un autre siège")
    looked_at(page, "conflict-settled")

    (settled,) = conflicts_of(services, performance.id)
    assert settled.state == orders_pb.CONFLICT_STATE_SETTLED
    assert "vendue deux fois" not in gate(page, late.tickets[0].token)
    assert "annulé" in gate(page, counter.tickets[0].token)
    page.get_by_role("link", name=counter.number).click()
    expect(page.get_by_text("Remplacé")).to_be_visible()
    looked_at(page, "conflict-order")
    page.goto(f"{running_suite.url('back office')}/cashdesk/tills")
    assert running_suite.audit() == []


def test_a_till_whose_places_were_taken_back_while_it_was_away_sells_on_and_a_person_decides(
    page: Page, running_suite: RunningSuite, tmp_path
):
    """A supervisor took the block of a dark till back, and the house filled: real processes on a real line."""
    services, centre = services_of(running_suite.machine), administrator(running_suite.machine)
    with own_till(running_suite.machine, tmp_path / "till") as till:
        shows = [show for each in till.page.get("/api/layout")["pages"] for show in each.get("shows", [])]
        performance_id = next(
            each["id"] for show in shows if show["title"].startswith("Festival") for each in show["performances"]
            if each["left"] > 0
        )  # fmt: skip
        till.line.cut()
        eventually(lambda: not till.page.get("/api/state")["online"], seconds=60)
        sold = str(till.page.sell(till.page.key("Festival", "Plein"))["order_id"])
        for lease in services.inventory.ListLeases(inventory_pb.ListLeasesRequest(till_id=till.till_id)).leases:
            if lease.performance_id == performance_id:
                recall = inventory_pb.RecallLeaseRequest(
                    request_id=str(uuid.uuid4()), lease_id=lease.lease_id, reason="La caisse ne répond plus"
                )
                call(centre.inventory.RecallLease, recall)
        hold = fill(services, performance_id)
        till.line.mend()
        eventually(till.is_caught_up, seconds=90)
    (found,) = eventually(lambda: conflicts_of(services, performance_id), seconds=60)
    assert (found.kind, found.cause, found.claims[0].order_id) == (
        orders_pb.CONFLICT_KIND_PLACES, "lease recalled", sold,
    )  # fmt: skip
    sign_in(page, running_suite, "admin")
    page.goto(f"{running_suite.url('back office')}/orders/conflicts/{found.id}")
    expect(page.get_by_text("ont été reprises pendant qu’elle était coupée")).to_be_visible()
    page.get_by_text("Autres solutions").click()
    expect(page.get_by_text("plus que la tolérance")).to_be_visible()
    looked_at(page, "conflict-places")
    assert running_suite.audit() == []

    services.inventory.ReleaseHolds(inventory_pb.ReleaseHoldsRequest(hold_ids=[hold]))
    eventually(lambda: conflicts_of(services, performance_id)[0].state == orders_pb.CONFLICT_STATE_SETTLED, seconds=30)
    page.reload()
    expect(page.get_by_text("Une place s’est libérée")).to_be_visible()
    assert running_suite.audit() == []


def fill(services, performance_id: str) -> str:
    """A basket that holds every place that is left."""
    asked = inventory_pb.GetAvailabilityRequest(performance_ids=[performance_id])
    held = str(uuid.uuid4())
    free = services.inventory.GetAvailability(asked).availabilities[0].free
    request = inventory_pb.HoldRequest(hold_id=held, hold_seconds=3600)
    while free:
        request.lines.add(performance_id=performance_id, quantity=min(free, 1000))
        free -= min(free, 1000)
    (result,) = services.inventory.HoldPlaces(inventory_pb.HoldPlacesRequest(holds=[request])).results
    assert result.granted, result.refusal
    return held
