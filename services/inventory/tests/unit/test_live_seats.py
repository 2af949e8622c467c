"""What the live gateway knows of seats: whoever is told all that came after a version stands where the house stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.live.seats import Applied, Change, Log, Seats

SEATS = 12
seat_bytes = st.dictionaries(st.integers(1, SEATS), st.integers(0, 255), min_size=1, max_size=4)
commits = st.lists(seat_bytes, min_size=1, max_size=30)


def chain(told: list[dict[int, int]]) -> list[Change]:
    return [Change(version, version + 1, seats) for version, seats in enumerate(told)]


def after(changes: list[Change]) -> Seats:
    seats = Seats(0, bytes(SEATS))
    for change in changes:
        assert seats.apply(change) is Applied.DONE
    return seats


@given(commits, st.data())
def test_a_snapshot_and_all_that_came_after_it_make_the_house(told, data):
    changes = chain(told)
    known = data.draw(st.integers(0, len(changes)))
    log = Log(most=100)
    for position, change in enumerate(changes, 1):
        log.add("p", change, position, at=0.0)
    seats = after(changes[:known])
    missed = log.after("p", known)
    assert missed is not None
    assert seats.apply(missed) is (Applied.DONE if known < len(changes) else Applied.OLD)
    assert seats.encode() == after(changes).encode()


@given(commits, st.integers(1, 10), st.data())
def test_a_log_that_no_longer_reaches_back_says_so(told, most, data):
    """It keeps the last changes of all performances; what it has forgotten lies before `begins`."""
    changes = chain(told)
    log = Log(most)
    for position, change in enumerate(changes, 1):
        log.add("p", change, position, at=0.0)
    known = data.draw(st.integers(0, len(changes)))
    assert log.begins == max(0, len(changes) - most)
    if known >= log.begins:
        missed = log.after("p", known)
        assert missed is not None
        assert missed.version == len(changes)
    else:
        assert log.after("p", known) is None


def test_what_is_old_is_forgotten_of_every_performance_and_the_log_begins_later():
    log = Log(most=100)
    log.start(7)
    log.add("p", Change(0, 1, {1: 4}), 8, at=10.0)
    log.add("q", Change(0, 1, {1: 4}), 9, at=20.0)
    log.reach(12)
    log.forget(before=15.0)
    assert (log.begins, log.position) == (8, 12)
    assert log.after("q", 0) == Change(0, 1, {1: 4})
    assert log.after("p", 1) == Change(1, 1, {})


@given(commits, st.data())
def test_a_change_that_begins_earlier_than_what_is_known_is_as_good(told, data):
    changes = chain(told)
    known = data.draw(st.integers(0, len(changes) - 1))
    begin = data.draw(st.integers(0, known))
    gathered = changes[begin]
    for change in changes[begin + 1 :]:
        gathered = gathered.then(change)
    seats = after(changes[:known])
    assert seats.apply(gathered) is Applied.DONE
    assert seats.encode() == after(changes).encode()


@pytest.mark.parametrize(
    "change",
    [Change(4, 5, {1: 4}), Change(3, 4, {SEATS + 1: 4}), Change(3, 4, {0: 4, 1: 4})],
    ids=["one is missing", "a seat of another plan", "no seat at all"],
)
def test_a_change_that_does_not_fit_changes_nothing(change):
    seats = Seats(3, bytes(SEATS))
    assert seats.apply(change) is Applied.GAP
    assert seats.encode() == Seats(3, bytes(SEATS)).encode()


@given(st.integers(0, 2**63 - 1), st.binary(max_size=200))
def test_a_snapshot_comes_back_as_it_was(version, states):
    decoded = Seats.decode(Seats(version, states).encode())
    assert (decoded.version, len(decoded), decoded.encode()[16:]) == (version, len(states), states)


@given(st.binary(max_size=40))
def test_bytes_that_are_no_snapshot_are_refused(noise):
    with pytest.raises(ValueError, match="no snapshot"):
        Seats.decode(noise)


def test_only_what_was_told_after_a_position_is_news_to_who_knew_all_up_to_it():
    """After its database was restored, the inventory counts again from an earlier version."""
    log = Log(most=100)
    log.add("p", Change(8, 9, {1: 4}), 1, at=0.0)
    log.add("p", Change(3, 4, {2: 4}), 2, at=0.0)
    assert log.after("p", 3) is None
    assert log.after("p", 3, position=1) == Change(3, 4, {2: 4})
