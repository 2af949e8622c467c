import uuid
from dataclasses import replace

import pytest

import ledger
from ledger import canonical


def an_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


OVERRIDE = ledger.Override(
    "cashdesk.open_drawer", an_id("camille"), an_id("shift"), an_id("ines"), ledger.Means.PIN, "no_sale", None
)


@pytest.mark.parametrize("override", [OVERRIDE, replace(OVERRIDE, means=ledger.Means.BADGE, order_id=an_id("order"))])
def test_a_managers_word_comes_back_from_its_body(override):
    """M4."""
    override.check()
    assert ledger.Override.from_body(canonical.decode(canonical.encode(override.to_body()))) == override


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"authorised_by": OVERRIDE.cashier_id}, "authorised_by"),
        ({"right": ""}, "right"),
        ({"act": "x" * 61}, "act"),
        ({"order_id": "T01-000001"}, "order_id"),
        ({"means": "word of honour"}, "means"),
    ],
)
def test_what_is_no_managers_word_is_refused_with_its_field(changes, field):
    """M4: nobody gives leave to themselves."""
    with pytest.raises(ledger.BadEntry) as refused:
        replace(OVERRIDE, **changes).check()
    assert refused.value.field == field
