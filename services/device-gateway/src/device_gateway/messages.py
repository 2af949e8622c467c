"""Messages to whoever sells (B3): read on the screen, and acknowledged with a trace in the journal."""

from collections.abc import Iterable, Set
from datetime import datetime

import ledger
from device_gateway.domain.basket import PricedLine
from device_gateway.domain.errors import MessageNotFound
from device_gateway.store import acknowledged, journal
from device_gateway.till import Seller, Till
from setups.catalogue import Message


def of_till(till: Till) -> list[Message]:
    """Those that this till has to show, at whatever moment."""
    enrolment = till.identity.enrolment
    own = enrolment.till_id if enrolment else ""
    return [each for each in till.catalogue.profile.messages if not each.till_ids or own in each.till_ids]


def at_sale(till: Till, priced: Iterable[PricedLine], now: datetime) -> list[str]:
    """Ids of those to show while the basket has these lines, in the manager's order."""
    places = [line for line in priced if line.performance]
    shows = {line.performance.show_id for line in places if line.performance}
    tariffs = {line.price.tariff.id for line in places if line.price}
    return [
        each.id
        for each in of_till(till)
        if each.moment == "sale"
        and (each.from_at is None or each.from_at <= now)
        and (each.until is None or now < each.until)
        and _concerns(each.show_ids, shows)
        and _concerns(each.tariff_ids, tariffs)
    ]


def _concerns(named: Set[str], sold: Set[str]) -> bool:
    return not named or bool(named & sold)


def acknowledge(till: Till, seller: Seller, message_id: str, now: datetime) -> None:
    """Seal that this person has read it, in the words that they saw.

    Once for each working period, or each time for what is said at every sale. Raises MessageNotFound.
    """
    message = next((each for each in of_till(till) if each.id == message_id), None)
    if message is None:
        raise MessageNotFound("this till has no such message", id=message_id)
    words = " ".join(message.text.split())[: ledger.LONGEST_MESSAGE]
    with till.database.write() as tx:
        first_time = acknowledged.keep(tx, seller.shift.shift_id, message.id, words)
        if not (first_time or message.every_sale):
            return
        read = ledger.MessageAcknowledged(seller.cashier.id, seller.shift.shift_id, message.id, words)
        journal.append(tx, till.identity, ledger.Kind.TECHNICAL, read.to_body(), now)
    till.wake_upload.set()


def read_by(till: Till, seller: Seller) -> list[str]:
    """Ids of the messages that need not be shown again in this working period."""
    known = acknowledged.of_shift(till.database.read(), seller.shift.shift_id)
    return [each.id for each in of_till(till) if known.get(each.id) == " ".join(each.text.split())]
