"""Any history of floats on two real tills keeps every drawer and every person to the cent (E1 to E7, domain 5.5)."""

import tempfile
import uuid
from collections import Counter
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from device_gateway import cash_moves, floats, refunding, selling
from device_gateway.store import floats as store
from device_gateway.store import shifts
from kit.clock import now
from ledger import Mode

from ..conftest import World, uid
from .test_floats import bodies, give, move, staffed

PEOPLE = ("ines", "carol")  # both may refund
ACTS = st.lists(
    st.tuples(
        st.sampled_from(["cash", "card", "refund", "pay_in", "withdrawal", "transfer", "carry", "count", "close"]),
        st.sampled_from(PEOPLE),
        st.integers(1, 3),
    ),
    min_size=8,
    max_size=14,
)


class House:
    """Two tills without a centre, two people, and what a ledger of schoolchildren would say that each holds."""

    def __init__(self, folder: Path) -> None:
        at = now()
        self.tills = [staffed(self._enrolled(World(folder / number, at, number))) for number in ("T01", "T02")]
        self.at = dict.fromkeys(PEOPLE, 0)  # both at the first till: a relay (E6)
        self.holds = {name: Counter({"cash": 5000}) for name in PEOPLE}
        self.sold: dict[str, list[tuple[int, dict]]] = {name: [] for name in PEOPLE}
        for name in PEOPLE:
            seller = self.tills[0].seller(name, with_float=False)
            floats.open_float(self.tills[0].till, seller, {"5000": 1}, at)

    def _enrolled(self, world: World) -> World:
        world.enrol()
        return world

    def till(self, name: str) -> World:
        return self.tills[self.at[name]]

    def do(self, act: str, name: str, count: int) -> None:
        world = self.till(name)
        seller, holds = world.seller(name, with_float=False), self.holds[name]
        if shifts.float_of(world.till.database.read(), uid(name)) is None:
            return
        match act:
            case "cash" | "card":
                request = selling.parse_request(world.request(("full", count), mode=act))
                self.sold[name].append((self.at[name], selling.sell(world.till, seller, request, world.at)))
                holds[act] += 1200 * count
            case "refund":
                self._refund(world, name)
            case "pay_in":
                move(world, seller, "pay_in", 111 * count, reason="change")
                holds["cash"] += 111 * count
            case "withdrawal" if holds["cash"] >= 333 * count:
                move(world, seller, "withdrawal", 333 * count)
                holds["cash"] -= 333 * count
            case "transfer":
                [other] = set(PEOPLE) - {name}
                there = shifts.float_of(world.till.database.read(), uid(other))
                if there and holds["cash"] >= 77 * count:
                    give(world, seller, 77 * count, other)
                    holds["cash"] -= 77 * count
                    self.holds[other]["cash"] += 77 * count
            case "carry":
                self._carry(world, name)
            case "count":
                floats.declare(world.till, seller, {"100": count}, {"card": 1}, world.at)
            case "close":
                closed = world.close_float(seller, {"5000": count}, {"card": 0})
                assert closed.expected == holds["cash"]
                assert {each.mode: each.expected for each in closed.modes}.get(Mode.CARD, 0) == holds["card"]
                assert closed.counted - closed.difference == holds["cash"]

    def _refund(self, world: World, name: str) -> None:
        mine = [sold for at, sold in self.sold[name] if at == self.at[name]]
        if not mine:
            return
        sold = mine[0]
        [body] = [each for each in bodies(world, "sale") if each["order_id"] == sold["order_id"]]
        [paid] = body["payments"]
        if paid["mode"] == "cash" and self.holds[name]["cash"] < sold["total"]:
            return
        self.sold[name] = [(at, one) for at, one in self.sold[name] if one is not sold]
        serials = [ticket["serial"] for ticket in sold["tickets"]]
        raw = {
            "request_id": str(uuid.uuid4()), "tickets": [{"key_id": 7, "serial": serial} for serial in serials],
            "lines": [], "reason": "other", "expected_total": sold["total"],
        }  # fmt: skip
        request = refunding.parse_request(world.till, sold["order_id"], raw)
        refunding.refund(world.till, world.seller(name, with_float=False), request, world.at)
        self.holds[name][paid["mode"]] -= sold["total"]

    def _carry(self, world: World, name: str) -> None:
        cash_moves.carry_out(world.till, world.seller(name, with_float=False), world.at)
        self.at[name] = 1 - self.at[name]
        there = self.till(name)
        [carried] = store.elsewhere(world.till.database.read(), uid(name))
        with there.till.database.write() as tx:  # what the centre would tell
            store.add_elsewhere(tx, carried)
        with world.till.database.write() as tx:
            store.forget_elsewhere(tx, carried.cash_float_id)
        cash_moves.carry_in(there.till, there.seller(name, with_float=False), carried.movement_id, there.at)

    def check(self) -> None:
        """A drawer holds what its till's entries make; a person, what the entries of all tills make."""
        for world in self.tills:
            connection = world.till.database.read()
            for cash_float in shifts.open_floats(connection):
                sealed = store.sums(connection, cash_float)
                assert cash_float.opening_total + sum(sealed.cash.values()) == cash_float.expected
                [name] = [each for each in PEOPLE if uid(each) == cash_float.cashier_id]
                assert cash_float.expected == self.holds[name]["cash"]
                assert sealed.others.get(Mode.CARD, 0) == self.holds[name]["card"]
            assert world.faults_of_journal() == []

    def close(self) -> None:
        for world in self.tills:
            world.till.database.close()


@settings(max_examples=15, deadline=None)
@given(acts=ACTS)
def test_any_history_keeps_drawers_and_people_to_the_cent(acts):
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        try:
            for act, name, count in acts:
                house.do(act, name, count)
                house.check()
        finally:
            house.close()
