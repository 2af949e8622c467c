"""For tests: wait for conditions instead of sleeping, and run a coroutine whatever the test's own thread is doing."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

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


def run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    """The coroutine's result, from a loop in a thread of its own: in the test's thread the browser's loop may run."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
