"""Stock through the inventory's doors, on the real PostgreSQL (O3, O5)."""

import threading
import uuid
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from inventory import store
from inventory.domain import MAIN_PLACE, Act, Cause, HoldLine, HoldWish, Shelf
from inventory.domain.contingents import Buyer
from inventory.usecases import HoldDesk
from kit.auth import Caller, CallerKind
from kit.clock import now
from kit.database import outbox
from kit.testing import eventually
from ticketing.accounts.v1.events_pb2 import TillEnrolled
from ticketing.cashdesk.v1.events_pb2 import SaleRecorded
from ticketing.cashdesk.v1.sale_pb2 import Sale, SaleLine
from ticketing.inventory.v1 import inventory_service_pb2 as pb

SERVICE = Caller("orders", CallerKind.SERVICE, "orders", frozenset(), now() + timedelta(hours=1))


def new():
    return str(uuid.uuid4())


class Stock:
    """What a manager does with one article."""

    def __init__(self, stub, product_id=""):
        self.stub, self.product_id = stub, product_id or new()

    def receive(self, place_id, quantity, **others):
        return self.move(place_id, quantity, pb.STOCK_CAUSE_RECEIVED, **others)

    def move(self, place_id, quantity, cause, **others):
        values = {"request_id": new(), "product_id": self.product_id, "place_id": place_id} | others
        return self.stub.MoveStock(pb.MoveStockRequest(quantity=quantity, cause=cause, **values)).level

    def transfer(self, source, to, quantity):
        return pb.TransferStockRequest(
            request_id=new(), product_id=self.product_id, quantity=quantity, from_place_id=source, to_place_id=to
        )

    def count(self, place_id, counted):
        asked = pb.CountStockRequest(request_id=new(), product_id=self.product_id, place_id=place_id, counted=counted)
        return self.stub.CountStock(asked)

    def threshold(self, place_id, threshold):
        asked = {"request_id": new(), "product_id": self.product_id, "place_id": place_id, "threshold": threshold}
        return self.stub.SaveStockThreshold(pb.SaveStockThresholdRequest(**asked)).level

    def level(self, place_id):
        asked = pb.ListStockRequest(by_place=True, product_ids=[self.product_id], place_id=place_id)
        return next(((x.on_hand, x.held) for x in self.stub.ListStock(asked).levels), None)

    def journal(self, **asked):
        found = self.stub.ListStockMovements(pb.ListStockMovementsRequest(product_id=self.product_id, **asked))
        return found.movements


@pytest.fixture
def mug(stub):
    return Stock(stub)


@pytest.fixture
def place(stub):
    """Opens a place from which these points of sale sell."""

    def make(*points_of_sale):
        wanted = pb.StockPlace(place_id=new(), name=f"Lieu {new()}", points_of_sale=points_of_sale)
        return stub.SaveStockPlace(pb.SaveStockPlaceRequest(request_id=new(), place=wanted)).place.place_id

    return make


def sale(product_id, quantity, till_id="till", hold_id=""):
    line = SaleLine(line=1, kind="product", product_id=product_id, quantity=quantity, hold_id=hold_id)
    return SaleRecorded(till_id=till_id, sale=Sale(order_id=new(), lines=[line]))


def hold(stub, product_id, quantity, point_of_sale_id=""):
    wish = pb.HoldRequest(
        hold_id=new(), lines=[pb.HoldLine(product_id=product_id, quantity=quantity)],
        buyer=pb.Buyer(point_of_sale_id=point_of_sale_id),
    )  # fmt: skip
    return stub.HoldPlaces(pb.HoldPlacesRequest(holds=[wish])).results[0]


def lows(sessions, product_id):
    with sessions() as session:
        found = session.execute(outbox.select().where(outbox.c.subject == "inventory.stock.low.v1")).all()
        return [row.payload for row in found if row.payload["productId"] == product_id]


