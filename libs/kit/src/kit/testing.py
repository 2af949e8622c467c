"""For tests: wait for conditions instead of sleeping."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(condition: Callable[[], T], seconds: float = 15, every: float = 0.05) -> T:
    """Call until it returns something true and raises nothing; return that. AssertionError names the last outcome."""
    end = time.monotonic() + seconds
    outcome: object = None
    while True:
        try:
            value = condition()
            if value:
                return value
            outcome = value
        except Exception as error:
            outcome = error
        if time.monotonic() > end:
            raise AssertionError(f"not so within {seconds} s; the last outcome was {outcome!r}")
        time.sleep(every)
