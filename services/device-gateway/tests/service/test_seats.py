"""Numbered seats sold by a till from what leases gave to it (A2, A4, D2, G1; domain 5.2, 6.2)."""

import gzip
import uuid
from datetime import timedelta

import pytest

import ledger
import titles
from device_gateway import refunding, seats, selling, sync
from device_gateway.domain.errors import NotEnoughPlaces, PlanNotHere, ProductUnknown, SeatsNotAtHand
from device_gateway.domain.leases import Lease, practice, wishes
from device_gateway.houses import as_shown
from device_gateway.store import jobs, journal, leases, plans, snapshot
from device_gateway.store.jobs import Document
from kit.clock import iso_ms, now
from kit.errors import FieldInvalid
from seating import SeatState
from seating.generate import theatre
from seating.geometry import encode
from setups.layout import LayoutBuilder

from ..conftest import catalogue_objects, uid

PLAN = theatre()
SEATS = list(PLAN.seats())
CONCERT, BEST, OTHER = uid("concert"), uid("first category"), uid("second category")
OF = {code: [number for number, seat in enumerate(SEATS, 1) if seat.category == code] for code in ("1", "2")}
ROW = [PLAN.ordinals[seat.id] for seat in PLAN.zones[0].rows[3].seats][:8]  # eight side by side, all of one category


