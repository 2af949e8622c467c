"""Numbered seats at the till: which ones a line gets, those that a customer points at, and where each stands.

What leases gave to this till it sells alone; any other free seat it asks of the centre, while it answers (domain 5.2).
"""

import itertools
import time
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from device_gateway import houses
from device_gateway.domain import leases as rules
from device_gateway.domain.basket import Admission, PricedLine
from device_gateway.domain.errors import NotEnoughPlaces, ProductUnknown, SeatsNotAtHand
from device_gateway.domain.leases import Asked, Draw, Lease
from device_gateway.store import leases
from device_gateway.till import Till
from kit.errors import FieldInvalid
from setups.catalogue import Performance

PICK_SECONDS = 1.5  # how long a touch on a seat waits for the centre
LOOK_SECONDS = 0.8  # how long a plan that is opened waits for what the centre says of it
KEPT_SECONDS = 900.0  # how long a basket that nobody touches keeps its seats


def give(
    till: Till, held: Sequence[Lease], lines: Iterable[PricedLine], now: datetime
) -> Mapping[PricedLine, list[Draw]]:
    """The seats of each line of a numbered performance, by lease; other lines are left out.

    Seats that are named are taken first; the best ones are chosen for all lines of a category together, so that full
    and reduced tariffs sit side by side. Raises PlanNotHere, SeatsNotAtHand, NotEnoughPlaces (facts: category).
    """
    given: dict[PricedLine, list[Draw]] = {}
    numbered = [line for line in lines if line.performance and line.performance.plan_version_id]
    for performance_id, group in itertools.groupby(sorted(numbered, key=_performance_id), key=_performance_id):
        given |= _give_of(till, performance_id, rules.seats_at_hand(held, performance_id, now), list(group))
    return given


def _performance_id(line: PricedLine) -> str:
    return line.performance.id if line.performance else ""


def _give_of(
    till: Till, performance_id: str, at_hand: Mapping[int, str], lines: Sequence[PricedLine]
) -> dict[PricedLine, list[Draw]]:
    assert lines[0].performance is not None
    plan = till.plans.get(lines[0].performance.plan_version_id)
    chosen: dict[PricedLine, tuple[int, ...]] = {}
    by_code: dict[str, list[PricedLine]] = {}
    for line in lines:
        code = line.price.seats if line.price else ""
        named = line.item.seats if isinstance(line.item, Admission) else ()
        if others := [seat for seat in named if seat > len(plan) or plan.code_of(seat) != code]:
            raise FieldInvalid("items", f"seats {others[:20]} have another price than their line")
        if named:
            chosen[line] = named
        else:
            by_code.setdefault(code, []).append(line)
    # What another customer has in mind is given only by its name.
    kept = {seat for performance, seat in till.picks.kept() if performance == performance_id}
    free = set(at_hand).difference(kept, *chosen.values())
    for code, wanting in by_code.items():
        seats = iter(_best(plan, performance_id, free, code, sum(line.item.quantity for line in wanting)))
        chosen |= {line: tuple(itertools.islice(seats, line.item.quantity)) for line in wanting}
    return {line: rules.draw_seats(at_hand, performance_id, chosen[line]) for line in lines}


def _best(plan: houses.HousePlan, performance_id: str, free: set[int], code: str, quantity: int) -> tuple[int, ...]:
    found = plan.best(free, code, quantity)
    if found is None:
        left = sum(plan.code_of(seat) == code for seat in free)
        raise NotEnoughPlaces(
            f"{quantity} seats asked, {left} at hand", performance=performance_id, category=code, left=left
        )
    return found


def pick(till: Till, performance_id: str, seats: Sequence[int], now: datetime) -> None:
    """Keep these seats for a customer: at hand already, or asked of the centre, all or none.

    Raises ProductUnknown, PlanNotHere, FieldInvalid, SeatsNotAtHand (the centre does not answer), and what it refuses.
    """
    plan = till.plans.get(_numbered(till, performance_id).plan_version_id)
    if unknown := [seat for seat in seats if seat > len(plan)]:
        raise FieldInvalid("seats", f"{unknown[:20]} are not seats of this plan")
    missing = [seat for seat in seats if seat not in _at_hand(till, performance_id, now)]
    if missing and till.online and not till.is_training:
        till.picks.ask(performance_id, missing)
        till.wake_leases.set()
        till.picks.wait(performance_id, PICK_SECONDS)
        missing = [seat for seat in missing if seat not in _at_hand(till, performance_id, now)]
    if missing:
        raise SeatsNotAtHand(
            f"{len(missing)} of these seats are not at hand, and the centre does not answer",
            performance=performance_id, seats=",".join(map(str, missing)),
        )  # fmt: skip
    till.picks.keep(performance_id, seats, time.monotonic() + KEPT_SECONDS)