def audit(sessions):
    """Every level is the sum of its movements; what is held is in running holds."""
    query = text(
        "SELECT count(*) FROM shelves s WHERE on_hand <> (SELECT coalesce(sum(quantity), 0) FROM stock_movements m"
        " WHERE (m.place_id, m.product_id, m.option) = (s.place_id, s.product_id, s.option)) OR held <>"
        " (SELECT coalesce(sum(quantity), 0) FROM hold_lines l JOIN holds h USING (hold_id) WHERE h.state = 1"
        " AND (l.place_id, l.product_id, l.option) = (s.place_id, s.product_id, s.option))"
    )
    with sessions() as session:
        assert session.execute(query).scalar_one() == 0


def test_a_till_sells_from_the_place_of_its_point_of_sale_and_an_unknown_one_from_the_main_place(
    stub, mug, place, tell
):
    kiosk, till = new(), new()
    shop = place(kiosk)
    tell(TillEnrolled(till_id=till, point_of_sale_id=kiosk))
    mug.receive(shop, 5)
    mug.receive("", 5)
    tell(sale(mug.product_id, 2, till))
    tell(sale(mug.product_id, 1, "a till that nobody knows"))
    assert (mug.level(shop), mug.level(MAIN_PLACE)) == ((3, 0), (4, 0))
    (summed,) = [x for x in stub.ListStock(pb.ListStockRequest()).levels if x.product_id == mug.product_id]
    assert (summed.on_hand, summed.place_id) == (7, "")


def test_a_basket_holds_from_the_place_of_its_point_of_sale_and_is_told_what_is_short(stub, mug, place, sessions):
    kiosk = new()
    shop = place(kiosk)
    mug.receive("", 9)
    mug.receive(shop, 2)
    short = hold(stub, mug.product_id, 3, kiosk)
    assert short.refusal == "NOT_ENOUGH_STOCK"
    assert (short.facts["free"], short.facts["wanted"], short.facts["place_id"]) == ("2", "3", shop)
    held = hold(stub, mug.product_id, 2, kiosk)
    assert held.granted
    place()  # the point of sale may have moved meanwhile: the hold keeps its place
    stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=[held.hold_id]))
    assert (mug.level(shop), mug.level(MAIN_PLACE)) == ((0, 0), (9, 0))
    audit(sessions)


