import uuid
from dataclasses import replace

import pytest

import ledger
from ledger import canonical

TILL = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f"
KEY = ledger.public_bytes(ledger.generate_key()).hex()
OTHER = ledger.public_bytes(ledger.generate_key()).hex()
BEGINS = ledger.TrainingChange(True, ledger.training_till_id(TILL, KEY), "E-T01", KEY, str(uuid.uuid4()))


@pytest.mark.parametrize("change", [BEGINS, replace(BEGINS, begins=False, cashier_id=None)])
def test_the_beginning_and_the_end_of_training_come_back_from_their_bodies(change):
    change.check(TILL)
    assert ledger.TrainingChange.from_body(canonical.decode(canonical.encode(change.to_body()))) == change


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"training_till_id": TILL}, "training_till_id"),
        ({"training_till_id": ledger.training_till_id(str(uuid.uuid4()), KEY)}, "training_till_id"),
        ({"journal_public_key": "00" * 91}, "training_till_id"),
        ({"journal_public_key": OTHER}, "training_till_id"),
        (
            {"journal_public_key": "00" * 91, "training_till_id": ledger.training_till_id(TILL, "00" * 91)},
            "journal_public_key",
        ),
        ({"journal_public_key": KEY[:-2]}, "journal_public_key"),
        ({"begins": 1}, "begins"),
        ({"number": ""}, "number"),
    ],
)
def test_a_till_vouches_for_its_own_training_chain_alone(changes, field):
    with pytest.raises(ledger.BadEntry) as refused:
        replace(BEGINS, **changes).check(TILL)
    assert refused.value.field == field


def test_no_till_has_the_identity_of_a_training_chain():
    """An entry of training never verifies in the real chain, nor the other way round: their genesis differs."""
    chain = ledger.training_till_id(TILL, KEY)
    assert chain == ledger.training_till_id(TILL, KEY) != TILL
    assert chain != ledger.training_till_id(TILL, OTHER)
    assert ledger.genesis(chain) != ledger.genesis(TILL)
