"""Group commit: concurrent calls are gathered for as long as the previous commit takes, and done by one transaction.

The first caller in becomes the leader; it works for all that wait, then hands over to a caller that came meanwhile. One
caller alone pays nothing: it leads at once. See design: hot paths are group-committed.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class _Call(Generic[Item, Result]):
    __slots__ = ("done", "error", "item", "leads", "result")

    def __init__(self, item: Item) -> None:
        self.item = item
        self.result: Result | None = None
        self.error: BaseException | None = None
        self.leads = False
        self.done = threading.Lock()  # held until then: a lock costs a fifth of an Event, and one caller waits for it
        self.done.acquire()


class GroupCommit(Generic[Item, Result]):
    """Calls `work(items)` with one or more items at a time; never two of them at once.

    `work` returns one result per item, in order; a result that is an exception is raised in its own caller only. If
    `work` itself raises, all callers of that group get the error, and nothing of the group was done (it was one
    transaction).
    """

    def __init__(self, work: Callable[[list[Item]], Sequence[Result | BaseException]], limit: int = 128) -> None:
        self._work, self._limit = work, limit
        self._lock = threading.Lock()
        self._waiting: list[_Call[Item, Result]] = []
        self._busy = False

    def do(self, item: Item) -> Result:
        """Do one item, together with whatever else waits. Blocks until its group is committed."""
        call: _Call[Item, Result] = _Call(item)
        with self._lock:
            self._waiting.append(call)
            if not self._busy:
                self._busy = call.leads = True
        if not call.leads:
            call.done.acquire()
        if call.leads:
            self._lead()
        if call.error is not None:
            raise call.error
        return call.result  # type: ignore[return-value]

    def _lead(self) -> None:
        with self._lock:
            group, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
        try:
            results = self._work([call.item for call in group])
            for call, result in zip(group, results, strict=True):
                if isinstance(result, BaseException):
                    call.error = result
                else:
                    call.result = result
        except BaseException as error:
            for call in group:
                call.error = error
        finally:
            with self._lock:
                heir = self._waiting[0] if self._waiting else None
                if heir is None:
                    self._busy = False
                else:
                    heir.leads = True
            for call in group:
                call.done.release()
            if heir is not None:
                heir.done.release()
