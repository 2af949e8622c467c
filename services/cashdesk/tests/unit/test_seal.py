"""Keys that are derived, never stored."""

import pytest

import ledger
from cashdesk import domain
from cashdesk.messages import sale_from_message, sale_message
from cashdesk.seal import Seals

from ..conftest import line, sale


def test_the_same_secret_gives_the_same_key_per_till_and_each_till_its_own() -> None:
    web, counter = domain.virtual_till_id("web"), domain.virtual_till_id("counter")
    first, second = Seals(bytes(32)), Seals(bytes(32))
    assert ledger.private_bytes(first.till_key(web)) == ledger.private_bytes(second.till_key(web))
    assert ledger.private_bytes(first.till_key(web)) != ledger.private_bytes(first.till_key(counter))
    assert ledger.private_bytes(first.till_key(web)) != ledger.private_bytes(Seals(bytes([1] * 32)).till_key(web))


def test_a_seal_key_of_another_length_is_refused() -> None:
    with pytest.raises(ledger.BadKey):
        Seals(bytes(31))


def test_a_sale_travels_as_a_message_without_loss() -> None:
    sold = sale(line(1), line(2, unit_price=0))
    assert sale_from_message(sale_message(sold), sold.order_number) == sold
