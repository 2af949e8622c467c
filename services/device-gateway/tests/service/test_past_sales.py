"""Past sales: found whatever is known of them, and their tickets printed again (A5, A8)."""

import json
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

import ledger
import titles
from device_gateway import checking, reprints, selling
from device_gateway.domain.errors import SaleNotFound, TicketNotFound, TicketNotReissuable
from device_gateway.domain.finding import Wanted, understand
from device_gateway.store import finding, jobs, sales
from ledger import ReissueReason

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def sold(world):
    """Seals a sale and answers its id."""
    world.lease(50)

    def sell(*items, at=None, **how):
        request = selling.parse_request(world.request(*items, **how))
        return selling.sell(world.till, world.seller(), request, at or world.at)["order_id"]

    return sell


@pytest.fixture
def found(world):
    """Ids of the sales that fit what is typed."""

    def look(typed="", before=None, limit=50, **changes):
        wanted = understand(typed, PARIS, world.at)
        wanted = Wanted(**vars(wanted) | changes)
        return [one.sale.order_id for one in finding.find(world.till.database.read(), wanted, before, limit)]

    return look


def again(world, order_id, *serials, reason=ReissueReason.DAMAGED):
    return reprints.print_tickets_again(world.till, world.seller(), order_id, serials, reason, world.at)


def test_a_sale_is_found_by_number_amount_words_time_and_ticket(world, sold, found):
    visit, shop = sold(("full", 2), mode="card"), sold(("poster", 1), mode="cash", tendered=1000)
    ticket = sales.tickets_of(world.till.database.read(), visit)[0]
    hour = world.at.astimezone(PARIS).strftime("%Hh%M")
    for typed in ("1", "t01-1", "24,00", "24", "visite", "plein tarif visite", ticket.token, titles.human_code(7, 1)):
        assert found(typed) == [visit], typed
    assert found("4,50") == found("affiche") == [shop]
    assert found("alice") == found(hour) == found("aujourd'hui") == found() == [shop, visit]
    assert found("hier") == found("nobody") == found("*4242") == []
    assert found(mode="card") == [visit]
    assert found(cashier_id=world.cashier_id) == [shop, visit]


def test_pages_go_on_where_the_last_one_ended(world, sold, found):
    made = [sold(("poster", 1), mode="card") for _ in range(5)]
    first = finding.find(world.till.database.read(), Wanted(), None, 2)
    assert [one.sale.order_id for one in first] == made[:2:-1]
    assert found(before=first[-1].sequence) == made[2::-1]


def test_sales_of_before_this_release_are_made_findable(world, sold, found):
    made = [sold(("poster", 1), mode="card") for _ in range(3)]
    with world.till.database.write() as tx:
        tx.execute("DELETE FROM sale_marks")
    assert found() == []
    with world.till.database.write() as tx:
        assert finding.mark_older(tx) is False
    assert found("affiche alice") == made[::-1]


def test_a_ticket_printed_again_opens_and_its_older_paper_does_not(world, sold, printers):
    """A8, domain 4.5: the counter in the newer barcode supersedes the older one."""
    order_id = sold(("full", 2), mode="card")
    first, second = sales.tickets_of(world.till.database.read(), order_id)
    [job] = again(world, order_id, first.serial)
    assert (job.copy, job.kind) == (1, jobs.Document.TICKET)
    newer = sales.ticket(world.till.database.read(), first.key_id, first.serial)
    assert newer.reissue == 1
    assert job.data["barcode"] == newer.token
    at = max(world.at, titles.read(first.token).token.valid_from)
    assert checking.check_ticket(world.till, first.token, at).reason == "SUPERSEDED"
    assert checking.check_ticket(world.till, newer.token, at).colour == "green"
    assert checking.check_ticket(world.till, second.token, at).colour == "green"
    [again_job] = again(world, order_id, first.serial, reason=ReissueReason.LOST)
    assert again_job.copy == 2


def test_each_new_paper_is_an_entry_of_the_journal(world, sold):
    order_id = sold(("full", 2), mode="card")
    again(world, order_id, 1, 2, reason=ReissueReason.LOST)
    bodies = [json.loads(each.bytes)["body"] for each in world.journal()
              if json.loads(each.bytes)["kind"] == ledger.Kind.TICKET_REISSUED]  # fmt: skip
    entries = [ledger.TicketReissued.from_body(body) for body in bodies]
    assert [(each.serial, each.reissue, each.reason, each.cashier_id) for each in entries] == [
        (1, 1, ReissueReason.LOST, world.cashier_id), (2, 1, ReissueReason.LOST, world.cashier_id),
    ]  # fmt: skip
    assert world.faults_of_journal() == []


def test_nothing_is_printed_when_one_of_the_tickets_is_not_of_the_sale(world, sold):
    order_id = sold(("full", 1), mode="card")
    before = len(jobs.of_order(world.till.database.read(), order_id))
    with pytest.raises(TicketNotFound):
        again(world, order_id, 1, 99)
    assert len(jobs.of_order(world.till.database.read(), order_id)) == before
    assert sales.ticket(world.till.database.read(), 7, 1).reissue == 0
    with pytest.raises(SaleNotFound):
        again(world, "no such sale", 1)


def test_a_ticket_has_at_most_255_more_papers(world, sold):
    order_id = sold(("full", 1), mode="card")
    issuer, token = world.till.issuer(), sales.ticket(world.till.database.read(), 7, 1).token
    for count in range(1, 256):
        assert issuer.issue_again(token)[0] == count
        token = issuer.issue_again(token)[1]
    with pytest.raises(TicketNotReissuable):
        issuer.issue_again(token)
    assert order_id


def test_an_older_database_gains_the_counter_of_papers(world, sold):
    sold(("full", 1), mode="card")
    with world.till.database.write() as tx:
        tx.execute("ALTER TABLE tickets DROP COLUMN reissue")
    world.reopen()
    assert sales.ticket(world.till.database.read(), 7, 1).reissue == 0


def test_the_last_second_of_a_day_belongs_to_it(world, sold, found):
    order_id = sold(("poster", 1), mode="card", at=world.at + timedelta(seconds=1))
    assert found("aujourd'hui") == [order_id]