def best(till: Till, performance_id: str, category_id: str, quantity: int, now: datetime) -> tuple[int, ...]:
    """The best seats at hand, for a customer to look at. Raises ProductUnknown, PlanNotHere, NotEnoughPlaces."""
    performance = _numbered(till, performance_id)
    prices = till.catalogue.prices_of(performance)
    code = next((price.seats for price in prices if price.category_id == category_id), None)
    if code is None:
        raise ProductUnknown("this category is not sold here", category=category_id)
    plan = till.plans.get(performance.plan_version_id)

    def free() -> set[int]:
        kept = {seat for kept_of, seat in till.picks.kept() if kept_of == performance_id}
        return set(_at_hand(till, performance_id, now)) - kept

    try:
        return _best(plan, performance_id, free(), code, quantity)
    except NotEnoughPlaces:
        till.demand.ask((performance_id, code), quantity)
        till.wake_leases.set()
        if not (till.online and till.demand.wait((performance_id, code), PICK_SECONDS)):
            raise
        return _best(plan, performance_id, free(), code, quantity)


def let_go(till: Till, performance_id: str, seats: Iterable[int]) -> None:
    """The customer does not want them: they go back to the house, for others are waiting there. Sold ones stay sold."""
    wanted = set(seats)
    till.picks.drop(performance_id, wanted)
    with till.database.write() as tx:
        held = leases.of_performances(tx, [performance_id])
        shrunk = [
            lease.shrunk_by(len(back), back)
            for lease in held
            if lease.active and not lease.done and (back := [seat for seat in lease.seats if seat in wanted])
        ]
        leases.give_back(tx, shrunk)
    till.wake_leases.set()


def status(till: Till, performance_id: str, now: datetime) -> tuple[int, bytes]:
    """Where each seat stands to this till (`seating.states`), and as of which version of the centre's word; 0: of none.

    Raises ProductUnknown, PlanNotHere.
    """
    plan = till.plans.get(_numbered(till, performance_id).plan_version_id)
    told = till.watch.look(performance_id, LOOK_SECONDS if till.online else 0.0) if not till.is_training else None
    told = told if till.online else None
    held = leases.of_performances(till.database.read(), [performance_id])
    sold = {seat for lease in held for seat in lease.sold_seats}
    kept = {seat for kept_of, seat in till.picks.kept() if kept_of == performance_id}
    shown = houses.as_shown(told, len(plan), rules.seats_at_hand(held, performance_id, now), kept, sold)
    return (told.version if told else 0), shown


def left_by_wish(till: Till, asked: Iterable[Asked], now: datetime) -> dict[Asked, int]:
    """What is at hand of each thing that was asked for."""
    held = leases.every(till.database.read())
    left: dict[Asked, int] = {}
    for performance_id, code in asked:
        performance = till.catalogue.performances.get(performance_id)
        if not code:
            left[performance_id, code] = rules.left_by_performance(held, now).get(performance_id, 0)
        elif performance is not None:
            plan = till.plans.get(performance.plan_version_id)
            seats = rules.seats_at_hand(held, performance_id, now)
            left[performance_id, code] = sum(plan.code_of(seat) == code for seat in seats)
    return left


def _numbered(till: Till, performance_id: str) -> Performance:
    performance = till.catalogue.performances.get(performance_id)
    if performance is None or not performance.on_sale or not performance.plan_version_id:
        raise ProductUnknown("no numbered performance on sale here", performance=performance_id)
    return performance


def _at_hand(till: Till, performance_id: str, now: datetime) -> dict[int, str]:
    return rules.seats_at_hand(leases.of_performances(till.database.read(), [performance_id]), performance_id, now)
