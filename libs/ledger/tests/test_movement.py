import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger import MovementKind, MovementReason, canonical


def an_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


WITHDRAWAL = ledger.CashMoved(
    an_id("movement"), "T01-F000001", MovementKind.WITHDRAWAL, an_id("float"), an_id("alice"), an_id("shift"),
    "2026-11-27", "EUR", -15000, MovementReason.BANK, None, "SAC-00421", authorised_by=an_id("carol"),
)  # fmt: skip
PAY_IN = replace(
    WITHDRAWAL, kind=MovementKind.PAY_IN, amount=2000, reason=MovementReason.CHANGE, bag_number=None,
    authorised_by=None,
)  # fmt: skip
TRANSFER = replace(
    WITHDRAWAL, kind=MovementKind.TRANSFER_OUT, reason=None, bag_number=None, other_float_id=an_id("hers"),
    other_cashier_id=an_id("ines"),
)  # fmt: skip
CARRIED_IN = replace(
    WITHDRAWAL, kind=MovementKind.CARRIED_IN, amount=15000, reason=None, bag_number=None, authorised_by=None,
    other_till="T02", other_modes={ledger.Mode.CHEQUE: 4200},
)  # fmt: skip
ALL = [WITHDRAWAL, PAY_IN, TRANSFER, CARRIED_IN]


@given(st.sampled_from(ALL), st.integers(1, ledger.movement.MAX_AMOUNT))
def test_movements_come_back_from_their_bodies(movement, cents):
    """E2, E3."""
    moved = replace(movement, amount=cents if movement.amount > 0 else -cents)
    moved.check()
    assert ledger.CashMoved.from_body(canonical.decode(canonical.encode(moved.to_body()))) == moved


def test_an_empty_float_may_be_carried_but_nothing_cannot_be_withdrawn():
    replace(CARRIED_IN, amount=0, other_modes={}).check()
    with pytest.raises(ledger.BadEntry, match="amount"):
        replace(WITHDRAWAL, amount=0).check()


@pytest.mark.parametrize("movement", ALL)
def test_money_that_comes_in_cannot_be_sealed_as_money_that_goes(movement):
    with pytest.raises(ledger.BadEntry, match="amount"):
        replace(movement, amount=-movement.amount).check()


@pytest.mark.parametrize(
    ("movement", "field"),
    [
        (replace(WITHDRAWAL, reason=None), "reason"),
        (replace(WITHDRAWAL, reason=MovementReason.OTHER), "note"),
        (replace(WITHDRAWAL, authorised_by=WITHDRAWAL.cashier_id), "authorised_by"),
        (replace(WITHDRAWAL, other_modes={ledger.Mode.CARD: 1}), "other_modes"),
        (replace(WITHDRAWAL, other_till="T02"), "other_till"),
        (replace(PAY_IN, bag_number="SAC-1"), "bag_number"),
        (replace(TRANSFER, other_cashier_id=None), "other_float_id"),
        (replace(TRANSFER, other_float_id=None), "other_float_id"),
        (replace(CARRIED_IN, other_till=None), "other_till"),
        (replace(CARRIED_IN, other_modes={ledger.Mode.CASH: 1}), "other_modes.cash"),
        (replace(CARRIED_IN, reason=MovementReason.SAFE), "reason"),
    ],
)
def test_a_movement_says_all_that_its_kind_must_and_nothing_else(movement, field):
    with pytest.raises(ledger.BadEntry) as caught:
        movement.check()
    assert caught.value.field == field
