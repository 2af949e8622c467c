"""What was given back is subtracted, once, on its own day (A7, LAW-15)."""

from datetime import timedelta

from ticketing.reporting.v1 import reporting_service_pb2 as pb

from ..conftest import DAY, NOON, Core, line, refund, sale

NEXT_DAY = "2026-11-24"


def test_a_refund_is_subtracted_from_every_figure_of_its_day_and_shown_by_itself(core: Core) -> None:
    sold = sale(line(quantity=3, performance_id="p1", show_id="s1"), tickets=[(1, 3, 16), (1, 3, 17), (1, 3, 18)])
    core.tell(sold, refund(sold, 2, tickets=[(1, 3, 16), (1, 3, 17)]))
    found = core.statement()
    assert (found.sales, found.refunds, found.total, found.refunded, found.admissions) == (1, 1, 1200, -2400, 1)
    assert found.net + found.vat == found.total
    assert [(t.key, t.amount, t.count) for t in found.by_payment_mode] == [("cash", 1200, 1)]
    assert [(t.amount, t.count) for t in found.by_cashier] == [(1200, 1)]
    assert [(t.amount, t.count) for t in found.by_show] == [(1200, 1)]
    rows = [(r.refund, r.quantity, r.total, r.first_number[:11], r.last_number[:11]) for r in found.rows]
    assert rows == [
        (False, 3, 3600, "K003-000016", "K003-000018"),
        (True, -2, -2400, "K003-000016", "K003-000017"),
    ]


def test_a_refund_of_another_day_leaves_the_day_of_the_sale_as_it_was(core: Core) -> None:
    sold = sale(line(quantity=2))
    core.tell(sold, refund(sold, 1, mode="card", business_on=NEXT_DAY, at=NOON + timedelta(days=1)))
    first, second = core.statement(), core.statement(from_on=NEXT_DAY, to_on=NEXT_DAY)
    assert (first.total, first.refunds) == (2400, 0)
    assert (second.sales, second.total, second.refunds, second.admissions) == (0, -1200, 1, -1)
    assert [(t.key, t.amount) for t in second.by_payment_mode] == [("card", -1200)]
    assert not second.HasField("last_sale_at")
    assert core.statement(from_on=DAY, to_on=NEXT_DAY).total == 1200


def test_a_refund_counts_once_and_may_be_told_before_its_sale(core: Core) -> None:
    sold = sale(line(quantity=2))
    back = refund(sold, 1)
    core.tell(back, back, sold, back)
    found = core.statement()
    assert (found.sales, found.refunds, found.total) == (1, 1, 1200)


def test_the_transactions_say_of_which_order_a_refund_is(core: Core) -> None:
    sold = sale(line(quantity=2))
    core.tell(sold, refund(sold, 1, at=NOON + timedelta(minutes=5)))
    back, original = core.transactions().transactions
    assert (back.refund_of, back.quantity, back.total) == (sold.sale.order_number, -1, -1200)
    assert (original.refund_of, original.total) == ("", 2400)


def test_the_files_tell_refunds_apart_and_their_totals_are_the_statement_s(core: Core) -> None:
    """Q4."""
    sold = sale(line(quantity=2))
    core.tell(sold, refund(sold, 1))
    rows = core.export(pb.REPORT_DAY_STATEMENT, pb.FILE_FORMAT_CSV).content.decode("utf-8-sig")
    assert "Plein tarif (remboursement)" in rows
    lines = core.export(pb.REPORT_TRANSACTIONS, pb.FILE_FORMAT_CSV).content.decode("utf-8-sig")
    assert f"remboursement de {sold.sale.order_number}" in lines
    assert "12,00" in lines.splitlines()[-1]


def test_a_filter_by_show_subtracts_only_what_was_given_back_of_it(core: Core) -> None:
    """Q3: the share of each mode stays exact in sum."""
    sold = sale(
        line(quantity=2, performance_id="p1", show_id="s1"), line("Affiche", 1, 700, 2000, product_id="a1"),
        paid=[("card", 2000), ("cash", 1100)],
    )  # fmt: skip
    core.tell(sold, refund(sold, 2))
    of_show = core.statement(show_id="s1")
    assert (of_show.total, of_show.refunded) == (0, -2400)
    assert sum(t.amount for t in of_show.by_payment_mode) == 0
    assert core.statement().total == 700
