"""The statement and the transaction journal equal what was sealed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kit.clock import business_date, now
from kit.errors import FieldInvalid
from ticketing.accounts.v1 import events_pb2 as accounts
from ticketing.cashdesk.v1 import events_pb2 as cashdesk
from ticketing.catalog.v1 import catalog_pb2
from ticketing.catalog.v1 import events_pb2 as catalog
from ticketing.reporting.v1 import reporting_service_pb2 as pb

from ..conftest import DAY, NOON, Core, completed, line, performance, refusal, sale, stamp, user

EVENING = datetime(2026, 12, 24, 19, 30, tzinfo=UTC)


def amounts(totals: Any) -> dict[str, int]:
    return {total.key: total.amount for total in totals}


def test_the_statement_shows_series_of_tickets_articles_and_their_totals(core: Core) -> None:
    """LAW-15: first and last numbers, count, price and takings, paid and free."""
    core.tell(
        sale(line(quantity=2, performance_id="p1", show_id="s1"), line("Affiche", 1, 1500, 2000, product_id="a1"),
             paid=[("card", 3900)], tickets=[(1, 3, 16), (1, 3, 17)]),
        sale(line(quantity=1, performance_id="p1", show_id="s1"), tickets=[(1, 3, 19)]),
        sale(line("Gratuit", 1, 0, performance_id="p1", show_id="s1"), tickets=[(1, 3, 18)]),
        performance("p1", "s1", "Le Cid", EVENING),
        catalog.ProductSaved(product=catalog_pb2.Product(id="a1", name="Affiche", family="Papeterie", revision=1)),
        user("claire", "Claire Moreau"),
        accounts.TillEnrolled(till_id="till-1", number="T01", name="Entrée", enrolled_at=stamp(NOON)),
    )  # fmt: skip
    found = core.statement()
    assert (found.sales, found.total, found.admissions, found.articles, found.currency) == (3, 5100, 4, 1, "EUR")
    assert found.net + found.vat == found.total
    assert found.last_sale_at == stamp(NOON)
    rows = [(r.show, r.label, r.first_number[:11], r.last_number[:11], r.quantity, r.total) for r in found.rows]
    assert rows == [
        ("Le Cid", "Gratuit", "K003-000018", "K003-000018", 1, 0),
        ("Le Cid", "Plein tarif", "K003-000016", "K003-000019", 3, 3600),
        ("Papeterie", "Affiche", "", "", 1, 1500),
    ]
    assert found.rows[0].performance_starts_at == stamp(EVENING)
    assert amounts(found.by_payment_mode) == {"card": 3900, "cash": 1200, "free": 0}
    assert amounts(found.by_vat_rate) == {"550": 3600, "2000": 1500}
    assert [(t.label, t.amount, t.count) for t in found.by_till] == [("T01 – Entrée", 5100, 3)]
    assert [(t.label, t.amount) for t in found.by_cashier] == [("Claire Moreau", 5100)]
    assert [(t.key, t.label, t.amount, t.count) for t in found.by_show] == [
        ("s1", "Le Cid", 3600, 4),
        ("", "", 1500, 1),
    ]


def test_tickets_of_two_tills_are_two_series(core: Core) -> None:
    """LAW-12, LAW-15: a series has one issuing key."""
    core.tell(sale(tickets=[(1, 3, 1)]), sale(tickets=[(1, 4, 1)], till="till-2", till_number="T02"))
    assert [(r.first_number[:4], r.quantity) for r in core.statement().rows] == [("K003", 1), ("K004", 1)]


def test_numbers_of_centrally_issued_tickets_come_with_their_order_before_or_after_the_sale(core: Core) -> None:
    early, late = sale(line(quantity=2)), sale(line("Réduit", 1, 900))
    core.tell(completed(early, (1, 1, 40), (1, 1, 41)), early, late)
    assert [r.last_number[:11] for r in core.statement().rows] == ["K001-000041", ""]
    core.tell(completed(late, (1, 1, 42)))
    assert [r.last_number[:11] for r in core.statement().rows] == ["K001-000041", "K001-000042"]


def test_before_names_are_known_the_sealed_labels_stand_for_them(core: Core) -> None:
    core.tell(sale(line("Le Cid – Plein tarif", performance_id="p1", show_id="s1")))
    found = core.statement()
    assert [r.show for r in found.rows] == ["Le Cid – Plein tarif"]
    assert [t.label for t in found.by_till] == ["T01"]
    assert [t.label for t in found.by_show] == ["Le Cid – Plein tarif"]
    core.tell(performance("p1", "s1", "Le Cid", EVENING))
    assert [r.show for r in core.statement().rows] == ["Le Cid"]


def test_an_older_revision_of_a_name_is_ignored(core: Core) -> None:
    core.tell(sale(line(performance_id="p1", show_id="s1")))
    core.tell(performance("p1", "s1", "Nouveau titre", EVENING, revision=5))
    core.tell(performance("p1", "s1", "Ancien titre", EVENING - timedelta(days=9), revision=4))
    row = core.statement().rows[0]
    assert (row.show, row.performance_starts_at) == ("Nouveau titre", stamp(EVENING))
    core.tell(user("claire", "Claire Moreau"), at=NOON)
    core.tell(user("claire", "Claire Ancien"), at=NOON - timedelta(hours=1))
    assert core.statement().by_cashier[0].label == "Claire Moreau"


def test_date_of_performance_and_date_of_sale_are_two_filters(core: Core) -> None:
    """Q3."""
    core.tell(
        sale(line(performance_id="today", show_id="s1")),
        sale(line("Avance", 1, 2000, performance_id="eve", show_id="s1")),
        sale(line("Veille", 1, 3000, performance_id="eve", show_id="s1"), business_on="2026-11-22"),
        performance("today", "s1", "Visite", NOON),
        performance("eve", "s1", "Visite", EVENING),
    )
    assert core.statement().total == 3200
    assert core.statement(performance_on="2026-12-24").total == 2000
    assert core.statement(from_on="", to_on="", performance_on="2026-12-24").total == 5000
    assert core.statement(from_on="2026-11-22", to_on="2026-11-22").total == 3000
    assert core.statement(performance_on="2026-12-25").total == 0


def test_the_performance_date_is_that_of_the_venue(core: Core) -> None:
    after_midnight = datetime(2026, 12, 24, 23, 30, tzinfo=UTC)  # 00:30 on the 25th in Paris
    core.tell(sale(line(performance_id="late", show_id="s1")), performance("late", "s1", "Messe", after_midnight))
    assert core.statement(performance_on="2026-12-25").total == 1200
    assert core.statement(performance_on="2026-12-24").total == 0


def test_each_filter_keeps_its_part(core: Core) -> None:
    core.tell(
        sale(line(performance_id="p1", show_id="s1")),
        sale(line("Autre", 1, 800, performance_id="p2", show_id="s2"), cashier_id="hugo"),
        sale(line("Tiers", 1, 700, performance_id="p2", show_id="s2"), till="till-2", till_number="T02"),
    )
    assert core.statement(till_id="till-2").total == 700
    assert core.statement(cashier_id="hugo").total == 800
    assert core.statement(show_id="s2").total == 1500
    assert core.statement(show_id="s2", cashier_id="claire").total == 700
    assert {t.label for t in core.transactions(show_id="s2").transactions} == {"Tiers", "Autre"}


def test_payments_of_a_basket_seen_in_part_are_shared_to_the_cent(core: Core) -> None:
    core.tell(sale(
        line("Visite", 1, 1000, performance_id="p1", show_id="s1"), line("Affiche", 1, 2000, product_id="a1"),
        paid=[("cash", 1001), ("card", 1000), ("voucher", 999)],
    ))  # fmt: skip
    shares = amounts(core.statement(show_id="s1").by_payment_mode)
    assert sum(shares.values()) == 1000
    assert all(abs(3 * share - paid) <= 3 for share, paid in zip(
        (shares["cash"], shares["card"], shares["voucher"]), (1001, 1000, 999), strict=True))  # fmt: skip
    assert amounts(core.statement().by_payment_mode) == {"cash": 1001, "card": 1000, "voucher": 999}


def test_a_sale_that_does_not_add_up_is_parked(core: Core) -> None:
    wrong = sale()
    wrong.sale.total += 1
    with pytest.raises(FieldInvalid):
        core.tell(wrong)
    unpaid = sale()
    unpaid.sale.payments[0].amount -= 1
    with pytest.raises(FieldInvalid):
        core.tell(unpaid)
    assert core.statement().sales == 0


def test_an_empty_day_has_zeros_and_no_rows(core: Core) -> None:
    found = core.statement()
    assert (found.sales, found.total, found.currency, list(found.rows)) == (0, 0, "EUR", [])
    assert not found.HasField("last_sale_at")
    assert not core.transactions().transactions


def test_without_days_the_report_is_todays(core: Core) -> None:
    today = business_date(now(), "Europe/Paris").isoformat()
    core.tell(sale(business_on=today), sale(business_on="2020-01-01"))
    assert core.statement(from_on="", to_on="").sales == 1


def test_floats_show_their_difference_whichever_is_told_first(core: Core) -> None:
    opened = cashdesk.FloatOpened(cash_float_id="f1", cashier_id="claire", till_id="till-1", till_number="T01",
                                  business_on=DAY, currency="EUR", opening_total=10000, at=stamp(NOON))  # fmt: skip
    closed = cashdesk.FloatClosed(cash_float_id="f1", cashier_id="claire", till_id="till-1", business_on=DAY,
                                  expected=15000, counted=14950, difference=-50, at=stamp(NOON))  # fmt: skip
    core.tell(closed, opened, closed, opened, user("claire", "Claire Moreau"))
    (found,) = core.statement().cash_floats
    assert (found.till_number, found.cashier, found.opening_total, found.closed, found.difference) == (
        "T01", "Claire Moreau", 10000, True, -50)  # fmt: skip
    assert not core.statement(show_id="s1").cash_floats


def test_pages_of_transactions_join_without_gap_or_repeat(core: Core) -> None:
    at = [NOON + timedelta(seconds=n // 3) for n in range(10)]  # several sales in one instant
    core.tell(*(sale(line(f"{n}a"), line(f"{n}b"), at=at[n]) for n in range(10)))
    seen: list[pb.Transaction] = []
    token = ""
    while True:
        page = core.transactions(page_size=3, page_token=token)
        seen += page.transactions
        token = page.next_page_token
        if not token:
            break
    assert len(seen) == len({(t.order_id, t.label) for t in seen}) == 20
    assert [t.at.ToDatetime() for t in seen] == sorted((t.at.ToDatetime() for t in seen), reverse=True)
    assert [t.label[-1] for t in seen] == ["a", "b"] * 10
    assert seen[0].payment_modes == "cash"


def test_nobody_reads_without_the_right(core: Core) -> None:
    """M2."""
    stranger = core.as_user("orders.view")
    export = pb.ExportReportRequest(report=pb.REPORT_DAY_STATEMENT, format=pb.FILE_FORMAT_CSV)
    for call in (
        lambda: stranger.GetDayStatement(pb.GetDayStatementRequest()),
        lambda: stranger.ListTransactions(pb.ListTransactionsRequest()),
        lambda: stranger.ExportReport(export),
    ):
        refused = refusal(call)
        assert (refused.reason, refused.facts["right"]) == ("FORBIDDEN", "reporting.view")


@pytest.mark.parametrize(
    ("field", "chosen"),
    [
        ("from_on", {"from_on": "23/11/2026"}),
        ("to_on", {"from_on": "2026-11-24"}),
        ("to_on", {"from_on": "2020-01-01"}),
        ("performance_on", {"performance_on": "2026-13-01"}),
        ("till_id", {"till_id": "x" * 65}),
        ("show_id", {"show_id": "a\x00b"}),
    ],
)
def test_a_bad_filter_is_named(core: Core, field: str, chosen: dict[str, str]) -> None:
    assert refusal(lambda: core.statement(**chosen)).facts["field"] == field


@pytest.mark.parametrize("token", ["x", "é", "YWJj", "A" * 300])
def test_a_bad_page_is_named(core: Core, token: str) -> None:
    assert refusal(lambda: core.transactions(page_token=token)).facts["field"] == "page_token"
    assert refusal(lambda: core.transactions(page_size=1001)).facts["field"] == "page_size"


LINES = st.builds(
    lambda article, quantity, price, rate: line(
        "Affiche" if article else "Place", quantity, price, rate,
        **({"product_id": "a1"} if article else {"performance_id": "p1", "show_id": "s1"}),
    ),
    st.booleans(), st.integers(1, 9), st.integers(0, 99_999), st.sampled_from([0, 210, 550, 1000, 2000]),
)  # fmt: skip
SALES = st.lists(st.tuples(st.lists(LINES, min_size=1, max_size=4), st.integers(0, 100)), min_size=1, max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SALES, st.randoms(use_true_random=False))
def test_whatever_is_sold_every_total_is_the_sum_of_the_sealed_sales(core: Core, drawn: Any, random: Any) -> None:
    """Design 3.2: told in any order, several times, under other event ids."""
    core.empty()
    sales = []
    for lines, percent in drawn:
        total = sum(one.total for one in lines)
        cash = total * percent // 100
        sales.append(sale(*lines, paid=[("cash", cash), ("card", total - cash)], at=NOON + timedelta(seconds=percent)))
    told = sales + [random.choice(sales) for _ in range(3)]
    random.shuffle(told)
    while told:  # in batches of any size
        size = random.randint(1, len(told))
        core.tell(*told[:size])
        told = told[size:]
    found = core.statement()
    total = sum(one.sale.total for one in sales)
    vat = sum(each.vat for one in sales for each in one.sale.lines)
    paid = sum(p.amount for one in sales for p in one.sale.payments if p.mode == "cash")
    assert (found.sales, found.total, found.vat, found.net) == (len(sales), total, vat, total - vat)
    assert amounts(found.by_payment_mode).get("cash", 0) == paid
    for share in ("rows", "by_vat_rate"):
        slices = getattr(found, share)
        assert sum(s.vat for s in slices) == vat
    for share in ("by_payment_mode", "by_vat_rate", "by_till", "by_cashier", "by_show"):
        assert sum(s.amount for s in getattr(found, share)) == total
    assert sum(row.total for row in found.rows) == total
    assert sum(row.quantity for row in found.rows) == found.admissions + found.articles
    part = core.statement(show_id="s1")
    assert sum(s.amount for s in part.by_payment_mode) == part.total
    listed = core.transactions(page_size=1000).transactions
    assert sum(t.total for t in listed) == total
    assert Timestamp() not in [t.at for t in listed]
