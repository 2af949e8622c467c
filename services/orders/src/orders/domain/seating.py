"""Numbered seats in an order: which of them a line wants, what inventory is asked for, what the line says once held."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import ledger
from orders.domain.errors import SeatsOfOtherCategories, SeatUnknown

_NAMED = 20  # how many seats a refusal names


@dataclass(frozen=True)
class Plan:
    """A version of a seating plan as far as a sale needs it; seats and their categories by ordinal - 1."""

    version_id: str
    number: int
    seats: tuple[ledger.Seat, ...]
    categories: tuple[str, ...]  # code of each seat

    def check(self, performance_id: str, seats: Sequence[int], code: str) -> None:
        """Raises SeatUnknown, SeatsOfOtherCategories."""
        unknown = [seat for seat in seats if not 1 <= seat <= len(self.seats)]
        if unknown:
            raise SeatUnknown("no such seats in the plan", performance_id=performance_id, seats=_list(unknown))
        others = [seat for seat in seats if self.categories[seat - 1] != code]
        if others:
            raise SeatsOfOtherCategories(
                "these seats have another price", performance_id=performance_id, seats=_list(others)
            )

    def seating(self, ordinals: Iterable[int]) -> ledger.Seating:
        return ledger.Seating(self.version_id, self.number, tuple(self.seats[ordinal - 1] for ordinal in ordinals))


@dataclass(frozen=True)
class SeatWish:
    """What a line of a numbered performance asks for; `category`: code of the plan's category."""

    plan: Plan
    category: str
    seats: tuple[int, ...]
    wheelchairs: int
    together: bool


@dataclass(frozen=True)
class Need:
    """One line of a hold: places of a performance or articles, for some lines of the sale."""

    performance_id: str
    product_id: str
    option: str
    quantity: int
    lines: tuple[int, ...]  # numbers of the sale's lines, in their order
    seats: tuple[int, ...] = ()
    category: str = ""
    wheelchairs: int = 0
    together: bool = False


def needs(lines: Sequence[ledger.Line], wishes: Mapping[int, SeatWish]) -> list[Need]:
    """What to hold for these lines, each thing asked for once. `wishes`: of numbered lines, by line number.

    Seats that are named are held by themselves; best ones are chosen for all lines of a category together.
    """
    found: dict[tuple[str, ...], Need] = {}
    for line in lines:
        wish = wishes.get(line.line)
        named = "named" if wish and wish.seats else ""
        key = (
            line.performance_id or "",
            line.product_id or "",
            line.option or "",
            wish.category if wish else "",
            named,
        )
        need = found.get(key) or Need(key[0], key[1], key[2], 0, (), category=key[3] if wish and not named else "")
        need = replace(need, quantity=need.quantity + line.quantity, lines=(*need.lines, line.line))
        if wish:
            need = replace(
                need, seats=(*need.seats, *wish.seats), wheelchairs=need.wheelchairs + wish.wheelchairs,
                together=need.together or wish.together,
            )  # fmt: skip
        found[key] = need
    return list(found.values())


def seated(
    lines: Sequence[ledger.Line], wishes: Mapping[int, SeatWish], needed: Sequence[Need],
    held: Mapping[str, Sequence[Sequence[int]]],
) -> tuple[ledger.Line, ...]:  # fmt: skip
    """The lines with their seats. `held`: seats of each numbered need, by performance, in the needs' order."""
    if not wishes:
        return tuple(lines)
    given: dict[int, Iterator[int]] = {}
    queues = {performance_id: iter(each) for performance_id, each in held.items()}
    for need in needed:
        if any(number in wishes for number in need.lines):
            seats = iter(next(queues[need.performance_id]))
            given |= dict.fromkeys(need.lines, seats)
    return tuple(
        replace(line, seating=wishes[line.line].plan.seating(next(given[line.line]) for _ in range(line.quantity)))
        if line.line in wishes
        else line
        for line in lines
    )


def _list(seats: Sequence[int]) -> str:
    return ",".join(map(str, sorted(seats)[:_NAMED]))
