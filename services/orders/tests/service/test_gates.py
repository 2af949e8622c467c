"""What gates are told of tickets, through the real door (D5, D6; domain 4.4 and 4.5)."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import grpc
import pytest

import ledger
import titles
from kit.clock import now
from kit.grpc_errors import from_rpc_error
from orders import gates
from orders.domain.order import Sold
from orders.usecases.gates import ending_keys
from orders.usecases.keep import keep_orders
from ticketing.orders.v1 import orders_service_pb2 as pb
from titles import Cause, Revocation

from ..conftest import new_id

KEY_IDS = itertools.count(70)


@pytest.fixture(scope="module")
def viewer(house):
    return house.as_user("orders.view")


@pytest.fixture
def heard(house, viewer):
    """The list as a gate hears it: verified, from the beginning."""

    def ask():
        pack = viewer.GetGatePack(pb.GetGatePackRequest())
        root = titles.load_public(pack.root_public_key)
        certificates = [titles.read_certificate(data, root) for data in pack.certificates]
        revocations = titles.Revocations()
        revocations.apply(titles.read_delta(pack.revocations, {each.key_id: each for each in certificates}, root))
        return revocations

    house.issuer.ready()
    return ask


@pytest.fixture
def till_sale(house):
    """A sale of a till with one ticket of its own key, as its journal holds it; the key's id counts up."""

    def make(serial=1):
        key_id, key, at = next(KEY_IDS), titles.generate_key(), now()
        token = titles.issue(
            titles.Token(titles.Kind.TILL, key_id, serial, group=1, tariff_class=1, valid_from=at, duration_minutes=60),
            key,
        )
        line = ledger.Line(
            line=1, kind=ledger.LineKind.ADMISSION, performance_id=new_id(), show_id=new_id(), category_id=new_id(),
            tariff_id=new_id(), product_id=None, option=None, label="Visite", quantity=1, unit_price=0, total=0,
            vat_rate_bp=0, vat=0, net=0, lease_id=new_id(), hold_id=None,
        )  # fmt: skip
        sale = ledger.Sale(
            order_id=new_id(), order_number=f"T{key_id}-{serial:06d}", channel="till", cashier_id=new_id(),
            shift_id=new_id(), cash_float_id=new_id(), business_on="2026-11-26", currency="EUR", catalog_version=1,
            lines=(line,), tickets=(ledger.Ticket(1, key_id, serial, token),), payments=(), total=0,
            vat=ledger.vat_totals((line,)),
        )  # fmt: skip
        return Sold(sale, new_id(), 1, at, is_virtual=False)

    return make


def keep(house, sold):
    with house.sessions.begin() as session:
        keep_orders(session, house.issuer, [sold], {})


def ticket_of(sold):
    (ticket,) = sold.sale.tickets
    return ticket.key_id, ticket.serial, titles.read(ticket.token).signature


def test_an_ended_till_speaks_only_for_the_titles_that_are_kept(house, heard, till_sale):
    sold = till_sale()
    keep(house, sold)
    key_id, serial, signature = ticket_of(sold)
    with house.sessions.begin() as session:
        gates.end_keys(session, {key_id})
    revocations = heard()
    assert revocations.is_key_dead(key_id)
    assert revocations.vouches_for(key_id, serial, signature)
    assert not revocations.vouches_for(key_id, serial + 1, signature)


def test_a_sale_that_was_under_way_when_its_till_ended_stays_good(house, heard, till_sale):
    sold = till_sale()
    key_id, serial, signature = ticket_of(sold)
    with house.sessions.begin() as session:
        gates.end_keys(session, {key_id})
    keep(house, sold)
    assert heard().vouches_for(key_id, serial, signature)


def test_whatever_the_order_in_which_a_till_ends_and_its_last_sale_arrives_the_ticket_stays_good(
    house, heard, till_sale
):
    """Both at the same moment, in two workers, many times over."""

    sales = [till_sale() for _ in range(20)]
    together = threading.Barrier(2)

    def keep_each():
        for sold in sales:
            together.wait(30)
            keep(house, sold)

    def end_each():
        for sold in sales:
            together.wait(30)
            with house.sessions.begin() as session:
                gates.end_keys(session, {ticket_of(sold)[0]})

    with ThreadPoolExecutor(2) as workers:
        for work in [workers.submit(keep_each), workers.submit(end_each)]:
            work.result(timeout=60)
    revocations = heard()
    assert [ticket_of(sold)[0] for sold in sales if not revocations.vouches_for(*ticket_of(sold))] == []
    assert all(revocations.is_key_dead(ticket_of(sold)[0]) for sold in sales)


def test_the_list_has_no_gap_whoever_writes_it_at_once(house, heard):
    def write(worker):
        for number in range(1, 21):
            with house.sessions.begin() as session:
                gates.tell(session, [Revocation(Cause.DEAD, 9000 + worker, number)])

    with ThreadPoolExecutor(4) as workers:
        list(workers.map(write, range(4)))
    with house.engine.connect() as connection:
        count, last, listed = connection.exec_driver_sql(
            "SELECT count(*), max(sequence), (SELECT last FROM revocation_list) FROM revocations"
        ).one()
    assert count == last == listed
    assert heard().is_dead(9003, 20)


def test_what_is_told_twice_is_listed_once(house):
    entry = Revocation(Cause.REISSUED, 9100, 1, 2)
    with house.sessions.begin() as session:
        assert gates.tell(session, [entry, entry]) == 1
        assert gates.tell(session, [entry]) == 0


def test_a_gate_asks_for_what_it_does_not_know_yet(house, viewer):
    with house.sessions.begin() as session:
        gates.tell(session, [Revocation(Cause.DEAD, 9200, n) for n in (1, 2, 3)])
    with house.engine.connect() as connection:
        last = connection.exec_driver_sql("SELECT last FROM revocation_list").scalar_one()
    pack = viewer.GetGatePack(pb.GetGatePackRequest(after=last - 1))
    root = titles.load_public(pack.root_public_key)
    certificates = {c.key_id: c for c in (titles.read_certificate(data, root) for data in pack.certificates)}
    delta = titles.read_delta(pack.revocations, certificates, root)
    assert (delta.after, delta.entries, pack.more) == (last - 1, (Revocation(Cause.DEAD, 9200, 3),), False)


def test_who_may_not_see_orders_gets_no_list_and_a_wrong_number_is_named(house, viewer):
    with pytest.raises(grpc.RpcError) as refused:
        house.as_user("catalog.view").GetGatePack(pb.GetGatePackRequest())
    assert from_rpc_error(refused.value).reason == "FORBIDDEN"
    with pytest.raises(grpc.RpcError) as refused:
        viewer.GetGatePack(pb.GetGatePackRequest(after=-1))
    assert from_rpc_error(refused.value).facts["field"] == "after"


def test_tills_that_stopped_renewing_are_found_before_their_certificate_ends(house):
    key, at = titles.generate_key(), now()
    trusted = house.issuer._accounts.all_trusted()

    def till(key_id, days):
        return titles.Certificate(titles.Kind.TILL, key_id, 0, titles.public_bytes(key), at - timedelta(days=30),
                                  at + timedelta(days=days), 100)  # fmt: skip

    central = next(iter(trusted.certificates.values()))
    trust = type(trusted)(trusted.root_public_key, {1: till(1, 29), 2: till(2, 20), 3: till(3, -1), 4: central})
    assert ending_keys(trust, at) == [2, 3]