def concert_objects(at) -> dict:
    """The museum, and a concert in a theatre: two categories for sale, at 40 and 25, half of it for children."""
    objects = catalogue_objects(at)
    objects["show"][uid("concert show")] = {
        "id": uid("concert show"), "title": "Les Indes galantes", "venue_id": uid("museum")
    }  # fmt: skip
    objects["performance"][CONCERT] = {
        "id": CONCERT, "show_id": uid("concert show"), "hall": "Grande salle", "capacity": len(SEATS),
        "starts_at": iso_ms(at + timedelta(hours=2)), "ends_at": iso_ms(at + timedelta(hours=4)),
        "price_list_id": uid("concert prices"), "state": "PERFORMANCE_STATE_ON_SALE", "plan_version_id": uid("plan"),
    }  # fmt: skip
    for id, name, code in ((BEST, "Catégorie 1", "1"), (OTHER, "Catégorie 2", "2")):
        objects["category"][id] = {"id": id, "name": name, "code": code}
    objects["price_list"][uid("concert prices")] = {"prices": [
        {"tariff_id": uid(tariff), "category_id": category, "amount": str(amount // part), "vat_rate_bp": 550,
         "channels": ["till"]}
        for category, amount in ((BEST, 4000), (OTHER, 2500)) for tariff, part in (("full", 1), ("child", 2))
    ]}  # fmt: skip
    return objects


def hand(world, *ordinals, name="seats", epoch=1, expires_in=timedelta(hours=3)) -> None:
    """Give the till a lease of these seats besides those that it has."""
    lease = Lease(
        uid(name), CONCERT, len(ordinals), 0, 0, epoch, world.at + expires_in, True, seats=tuple(sorted(ordinals))
    )
    with world.till.database.write() as tx:
        leases.keep(tx, [*(each for each in leases.every(tx) if each.lease_id != lease.lease_id), lease])


@pytest.fixture
def house(world):
    with world.till.database.write() as tx:
        snapshot.keep(tx, 13, concert_objects(world.at), True, world.at)
        plans.keep(tx, uid("plan"), 3, gzip.compress(encode(PLAN)))
    world.till.reload()
    return world


def item(quantity=0, tariff="full", category=BEST, seats=()) -> dict:
    return {"kind": "admission", "performance_id": CONCERT, "tariff_id": uid(tariff), "category_id": category,
            "quantity": quantity or len(seats), "seats": list(seats)}  # fmt: skip


def sell(house, *items) -> ledger.Sale:
    prices = {("full", BEST): 4000, ("child", BEST): 2000, ("full", OTHER): 2500, ("child", OTHER): 1250}
    names = {uid("full"): "full", uid("child"): "child"}
    due = sum(prices[names[each["tariff_id"]], each["category_id"]] * each["quantity"] for each in items)
    body = {"request_id": str(uuid.uuid4()), "items": list(items), "receipt": False, "expected_total": due,
            "payments": [{"mode": "card", "amount": due, "tendered": None}]}  # fmt: skip
    selling.sell(house.till, house.seller(), selling.parse_request(body), house.at)
    last = house.journal()[-1]
    entry = ledger.open_sealed(last.bytes, last.signature, house.till.identity.journal_key.public_key())
    return ledger.Sale.from_body(entry.body)


def sold_seats(sale) -> list[int]:
    return [seat.ordinal for line in sale.lines if line.seating for seat in line.seating.seats]


def test_the_best_seats_at_hand_are_sold_side_by_side_whatever_their_tariff(house):
    hand(house, *ROW)
    sale = sell(house, item(2), item(1, "child"))
    sitting = sold_seats(sale)
    assert sitting == sorted(sitting)
    assert sitting[-1] - sitting[0] == 2
    assert set(sitting) <= set(ROW)
    assert [line.seating.plan_version for line in sale.lines] == [3, 3]
    first = sale.lines[0].seating.seats[0]
    zone, row = PLAN.zones[0], PLAN.zones[0].rows[3]
    assert (first.zone, first.row, first.label) == (zone.name, row.label, SEATS[first.ordinal - 1].label)
    assert sale.lines[0].label == "Les Indes galantes – Plein tarif – Catégorie 1"


def test_each_ticket_bears_its_seat_in_its_barcode_and_on_paper(house):
    hand(house, *ROW)
    sale = sell(house, item(seats=ROW[2:4]))
    tokens = [titles.read(ticket.token).token for ticket in sale.tickets]
    assert [(token.seat, token.plan_version) for token in tokens] == [(ROW[2], 3), (ROW[3], 3)]
    papers = [job for job in jobs.of_order(house.till.database.read(), sale.order_id) if job.kind is Document.TICKET]
    seat = SEATS[ROW[2] - 1]
    assert next((job.data["seat_number"], job.data["row"], job.data["zone"]) for job in papers) == (
        seat.label, PLAN.zones[0].rows[3].label, PLAN.zones[0].name
    )  # fmt: skip
    assert papers[0].data["category"] == "Catégorie 1"


def test_a_seat_is_sold_once_also_after_a_restart(house):
    """G1."""
    hand(house, *ROW)
    sell(house, item(seats=ROW[:2]))
    house.reopen()
    with pytest.raises(SeatsNotAtHand) as refusal:
        sell(house, item(seats=ROW[1:3]))
    assert refusal.value.facts["seats"] == str(ROW[1])
    assert sold_seats(sell(house, item(seats=[ROW[2]]))) == [ROW[2]]


def test_a_refused_sale_leaves_every_seat_at_hand(house):
    hand(house, *ROW)
    with pytest.raises(SeatsNotAtHand):
        sell(house, item(seats=ROW[:2]), item(seats=[max(OF["2"])], category=OTHER))
    assert journal.last_sequence(house.till.database.read()) == 1
    assert sold_seats(sell(house, item(seats=ROW))) == ROW


def test_a_seat_has_the_price_of_its_own_category(house):
    hand(house, *ROW)
    with pytest.raises(FieldInvalid, match="another price"):
        sell(house, item(seats=ROW[:1], category=OTHER))
    with pytest.raises(ProductUnknown):
        seats.best(house.till, CONCERT, uid("no category"), 1, house.at)


def test_a_seat_is_named_once_in_a_basket(house):
    hand(house, *ROW)
    with pytest.raises(FieldInvalid, match="twice"):
        sell(house, item(seats=ROW[:1]), item(seats=ROW[:1], tariff="child"))
    with pytest.raises(FieldInvalid, match="each once"):
        sell(house, item(seats=[ROW[0], ROW[0]]))
    with pytest.raises(FieldInvalid, match="as many seats"):
        sell(house, item(3, seats=ROW[:2]))


def test_seats_of_two_leases_make_two_lines_and_none_of_an_expired_one(house):
    hand(house, *ROW[:2], name="one")
    hand(house, *ROW[2:4], name="two")
    hand(house, *ROW[4:6], name="late", expires_in=timedelta(seconds=-1))
    sale = sell(house, item(4))
    assert [(line.quantity, line.lease_id) for line in sale.lines] == [(2, uid("one")), (2, uid("two"))]
    with pytest.raises(NotEnoughPlaces):
        sell(house, item(1))


def test_when_a_category_lacks_seats_the_till_asks_for_that_category(house):
    """5.2: what a customer waits for."""
    hand(house, *ROW[:1])
    with pytest.raises(NotEnoughPlaces) as refusal:
        sell(house, item(3))
    assert (refusal.value.facts["left"], refusal.value.facts["category"]) == ("1", "1")
    assert house.till.demand.all() == {(CONCERT, "1"): 3}
    wished = wishes(house.till.catalogue, [], {}, house.till.demand.all(), house.at, {uid("plan")})
    assert {(each.seats, each.needed) for each in wished if each.performance_id == CONCERT} == {("1", 3), ("2", 0)}


def test_no_seat_is_wished_for_or_sold_before_its_plan_is_here(house):
    with house.till.database.write() as tx:
        plans.keep_only(tx, [])
    hand(house, *ROW)
    with pytest.raises(PlanNotHere):
        sell(house, item(1))
    wished = wishes(house.till.catalogue, [], {}, {}, house.at, house.till.plans.here())
    assert CONCERT not in {each.performance_id for each in wished}


def test_what_a_customer_points_at_is_kept_from_the_next_ones_best(house):
    hand(house, *ROW[:3])
    seats.pick(house.till, CONCERT, ROW[:2], house.at)
    assert seats.best(house.till, CONCERT, BEST, 1, house.at) == (ROW[2],)
    with pytest.raises(NotEnoughPlaces):
        sell(house, item(2))
    _, shown = seats.status(house.till, CONCERT, house.at)
    assert [shown[seat - 1] for seat in ROW[:3]] == [SeatState.HELD, SeatState.HELD, SeatState.FREE]
    assert sold_seats(sell(house, item(seats=ROW[:2]))) == ROW[:2]


def test_seats_that_the_customer_does_not_want_go_back_to_the_house(house):
    hand(house, *ROW)
    seats.pick(house.till, CONCERT, ROW[:3], house.at)
    sell(house, item(seats=ROW[:1]))
    seats.let_go(house.till, CONCERT, ROW[:3])
    [lease] = leases.every(house.till.database.read())
    assert (lease.sold_seats, lease.back_seats) == ((ROW[0],), tuple(ROW[1:3]))
    assert (lease.seats, lease.left) == (tuple(ROW[3:]), len(ROW) - 3)


def test_without_the_centre_only_what_is_at_hand_can_be_chosen(house):
    hand(house, *ROW)
    with pytest.raises(SeatsNotAtHand):
        seats.pick(house.till, CONCERT, [ROW[0], OF["2"][0]], house.at)
    with pytest.raises(FieldInvalid):
        seats.pick(house.till, CONCERT, [len(SEATS) + 1], house.at)
    version, shown = seats.status(house.till, CONCERT, house.at)
    assert version == 0
    assert {number for number, state in enumerate(shown, 1) if state == SeatState.FREE} == set(ROW)
    sell(house, item(seats=ROW[:1]))
    _, shown = seats.status(house.till, CONCERT, house.at)
    assert shown[ROW[0] - 1] == SeatState.SOLD
    assert set(shown) == {SeatState.FREE, SeatState.SOLD, SeatState.LEASED}


def test_the_plan_shows_the_centres_word_but_what_is_at_hand_as_free(house):
    states = bytearray(len(SEATS))
    states[ROW[0] - 1] = SeatState.LEASED  # to this till
    states[ROW[1] - 1] = SeatState.SOLD
    house.till.watch.told(CONCERT, 41, bytes(states))
    told = house.till.watch.look(CONCERT, 0)
    shown = as_shown(told, len(SEATS), ROW[:1] + ROW[2:4], [ROW[2]], [])
    assert [shown[seat - 1] for seat in ROW[:4]] == [SeatState.FREE, SeatState.SOLD, SeatState.HELD, SeatState.FREE]


def test_a_numbered_place_is_refunded_with_its_seat(house):
    """A7."""
    hand(house, *ROW)
    sale = sell(house, item(seats=ROW[:3]))
    body = {"request_id": str(uuid.uuid4()), "tickets": [
        {"key_id": sale.tickets[1].key_id, "serial": sale.tickets[1].serial}
    ], "lines": [], "reason": "customer_request", "expected_total": 4000}  # fmt: skip
    refunding.refund(
        house.till, house.seller("ines"), refunding.parse_request(house.till, sale.order_id, body), house.at
    )
    last = house.journal()[-1]
    entry = ledger.open_sealed(last.bytes, last.signature, house.till.identity.journal_key.public_key())
    refund = ledger.Refund.from_body(entry.body)
    assert [seat.ordinal for line in refund.lines for seat in line.seating.seats] == [ROW[1]]


def test_an_older_tills_database_learns_of_seats_when_it_is_opened(house):
    with house.till.database.write() as tx:
        tx.execute("DROP TABLE lease_seats")
        tx.execute("DROP TABLE plans")
    house.reopen()
    assert house.till.plans.here() == set()
    assert leases.every(house.till.database.read()) == []


def test_training_sells_the_first_seats_of_a_numbered_house(house):
    leases_of_training = practice(house.till.catalogue, house.at)
    [lease] = [each for each in leases_of_training if each.performance_id == CONCERT]
    assert (lease.seats[0], len(lease.seats), lease.granted) == (1, 200, 200)


def test_the_layout_tells_the_plan_and_a_price_for_each_category(house):
    shown = LayoutBuilder(house.till.catalogue, {}, {}, house.at).build({}, ())
    [concert] = [
        each for page in shown["pages"] if page["kind"] == "performances" for show in page["shows"]
        for each in show["performances"] if each["id"] == CONCERT
    ]  # fmt: skip
    assert concert["plan"] == uid("plan")
    assert [(each["category"], each["label"], each["price"]) for each in concert["tariffs"]] == [
        ("Catégorie 1", "Plein tarif", 4000), ("Catégorie 1", "Moins de 6 ans", 2000),
        ("Catégorie 2", "Plein tarif", 2500), ("Catégorie 2", "Moins de 6 ans", 1250),
    ]  # fmt: skip


class HouseOfTheCentre:
    """The plan as catalog tells it."""

    def __init__(self) -> None:
        self.asked = []

    def plan(self, plan_version_id):
        self.asked.append(plan_version_id)
        return 3, gzip.compress(encode(PLAN))


def test_a_plan_is_fetched_once_and_dropped_when_nothing_is_played_in_it_any_more(house):
    centre = HouseOfTheCentre()
    with house.till.database.write() as tx:
        plans.keep_only(tx, [])
    for _ in range(2):
        sync.fetch_plans(house.till, centre)
    assert centre.asked == [uid("plan")]
    assert house.till.plans.here() == {uid("plan")}
    with house.till.database.write() as tx:
        snapshot.keep(tx, 14, catalogue_objects(now()), True, now())
    house.till.reload()
    sync.fetch_plans(house.till, centre)
    assert house.till.plans.here() == set()