def test_two_sellers_and_the_last_article_of_a_place_are_one_sale(sessions, stub, mug, place):
    """Two desks are what two processes have; the other place is full and helps neither."""
    kiosk = new()
    shop = place(kiosk)
    mug.receive("", 50)
    mug.receive(shop, 1)
    desks, ready, outcomes = [HoldDesk(sessions), HoldDesk(sessions)], threading.Barrier(16), []

    def buy(desk):
        line = HoldLine("", mug.product_id, "", 1)
        wish = HoldWish(new(), (line,), now() + timedelta(minutes=5), Buyer("web", kiosk, ""))
        ready.wait()
        (outcome,) = desk.hold(SERVICE, [wish], now())
        outcomes.append(outcome.refusal or desk.confirm(SERVICE, [wish.hold_id], now())[0].refusal)

    threads = [threading.Thread(target=buy, args=(desks[i % 2],)) for i in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == [""] + ["NOT_ENOUGH_STOCK"] * 15
    assert (mug.level(shop), mug.level(MAIN_PLACE)) == ((0, 0), (50, 0))
    audit(sessions)


def count(sessions, query):
    """In a transaction of its own: within one, who waits is read once and remembered."""
    with sessions() as session:
        return session.execute(query).scalar_one()


def test_whoever_wants_an_article_waits_for_who_is_taking_it(sessions, mug):
    """Design §3 rule 1: the lock of the level decides, not what was read before it."""
    mug.receive("", 1)
    shelf, outcomes = Shelf(MAIN_PLACE, mug.product_id, ""), []

    def buy():
        wish = HoldWish(new(), (HoldLine("", mug.product_id, "", 1),), now() + timedelta(minutes=5))
        outcomes.append(HoldDesk(sessions).hold(SERVICE, [wish], now())[0].refusal)

    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    buyer = threading.Thread(target=buy)
    with sessions.begin() as session:
        book = store.opened(session, articles=[shelf])
        book.stock.move(shelf, -1, Cause.BROKEN, Act(new()))
        buyer.start()
        eventually(lambda: outcomes or count(sessions, waiting))
        store.write(session, book)
    buyer.join()
    assert outcomes == ["NOT_ENOUGH_STOCK"]
    audit(sessions)


def test_a_sealed_sale_is_counted_even_where_there_is_none(mug, place, tell):
    kiosk, till = new(), new()
    shop = place(kiosk)
    tell(TillEnrolled(till_id=till, point_of_sale_id=kiosk))
    told = sale(mug.product_id, 2, till)
    tell(told)
    tell(told)
    assert mug.level(shop) == (-2, 0)
    assert [(m.quantity, m.cause, m.by_id) for m in mug.journal()] == [(-2, pb.STOCK_CAUSE_SOLD, till)]


def test_the_journal_says_when_where_how_many_why_and_who(stub, mug, place):
    shop = place()
    mug.receive("", 10, note="Livraison 12")
    carried = mug.transfer(MAIN_PLACE, shop, 4)
    assert stub.TransferStock(carried) == stub.TransferStock(carried)
    mug.move(shop, 1, pb.STOCK_CAUSE_BROKEN)
    mug.move(shop, 2, pb.STOCK_CAUSE_LOST)
    counted = mug.count(shop, 3)
    assert (counted.level.on_hand, counted.difference) == (3, 2)
    assert mug.count(shop, 3).difference == 0
    moved = [(m.place_id, m.quantity, m.cause) for m in mug.journal()]
    assert moved == [
        (shop, 2, pb.STOCK_CAUSE_CORRECTED), (shop, -2, pb.STOCK_CAUSE_LOST), (shop, -1, pb.STOCK_CAUSE_BROKEN),
        (shop, 4, pb.STOCK_CAUSE_TRANSFERRED), (MAIN_PLACE, -4, pb.STOCK_CAUSE_TRANSFERRED),
        (MAIN_PLACE, 10, pb.STOCK_CAUSE_RECEIVED),
    ]  # fmt: skip
    journal = mug.journal()
    assert {m.by_name for m in journal} == {"Anna"}
    assert journal[3].reference == journal[4].reference == carried.request_id
    assert journal[5].note == "Livraison 12"
    assert [m.place_id for m in mug.journal(place_id=MAIN_PLACE)] == [MAIN_PLACE] * 2
    seen, token = [], ""
    while True:
        asked = pb.ListStockMovementsRequest(product_id=mug.product_id, page_size=4, page_token=token)
        page = stub.ListStockMovements(asked)
        seen += page.movements
        token = page.next_page_token
        if not token:
            break
    assert seen == list(journal)


def test_a_transfer_takes_only_what_is_there_and_free(stub, mug, place, refused, sessions):
    shop = place()
    mug.receive("", 3)
    hold(stub, mug.product_id, 2)
    refusal = refused(stub.TransferStock, mug.transfer(MAIN_PLACE, shop, 2))
    assert (refusal.reason, refusal.facts["free"]) == ("NOT_ENOUGH_STOCK", "1")
    assert refused(stub.TransferStock, mug.transfer(shop, shop, 1)).facts["field"] == "to_place_id"
    assert mug.level(shop) is None
    audit(sessions)


def test_transfers_both_ways_at_once_neither_deadlock_nor_lose_an_article(stub, mug, place, sessions):
    shop = place()
    mug.receive("", 20)
    mug.receive(shop, 20)
    ways = [(MAIN_PLACE, shop), (shop, MAIN_PLACE)]
    failures = []

    def carry(source, to):
        try:
            for _ in range(5):
                stub.TransferStock(mug.transfer(source, to, 1))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=carry, args=ways[i % 2]) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert (mug.level(shop), mug.level(MAIN_PLACE)) == ((20, 0), (20, 0))
    audit(sessions)


