"""Cashiers and their floats, with no network."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from device_gateway import floats, sign_in
from device_gateway.domain.errors import CashierNotFound, FloatAlreadyOpen, FloatNotOpen, PinThrottled, PinWrong
from device_gateway.identification import ByPin
from kit.errors import FieldInvalid, Forbidden

PIN = "2468"


def enter(world, pin=PIN, at=None, session=b"s" * 32, before=None):
    return sign_in.sign_in(world.till, ByPin(world.cashier_id, pin), before, session, at or world.at)


def kinds(world) -> list[str]:
    return [json.loads(sealed.bytes)["kind"] for sealed in world.journal()]


def test_the_right_pin_opens_a_shift_and_journals_it(world):
    """D3."""
    seller = enter(world)
    assert world.till.seller(b"s" * 32).shift == seller.shift
    sign_in.sign_out(world.till, b"s" * 32, world.at)
    assert world.till.seller(b"s" * 32) is None
    assert kinds(world)[-2:] == ["sign_in", "sign_out"]


def test_a_second_cashier_in_the_same_browser_ends_the_first_shift(world):
    """E6: relay; the float stays open."""
    enter(world)
    floats.open_float(world.till, world.till.seller(b"s" * 32), {"5000": 1}, world.at)
    enter(world, session=b"t" * 32, before=b"s" * 32)
    assert world.till.seller(b"s" * 32) is None
    assert kinds(world)[-2:] == ["sign_out", "sign_in"]
    with pytest.raises(FloatAlreadyOpen):
        floats.open_float(world.till, world.till.seller(b"t" * 32), {"5000": 1}, world.at)


def test_five_wrong_pins_make_the_sixth_wait_even_after_a_restart(world):
    for left in (4, 3, 2, 1, 0):
        with pytest.raises(PinWrong) as refusal:
            enter(world, "0000")
        assert refusal.value.facts["attempts_left"] == str(left)
    world.reopen()
    with pytest.raises(PinThrottled) as refusal:
        enter(world)
    assert refusal.value.facts["retry_seconds"] == "30"
    with pytest.raises(PinWrong):
        enter(world, "0000", world.at + timedelta(seconds=30))
    with pytest.raises(PinThrottled) as refusal:
        enter(world, at=world.at + timedelta(seconds=31))
    assert refusal.value.facts["retry_seconds"] == "59"
    assert enter(world, at=world.at + timedelta(seconds=90))


def test_sixteen_threads_get_no_more_tries_than_one(world):
    def guess(_: int) -> type:
        try:
            enter(world, "0000")
        except (PinWrong, PinThrottled) as error:
            return type(error)

    with ThreadPoolExecutor(16) as pool:
        outcomes = list(pool.map(guess, range(16)))
    assert outcomes.count(PinWrong) == 5


def test_nobody_else_may_sign_in(world):
    with pytest.raises(CashierNotFound):
        sign_in.sign_in(world.till, ByPin("someone", PIN), None, b"s" * 32, world.at)


def test_a_float_is_counted_by_denomination_and_its_difference_told(world):
    """E1, E4."""
    seller = enter(world)
    opened = floats.open_float(world.till, seller, {"5000": 1, "200": 10}, world.at)
    assert opened.opening_total == 7000
    closing = world.close_float(seller, {"5000": 1, "200": 9})
    assert (closing.expected, closing.counted, closing.difference) == (7000, 6800, -200)
    with pytest.raises(FloatNotOpen):
        world.close_float(seller, {})
    assert kinds(world)[-3:] == ["float_opened", "float_declared", "float_closed"]
    assert world.faults_of_journal() == []


@pytest.mark.parametrize("counts", [None, {"7": 1}, {"5000": -1}, {"5000": 1.5}, {"5000": True}, {"²": 1}])
def test_what_is_no_money_cannot_be_counted(world, counts):
    with pytest.raises(FieldInvalid):
        floats.open_float(world.till, world.seller(with_float=False), counts, world.at)


def test_a_float_needs_the_right_to_sell(world):
    with pytest.raises(Forbidden):
        floats.open_float(world.till, world.seller("bob", with_float=False), {}, world.at)
