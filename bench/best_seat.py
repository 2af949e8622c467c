"""Best seats by the allocator alone: groups of 1 to 10 in houses 10, 50 and 95 % full.

The floor, in the same run, is what any allocator must at least do: look at each seat's byte once.
"""

import random
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from bench.figures import Figure, percentile, publish
from seating import SeatState
from seating.allocation import Allocator, Wish
from seating.generate import stadium
from seating.index import index_of
from suite.machine import Machine

ASKED = 200
SIZES = (1_000, 10_000, 60_000)
FULL = (0.10, 0.50, 0.95)


def main(here: Machine) -> int:
    """Measure and publish."""
    figures = []
    for seats in SIZES:
        index = index_of(stadium(seats))
        allocator = Allocator(index)
        for full in FULL:
            status = house(len(index), full)
            floor = percentile(timed(partial(scan, status)), 0.5)
            taken = timed(partial(ask, allocator, status))
            name = f"{seats // 1000}k_{full:.0%}".replace("%", "")
            for word, share in (("p50", 0.50), ("p99", 0.99)):
                to_reach = "<= 5" if word == "p99" and seats == SIZES[-1] else ""
                value = percentile(taken, share) * 1000
                figures.append(
                    Figure(f"inventory.best_seat_{word}_ms.{name}", value, "ms", round(floor * 1000, 4), to_reach)
                )
    publish("best_seat", figures)
    return 0


def scan(status: np.ndarray, turn: int) -> None:
    """Count the free seats."""
    np.count_nonzero(status == SeatState.FREE)


def ask(allocator: Allocator, status: np.ndarray, turn: int) -> None:
    """A group of 1 to 10."""
    allocator.best(status, Wish(1 + turn % 10))


def house(seats: int, full: float) -> np.ndarray:
    """A house so full, in no order; the same every time."""
    draw = np.random.default_rng(20261126)
    return np.where(draw.random(seats) < full, SeatState.SOLD, SeatState.FREE).astype(np.uint8)


def timed(work: Callable[[int], object]) -> list[float]:
    """Seconds of each of ASKED turns, in a mixed order."""
    turns = list(range(ASKED))
    random.Random(1).shuffle(turns)
    seconds = []
    for turn in turns:
        began = time.perf_counter()
        work(turn)
        seconds.append(time.perf_counter() - began)
    return seconds
