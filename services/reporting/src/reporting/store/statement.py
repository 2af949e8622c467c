"""The day's statement: sums of stored integers, those of refunds negative; nothing rounded here."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from reporting.domain import NO_CURRENCY, Filter, FloatFigures, Row, Statement, Total, ticket_number

_CONDITIONS = {
    "from_on": "s.business_on >= :from_on",
    "to_on": "s.business_on <= :to_on",
    "till_id": "s.till_id = :till_id",
    "cashier_id": "s.cashier_id = :cashier_id",
    "show_id": "coalesce(nullif(l.show_id, ''), p.show_id) = :show_id",
    "channel": "s.channel = :channel",
    "performance_on": "p.performed_on = :performance_on",
}
_SUMS = "coalesce(sum(l.total), 0)::bigint, coalesce(sum(l.net), 0)::bigint, coalesce(sum(l.vat), 0)::bigint"
_SHARE = "SELECT {key}, {label}, {count}, " + _SUMS + " FROM {source}{joins}{where} GROUP BY {group} ORDER BY {order}"  # noqa: S608 - our own parts
SOURCE = "sales s JOIN sale_lines l USING (order_id) LEFT JOIN performances p ON p.performance_id = l.performance_id"
_SALES = "count(DISTINCT s.order_id) FILTER (WHERE s.refund_of = '')"
_SHOW = "coalesce(nullif(l.show_id, ''), p.show_id, '')"  # a sale may seal the performance alone


def conditions(chosen: Filter) -> tuple[list[str], dict[str, Any]]:
    """SQL conditions on SOURCE, and their parameters."""
    given = {name: getattr(chosen, name) for name in _CONDITIONS if getattr(chosen, name)}
    return [_CONDITIONS[name] for name in given], given


def read_statement(session: Session, chosen: Filter) -> Statement:
    """Every figure of the statement; the caller's transaction gives them one snapshot."""
    found, parameters = conditions(chosen)
    where = f" WHERE {' AND '.join(found)}" if found else ""
    headline = session.execute(text(
        f"SELECT min(s.currency), {_SALES}, {_SUMS},"  # noqa: S608 - our own conditions
        " coalesce(sum(l.quantity) FILTER (WHERE l.kind = 'admission'), 0),"
        " coalesce(sum(l.quantity) FILTER (WHERE l.kind = 'product'), 0),"
        " max(s.at) FILTER (WHERE s.refund_of = ''), count(DISTINCT s.order_id) FILTER (WHERE s.refund_of <> ''),"
        " coalesce(sum(l.total) FILTER (WHERE s.refund_of <> ''), 0)::bigint"
        f" FROM {SOURCE}{where}"
    ), parameters).one()  # fmt: skip
    currency, sales, total, net, vat, admissions, articles, last_sale_at, refunds, refunded = headline
    return Statement(
        currency=currency or NO_CURRENCY, sales=sales, total=total, net=net, vat=vat, admissions=admissions,
        articles=articles, last_sale_at=last_sale_at, refunds=refunds, refunded=refunded,
        rows=_rows(session, where, parameters), by_payment_mode=_by_payment_mode(session, where, parameters),
        by_vat_rate=_shares(session, where, parameters, key="l.vat_rate_bp::text", label="''",
                            count="sum(l.quantity)", group="l.vat_rate_bp", order="l.vat_rate_bp"),
        by_till=_shares(session, where, parameters, key="s.till_id",
                        label="concat_ws(' – ', coalesce(max(t.number), max(s.till_number)), nullif(max(t.name), ''))",
                        joins=" LEFT JOIN tills t ON t.till_id = s.till_id", count=_SALES,
                        group="s.till_id", order="2, 1"),
        by_cashier=_shares(session, where, parameters, key="s.cashier_id", label="coalesce(max(u.name), '')",
                           joins=" LEFT JOIN users u ON u.user_id = s.cashier_id",
                           count=_SALES, group="s.cashier_id", order="2, 1"),
        by_show=_shares(session, where, parameters, key=_SHOW,
                        label="CASE l.kind WHEN 'product' THEN '' ELSE coalesce(max(h.title), min(l.label)) END",
                        joins=f" LEFT JOIN shows h ON h.show_id = {_SHOW}", count="sum(l.quantity)",
                        group=f"l.kind, {_SHOW}", order="4 DESC, 1"),
        cash_floats=() if chosen.by_programme or chosen.channel else _cash_floats(session, chosen),
    )  # fmt: skip