def test_a_threshold_that_is_crossed_is_told_once_each_time(stub, mug, place, tell, sessions):
    """O5: by whatever crosses it, also a sale; not again below it, and again after it was above."""
    kiosk, till = new(), new()
    shop = place(kiosk)
    tell(TillEnrolled(till_id=till, point_of_sale_id=kiosk))
    mug.receive(shop, 10)
    assert mug.threshold(shop, 4).state == pb.STOCK_STATE_OK
    assert lows(sessions, mug.product_id) == []
    tell(sale(mug.product_id, 5, till), sale(mug.product_id, 1, till))
    (told,) = lows(sessions, mug.product_id)
    assert (told["placeId"], told["onHand"], told["threshold"]) == (shop, 4, 4)
    assert told["placeName"].startswith("Lieu ")
    tell(sale(mug.product_id, 1, till))
    mug.count(shop, 1)
    assert len(lows(sessions, mug.product_id)) == 1
    mug.receive(shop, 10)
    stub.TransferStock(mug.transfer(shop, MAIN_PLACE, 9))
    assert [told["onHand"] for told in lows(sessions, mug.product_id)] == [4, 2]
    mug.threshold(shop, None)
    assert mug.threshold(shop, 2).state == pb.STOCK_STATE_LOW
    assert len(lows(sessions, mug.product_id)) == 3


