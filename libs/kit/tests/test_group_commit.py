"""Group commit: many callers, few transactions, each caller's own answer."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from kit.group_commit import GroupCommit


def test_each_of_many_callers_gets_its_own_answer_and_groups_form():
    groups = []

    def work(items):
        groups.append(len(items))
        return [item * 2 for item in items]

    group = GroupCommit(work, limit=16)
    with ThreadPoolExecutor(64) as pool:
        assert list(pool.map(group.do, range(2000))) == [n * 2 for n in range(2000)]
    assert sum(groups) == 2000
    assert max(groups) <= 16


def test_callers_that_come_during_a_commit_go_together_in_the_next():
    entered, go = threading.Event(), threading.Event()
    groups = []

    def work(items):
        groups.append(sorted(items))
        if items == ["first"]:
            entered.set()
            assert go.wait(10)
        return items

    group = GroupCommit(work)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(group.do, "first")
        assert entered.wait(10)
        rest = [pool.submit(group.do, name) for name in ("a", "b", "c")]
        while len(group._waiting) < 3:
            threading.Event().wait(0.001)
        go.set()
        assert [f.result(10) for f in (first, *rest)] == ["first", "a", "b", "c"]
    assert groups == [["first"], ["a", "b", "c"]]


def test_two_groups_never_run_at_once():
    running, overlaps = [0], [0]
    lock = threading.Lock()

    def work(items):
        with lock:
            running[0] += 1
            overlaps[0] += running[0] > 1
        result = [sum(range(200)) for _ in items]
        with lock:
            running[0] -= 1
        return result

    group = GroupCommit(work, limit=4)
    with ThreadPoolExecutor(32) as pool:
        list(pool.map(group.do, range(1000)))
    assert overlaps[0] == 0


def test_one_refusal_is_raised_in_its_own_caller_only():
    group = GroupCommit(lambda items: [ValueError(i) if i == 3 else i for i in items])
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(group.do, n) for n in range(8)]
    with pytest.raises(ValueError, match="3"):
        futures[3].result()
    assert [f.result() for n, f in enumerate(futures) if n != 3] == [0, 1, 2, 4, 5, 6, 7]


def test_a_failed_commit_is_told_to_all_and_the_next_group_works():
    calls = [0]

    def work(items):
        calls[0] += 1
        if calls[0] == 1:
            raise ConnectionError("the database is away")
        return items

    group = GroupCommit(work)
    with pytest.raises(ConnectionError):
        group.do("x")
    assert group.do("y") == "y"
