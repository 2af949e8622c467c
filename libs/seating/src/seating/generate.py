"""Plans made by rule, for demonstrations and for measuring: an Italian-style theatre, an arena, a stadium.

The same call gives the same plan, without a fault. Distances are centimetres, angles radians.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from seating.plan import Category, Plan, Point, Row, Seat, Trait, Zone

PITCH = 52  # from one seat of a row to the next
DEPTH = 92  # from one row to the next
AISLE = 130
COLOURS = ("#8c1d40", "#1f6f78", "#b7791f", "#5b4b8a", "#3f6b3a")

Path = Callable[[float], tuple[float, float]]  # a distance along a row to a position


@dataclass(frozen=True)
class _Spot:
    """A seat to be: where it is, what is written on it."""

    label: str
    x: float
    y: float
    traits: int = 0
    box: str = ""
    space: str = ""  # of a companion's seat: the label of the wheelchair space


def theatre() -> Plan:
    """A théâtre à l'italienne of some 750 seats: parterre with odd and even sides, boxes, two balconies."""
    centre = 1500.0
    stage_y = 250.0

    def arc(radius: float, angle: float) -> tuple[float, float]:
        """Around the middle of the stage; angle 0 looks straight into the house."""
        return centre + radius * math.sin(angle), stage_y + radius * math.cos(angle)

    parterre = []
    for number in range(12):
        radius, letter = 430 + number * DEPTH, chr(ord("A") + number)
        halves = 9 + min(number // 2, 5)
        sides = [_half(arc, radius, side, halves, number) for side in (-1, 1)]
        if number == 11:
            sides = [_with_spaces(side) for side in sides]
        parterre.append((letter, [list(reversed(sides[0])), sides[1]]))
    zones = [_zone("parterre", "Parterre", parterre)]

    boxes = []
    for number in range(1, 21):
        angle = math.radians(-104 + (number - 1) * 208 / 19)
        name = f"Loge {number}"
        reduced = Trait.REDUCED_VIEW if number in (1, 20) else 0
        for row, radius in (("", 1480), (" arrière", 1570)):
            pair = [
                _Spot(str(place), *_horseshoe(centre, radius, angle + side * 26 / radius), reduced, name)
                for place, side in ((1 + 2 * bool(row), -1), (2 + 2 * bool(row), 1))
            ]
            boxes.append((f"{name}{row}", [pair]))
    zones.append(_zone("loges", "Loges du premier balcon", boxes))
    for zone_id, name, first, rows, half_angle, traits in (
        ("balcon", "Deuxième balcon", 1740, 4, 56, 0),
        ("paradis", "Paradis", 2180, 3, 38, Trait.REDUCED_VIEW),
    ):
        balcony = []
        for number in range(rows):
            radius = first + number * DEPTH
            count = int(2 * math.radians(half_angle) * radius / PITCH) // 3
            blocks, label = [], 1
            for block in range(3):
                start = math.radians(-half_angle) + block * 2 * math.radians(half_angle) / 3 + 40 / radius
                spots = []
                for place in range(count - 2):
                    x, y = _horseshoe(centre, radius, start + place * PITCH / radius)
                    spots.append(_Spot(str(label), x, y, traits))
                    label += 1
                blocks.append(spots)
            balcony.append((chr(ord("A") + number), blocks))
        zones.append(_zone(zone_id, name, balcony))

    def cost(seat: Seat, zone: Zone) -> float:
        level = {"parterre": 0, "loges": 500, "balcon": 900, "paradis": 2200}[zone.id]
        off = abs(seat.x - centre) * (1.4 if zone.id == "loges" else 0.9)
        too_near = max(0, 900 - math.dist((seat.x, seat.y), (centre, stage_y)))
        return level + off + 0.5 * math.dist((seat.x, seat.y), (centre, stage_y)) + too_near

    return _finished("Théâtre à l'italienne", zones, (1500, 250), cost, (0.35, 0.7, 0.9, 1.0))


def arena() -> Plan:
    """A hall of some 6,000 seats: a floor of rows before the stage, and stands on three sides."""
    floor = []
    for number in range(24):
        blocks, label = [], 1
        for block in range(3):
            spots = []
            for place in range(16):
                spots.append(
                    _Spot(str(label), 2022 + block * (16 * PITCH + AISLE) + place * PITCH, 1400 + number * DEPTH)
                )
                label += 1
            blocks.append(spots)
        floor.append((str(number + 1), blocks))
    zones = [_zone("parterre", "Parterre", floor)]
    sides = (("gradin-jardin", "Gradin jardin", 180, 255), ("gradin-face", "Gradin face", 255, 285),
             ("gradin-cour", "Gradin cour", 285, 360))  # fmt: skip
    for zone_id, name, start, end in sides:
        rows = []
        for number in range(26):
            width = depth = 2300 + number * DEPTH
            spots = _ellipse((3400, 1900), (width, depth), math.radians(-start), math.radians(-end), AISLE / 2)
            rows.append((str(number + 1), _in_blocks(spots, 24)))
        zones.append(_zone(zone_id, name, rows))

    def cost(seat: Seat, zone: Zone) -> float:
        return math.dist((seat.x, seat.y), (3400, 1000)) + 0.6 * abs(seat.x - 3400)

    return _finished("Aréna", zones, (3400, 1000), cost, (0.2, 0.5, 1.0))


def stadium(seats: int = 60_000) -> Plan:
    """A bowl around a field, of about so many seats, in sectors of two tiers."""
    middle = (15_000, 12_000)
    sectors, lower = 40, 36
    zones_rows: dict[tuple[int, int], list[tuple[str, list[list[_Spot]]]]] = {}
    placed = number = 0
    while placed < seats:
        grown = number * DEPTH + (AISLE if number >= lower else 0)
        for sector in range(sectors):
            start, end = (2 * math.pi * (sector + edge) / sectors for edge in (0, 1))
            spots = _ellipse(middle, (6200 + grown, 4500 + grown), start, end, margin=AISLE / 2)[: seats - placed]
            placed += len(spots)
            if spots:
                key = (0 if number < lower else 1, sector)
                zones_rows.setdefault(key, []).append((str(len(zones_rows.get(key, [])) + 1), [spots]))
        number += 1
    zones = [
        _zone(f"{'BH'[tier]}{sector + 1:02}", f"{('Bas', 'Haut')[tier]} {sector + 1}", rows)
        for (tier, sector), rows in sorted(zones_rows.items())
    ]

    def cost(seat: Seat, zone: Zone) -> float:
        return 1.5 * abs(seat.x - middle[0]) + abs(math.dist((seat.x, seat.y), middle) - 6000)

    return _finished("Stade", zones, middle, cost, (0.1, 0.35, 0.7, 1.0))


# -- parts


def _half(
    arc: Callable[[float, float], tuple[float, float]], radius: float, side: int, count: int, row: int
) -> list[_Spot]:
    """One side of the middle aisle, from it outwards: odd numbers on the garden side, even ones on the court side."""
    spots = []
    for place in range(count):
        angle = side * (AISLE / 2 + place * PITCH) / radius
        label = str(2 * place + (1 if side < 0 else 2))
        folding = Trait.FOLDING if place == 0 and row % 2 and row < 10 else 0
        spots.append(_Spot(label, *arc(radius, angle), folding))
    return spots


def _with_spaces(side: list[_Spot]) -> list[_Spot]:
    """Two wheelchair spaces, each with the seat of who comes along, at the end by the doors."""
    first, first_space, second, second_space = side[-4:]
    return [
        *side[:-4],
        replace(first, traits=int(Trait.COMPANION), space=first_space.label),
        replace(first_space, traits=int(Trait.WHEELCHAIR)),
        replace(second, traits=int(Trait.COMPANION), space=second_space.label),
        replace(second_space, traits=int(Trait.WHEELCHAIR)),
    ]


def _horseshoe(centre: float, radius: float, angle: float) -> tuple[float, float]:
    """Deeper than wide, open towards the stage."""
    return centre + 0.98 * radius * math.sin(angle), 620 + 0.86 * radius * math.cos(angle)


def _ellipse(middle: Point, axes: tuple[float, float], start: float, end: float, margin: float = 0.0) -> list[_Spot]:
    """Spots at the usual distance along an ellipse, from one angle to another, `margin` away from both."""
    spots: list[_Spot] = []
    direction = 1 if end > start else -1
    angle, walked = start, 0.0
    target = margin
    length = 0.0
    step = 0.002
    while direction * (end - angle) > 0:
        speed = math.hypot(axes[0] * math.sin(angle), axes[1] * math.cos(angle))
        if walked >= target:
            spots.append(
                _Spot(str(len(spots) + 1), middle[0] + axes[0] * math.cos(angle), middle[1] + axes[1] * math.sin(angle))
            )
            target += PITCH
        # Never past the next spot, so that distances do not add up their errors.
        small = min(step, max(1e-6, (target - walked) / speed))
        angle += direction * small
        walked += small * speed
        length = walked
    return [spot for place, spot in enumerate(spots) if margin + place * PITCH <= length - margin]


def _in_blocks(spots: Sequence[_Spot], size: int) -> list[list[_Spot]]:
    """Cut by aisles; two places make one."""
    blocks, rest = [], list(spots)
    while rest:
        blocks.append(rest[:size])
        rest = rest[size + 2 :]
    number = 0
    for block in blocks:
        for index, spot in enumerate(block):
            number += 1
            block[index] = replace(spot, label=str(number))
    return blocks


def _zone(zone_id: str, name: str, rows: Iterable[tuple[str, Sequence[Sequence[_Spot]]]]) -> Zone:
    """Rows of blocks; whoever sits in one block has neighbours, an aisle is between blocks."""
    made = []
    for label, blocks in rows:
        seats: list[Seat] = []
        for block in blocks:
            id_of = {spot.label: f"{zone_id}-{label}-{spot.label}".replace(" ", "") for spot in block}
            ids = list(id_of.values())
            lefts, rights = [None, *ids[:-1]], [*ids[1:], None]
            for spot, seat_id, left, right in zip(block, ids, lefts, rights, strict=True):
                seats.append(Seat(
                    seat_id, spot.label, round(spot.x), round(spot.y), "", left, right,
                    traits=int(spot.traits), companion_of=id_of.get(spot.space), box=spot.box,
                ))  # fmt: skip
        made.append(Row(label, tuple(seats)))
    return Zone(zone_id, name, tuple(made))


def _finished(
    name: str, zones: Sequence[Zone], focus: Point, cost: Callable[[Seat, Zone], float], shares: Sequence[float]
) -> Plan:
    """Quality ranks by rising cost, categories by shares of the house (0.35: the best 35 % are the first category)."""
    costs = {seat.id: cost(seat, zone) for zone in zones for row in zone.rows for seat in row.seats}
    order = {seat_id: place for place, seat_id in enumerate(sorted(costs, key=lambda each: (costs[each], each)))}
    everything = [(seat.x, seat.y) for zone in zones for row in zone.rows for seat in row.seats] + [focus]
    left, top = (min(values) - 200 for values in zip(*everything, strict=True))

    def finished(seat: Seat) -> Seat:
        share = (order[seat.id] + 1) / len(order)
        code = next(str(number) for number, limit in enumerate(shares, 1) if share <= limit)
        rank = 1 + order[seat.id] * 999 // len(order)
        return replace(seat, x=seat.x - left, y=seat.y - top, category=code, quality=rank)

    done = tuple(
        replace(zone, rows=tuple(replace(row, seats=tuple(map(finished, row.seats))) for row in zone.rows))
        for zone in zones
    )
    categories = tuple(
        Category(str(number), f"Catégorie {number}", COLOURS[number - 1]) for number in range(1, len(shares) + 1)
    )
    width, height = (max(values) + 200 for values in zip(*everything, strict=True))
    return Plan(name, width - left, height - top, (focus[0] - left, focus[1] - top), categories, done)