def test_many_sellers_at_once_cross_a_threshold_once(stub, mug, sessions):
    mug.receive("", 30)
    mug.threshold("", 10)
    ready = threading.Barrier(24)

    def buy():
        ready.wait()
        held = hold(stub, mug.product_id, 1)
        stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=[held.hold_id]))

    threads = [threading.Thread(target=buy) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert mug.level(MAIN_PLACE) == (6, 0)
    assert len(lows(sessions, mug.product_id)) == 1
    audit(sessions)


def test_levels_are_found_by_state_place_and_article(stub, place):
    shop = place()
    made = {name: Stock(stub) for name in ("ok", "low", "out", "negative")}
    for name, on_hand in (("ok", 9), ("low", 2), ("out", 0), ("negative", -3)):
        made[name].move(shop, on_hand or 1, pb.STOCK_CAUSE_CORRECTED)
        made[name].threshold(shop, 2)
    made["out"].count(shop, 0)
    nobody_watches = Stock(stub)
    nobody_watches.count(shop, 0)

    def found(*states, **asked):
        levels = stub.ListStock(pb.ListStockRequest(by_place=True, place_id=shop, states=states, **asked)).levels
        return {name for name, stock in made.items() for level in levels if level.product_id == stock.product_id}

    assert found() == set(made)
    assert found(pb.STOCK_STATE_LOW) == {"low"}
    assert found(pb.STOCK_STATE_OUT, pb.STOCK_STATE_NEGATIVE) == {"out", "negative"}
    assert found(pb.STOCK_STATE_OK) == {"ok"}
    watched = pb.ListStockRequest(by_place=True, place_id=shop, states=[pb.STOCK_STATE_OUT], watched=True)
    assert [x.product_id for x in stub.ListStock(watched).levels] == [made["out"].product_id]
    assert found(product_ids=[made["ok"].product_id]) == {"ok"}
    assert len(stub.ListStock(pb.ListStockRequest(by_place=True, place_id=shop, limit=3)).levels) == 3


def test_a_place_is_renamed_and_closed_when_nothing_lies_there(stub, mug, place, refused):
    kiosk = new()
    shop = place(kiosk)
    mug.receive(shop, 1)
    close = pb.CloseStockPlaceRequest(request_id=new(), place_id=shop)
    refusal = refused(stub.CloseStockPlace, close)
    assert (refusal.reason, refusal.facts["articles"]) == ("STOCK_PLACE_NOT_EMPTY", "1")
    mug.move(shop, 1, pb.STOCK_CAUSE_LOST)
    assert stub.CloseStockPlace(close).place.closed
    assert stub.CloseStockPlace(close).place.points_of_sale == []
    late = pb.MoveStockRequest(request_id=new(), product_id=mug.product_id, quantity=1, cause=1, place_id=shop)
    assert refused(stub.MoveStock, late).reason == "STOCK_PLACE_CLOSED"
    mug.receive("", 1)
    assert hold(stub, mug.product_id, 1, kiosk).granted
    main = pb.CloseStockPlaceRequest(request_id=new(), place_id=MAIN_PLACE)
    assert refused(stub.CloseStockPlace, main).reason == "MAIN_STOCK_PLACE"
    nowhere = pb.CloseStockPlaceRequest(request_id=new(), place_id=new())
    assert refused(stub.CloseStockPlace, nowhere).reason == "STOCK_PLACE_NOT_FOUND"


def test_a_point_of_sale_sells_from_one_place_and_two_open_places_never_share_a_name(stub, refused):
    kiosk, first, second = new(), new(), new()

    def save(place_id, name, *points_of_sale):
        wanted = pb.StockPlace(place_id=place_id, name=name, points_of_sale=points_of_sale)
        return pb.SaveStockPlaceRequest(request_id=new(), place=wanted)

    stub.SaveStockPlace(save(first, "Réserve nord", kiosk))
    refusal = refused(stub.SaveStockPlace, save(second, "RÉSERVE NORD"))
    assert refusal.reason == "STOCK_PLACE_NAME_TAKEN"
    stub.SaveStockPlace(save(second, "Réserve sud", kiosk))
    sellers = {x.place_id: list(x.points_of_sale) for x in stub.ListStockPlaces(pb.ListStockPlacesRequest()).places}
    assert (sellers[first], sellers[second]) == ([], [kiosk])
    stub.SaveStockPlace(save(MAIN_PLACE, "Magasin général"))
    listed = stub.ListStockPlaces(pb.ListStockPlacesRequest()).places
    assert (listed[0].main, listed[0].name) == (True, "Magasin général")
    for wrong, field in ((save("x", "y"), "place.place_id"), (save(new(), " "), "place.name")):
        assert refused(stub.SaveStockPlace, wrong).facts["field"] == field


def test_what_is_malformed_is_refused_with_its_field(stub, mug, refused):
    plain = {"request_id": new(), "product_id": mug.product_id}
    for method, wrong, field in (
        (stub.MoveStock, pb.MoveStockRequest(**plain, quantity=-1, cause=pb.STOCK_CAUSE_LOST), "quantity"),
        (stub.MoveStock, pb.MoveStockRequest(**plain, quantity=1, cause=pb.STOCK_CAUSE_TRANSFERRED), "cause"),
        (stub.MoveStock, pb.MoveStockRequest(**plain, quantity=1, cause=1, place_id="shop"), "place_id"),
        (stub.CountStock, pb.CountStockRequest(**plain, counted=-1), "counted"),
        (stub.SaveStockThreshold, pb.SaveStockThresholdRequest(**plain, threshold=-1), "threshold"),
        (stub.ListStock, pb.ListStockRequest(states=[pb.STOCK_STATE_LOW]), "by_place"),
        (stub.ListStock, pb.ListStockRequest(place_id="shop"), "place_id"),
        (stub.ListStockMovements, pb.ListStockMovementsRequest(page_token="first"), "page_token"),
    ):
        assert refused(method, wrong).facts["field"] == field
    unknown = pb.MoveStockRequest(**plain, quantity=1, cause=1, place_id=new())
    assert refused(stub.MoveStock, unknown).reason == "STOCK_PLACE_NOT_FOUND"


def test_stock_is_changed_by_who_may_manage_and_read_by_who_may_look(stub_with, refused):
    """M2."""
    reader = stub_with("inventory.view")
    for method, request in (
        (reader.TransferStock, pb.TransferStockRequest()),
        (reader.CountStock, pb.CountStockRequest()),
        (reader.SaveStockThreshold, pb.SaveStockThresholdRequest()),
        (reader.SaveStockPlace, pb.SaveStockPlaceRequest()),
        (reader.CloseStockPlace, pb.CloseStockPlaceRequest()),
    ):
        assert refused(method, request).facts["right"] == "inventory.manage"
    nobody = stub_with()
    assert refused(nobody.ListStockMovements, pb.ListStockMovementsRequest()).facts["right"] == "inventory.view"
    assert refused(nobody.ListStockPlaces, pb.ListStockPlacesRequest()).facts["right"] == "inventory.view"


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["receive", "lose", "count", "carry", "sell", "hold"]), st.booleans(), st.integers(1, 5)
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_every_level_is_the_sum_of_its_movements_whatever_is_done(stub, place, tell, sessions, acts):
    kiosk, till = new(), new()
    shop, mug = place(kiosk), Stock(stub)
    tell(TillEnrolled(till_id=till, point_of_sale_id=kiosk))
    believed = {shop: 0, MAIN_PLACE: 0}
    for act, at_shop, n in acts:
        here, there = (shop, MAIN_PLACE) if at_shop else (MAIN_PLACE, shop)
        if act == "receive":
            mug.receive(here, n)
            believed[here] += n
        elif act == "lose":
            mug.move(here, n, pb.STOCK_CAUSE_LOST)
            believed[here] -= n
        elif act == "count":
            mug.count(here, n)
            believed[here] = n
        elif act == "carry" and believed[here] >= n:
            stub.TransferStock(mug.transfer(here, there, n))
            believed[here], believed[there] = believed[here] - n, believed[there] + n
        elif act == "sell":
            tell(sale(mug.product_id, n, till if at_shop else "elsewhere"))
            believed[here] -= n
        elif act == "hold":
            held = hold(stub, mug.product_id, n, kiosk if at_shop else "")
            assert held.granted == (believed[here] >= n)
            if held.granted:
                stub.ConfirmHolds(pb.ConfirmHoldsRequest(hold_ids=[held.hold_id]))
                believed[here] -= n
    for place_id, on_hand in believed.items():
        assert mug.level(place_id) in ((on_hand, 0), None if on_hand == 0 else ())
        assert sum(m.quantity for m in mug.journal(place_id=place_id)) == on_hand
    audit(sessions)