def _shares(session: Session, where: str, parameters: Mapping[str, Any], joins: str = "", **parts: str) -> tuple[
    Total, ...
]:  # fmt: skip
    query = _SHARE.format(source=SOURCE, joins=joins, where=where, **parts)
    return tuple(
        Total(key, label, count, amount, net, vat)
        for key, label, count, amount, net, vat in session.execute(text(query), parameters)
    )


def _by_payment_mode(session: Session, where: str, parameters: Mapping[str, Any]) -> tuple[Total, ...]:
    """Payments of the sales found; of a sale found in part, their share of that part, exact in sum.

    The shares of one sale are differences of a running total rounded down, so that they add up to the part. Products
    stay below 10^18: ledger.sale bounds a sale by 10^9.
    """
    query = (
        f"WITH part AS (SELECT s.order_id, s.total, s.refund_of, sum(l.total)::bigint AS part FROM {SOURCE}{where}"  # noqa: S608
        " GROUP BY s.order_id), running AS ("
        " SELECT p.order_id, p.mode, p.amount, part.total, part.part, part.refund_of,"
        " (sum(p.amount) OVER (PARTITION BY p.order_id ORDER BY p.position))::bigint AS upto"
        " FROM part JOIN payments p USING (order_id))"
        " SELECT mode, count(DISTINCT order_id) FILTER (WHERE refund_of = ''), sum(CASE WHEN total = 0 THEN 0"
        " ELSE part * upto / total - part * (upto - amount) / total END)::bigint"
        " FROM running GROUP BY mode ORDER BY 3 DESC, 1"
    )
    return tuple(Total(mode, mode, count, amount) for mode, count, amount in session.execute(text(query), parameters))


def _rows(session: Session, where: str, parameters: Mapping[str, Any]) -> tuple[Row, ...]:
    """Shows by title, their performances by time, then articles by family."""
    query = (
        "SELECT l.kind, CASE l.kind WHEN 'product' THEN coalesce(max(a.family), '')"  # noqa: S608 - our own conditions
        " ELSE coalesce(max(h.title), l.label) END AS show, l.performance_id, max(p.starts_at) AS starts_at, l.label,"
        " min(n.first_number), max(n.last_number), sum(l.quantity)::bigint, l.unit_price, sum(l.total)::bigint,"
        f" sum(l.vat)::bigint, l.vat_rate_bp, s.refund_of <> '' AS refund FROM {SOURCE}"
        f" LEFT JOIN shows h ON h.show_id = {_SHOW}"
        " LEFT JOIN products a ON a.product_id = l.product_id"
        " LEFT JOIN LATERAL (SELECT min(k.key_id) AS key_id, min(ARRAY[k.key_id, k.first_serial]) AS first_number,"
        " max(ARRAY[k.key_id, k.last_serial]) AS last_number FROM tickets k"
        f" WHERE k.order_id = l.order_id AND k.line = l.line) n ON true{where}"
        " GROUP BY l.kind, l.performance_id, l.product_id, l.label, l.unit_price, l.vat_rate_bp, n.key_id, refund"
        " ORDER BY l.kind, show, starts_at, l.performance_id, l.label, l.unit_price DESC, refund, n.key_id"
    )
    return tuple(
        Row(show, performance_id, starts_at, label, ticket_number(first), ticket_number(last), quantity, unit_price,
            total, vat, rate, refund)
        for _kind, show, performance_id, starts_at, label, first, last, quantity, unit_price, total, vat, rate, refund
        in session.execute(text(query), parameters)
    )  # fmt: skip


def _cash_floats(session: Session, chosen: Filter) -> tuple[FloatFigures, ...]:
    found, parameters = conditions(chosen)
    where = f" WHERE {' AND '.join(found)}" if found else ""
    query = (
        "SELECT s.cash_float_id, coalesce(nullif(s.till_number, ''), t.number, ''), coalesce(u.name, ''),"  # noqa: S608
        " s.business_on, s.opening_total, s.expected, s.counted, s.difference FROM cash_floats s"
        " LEFT JOIN tills t ON t.till_id = s.till_id LEFT JOIN users u ON u.user_id = s.cashier_id"
        f"{where} ORDER BY s.business_on, coalesce(s.opened_at, s.closed_at), s.cash_float_id"
    )
    return tuple(FloatFigures(*row) for row in session.execute(text(query), parameters))