def test_the_release_before_reads_and_writes_the_main_place_while_the_new_one_serves(sessions, mug, place, stub):
    """A rolling upgrade: its statements are written out as that release sends them."""
    shop = place()
    mug.receive(shop, 7)
    values = {"p": mug.product_id}
    with sessions.begin() as session:
        session.execute(
            text("INSERT INTO stock_levels (product_id, option) VALUES (CAST(:p AS uuid), '') ON CONFLICT DO NOTHING"),
            values,
        )
        session.execute(
            text("INSERT INTO stock_levels (product_id, option) VALUES (CAST(:p AS uuid), '') ON CONFLICT DO NOTHING"),
            values,
        )
        locked = text(
            "SELECT s.on_hand, s.held FROM (SELECT CAST(:p AS uuid) AS product_id, '' AS option) r"
            " JOIN stock_levels s USING (product_id, option) ORDER BY s.product_id, s.option FOR UPDATE OF s"
        )
        assert session.execute(locked, values).all() == [(0, 0)]
        session.execute(
            text(
                "UPDATE stock_levels s SET on_hand = r.on_hand, held = r.held FROM (SELECT CAST(:p AS uuid) AS"
                " product_id, '' AS option, 3 AS on_hand, 0 AS held) r WHERE s.product_id = r.product_id"
                " AND s.option = r.option"
            ),
            values,
        )
        session.execute(
            text(
                "INSERT INTO stock_movements (product_id, option, quantity, cause, reference, note)"
                " VALUES (CAST(:p AS uuid), '', 3, 1, 'old release', '')"
            ),
            values,
        )
    assert (mug.level(MAIN_PLACE), mug.level(shop)) == ((3, 0), (7, 0))
    audit(sessions)
