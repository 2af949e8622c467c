import uuid
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ledger
from ledger import Sale, canonical, split_vat


def an_id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


@given(total=st.integers(0, 10_000_000_00), rate_bp=st.integers(0, 10_000))
def test_vat_is_within_half_a_cent_and_nothing_is_lost(total, rate_bp):
    net, vat = split_vat(total, rate_bp)
    assert net + vat == total
    assert abs(Fraction(total * rate_bp, 10_000 + rate_bp) - vat) <= Fraction(1, 2)
    assert net >= 0
    assert vat >= 0


@pytest.mark.parametrize(
    ("total", "rate_bp", "net", "vat"),
    [
        (2400, 550, 2275, 125),
        (2550, 550, 2417, 133),
        (3500, 210, 3428, 72),
        (600, 1000, 545, 55),
        (2990, 550, 2834, 156),
        (450, 2000, 375, 75),
        (3, 2000, 2, 1),
        (9, 2000, 7, 2),
        (0, 550, 0, 0),
    ],
)
def test_prices_follow_the_worked_table(total, rate_bp, net, vat):
    assert split_vat(total, rate_bp) == (net, vat)


def test_there_is_no_vat_below_zero():
    with pytest.raises(ValueError, match="-1"):
        split_vat(-1, 550)


def seating(line: int, quantity: int) -> ledger.Seating:
    """Seats that no other line has."""
    seats = tuple(ledger.Seat(100 * line + i, "Parterre", "", str(i)) for i in range(quantity))
    return ledger.Seating(an_id("plan"), 3, seats)


@st.composite
def sales(draw) -> Sale:
    """Any basket of places and articles, paid by card and cash."""
    lines, tickets = [], []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        place = draw(st.booleans())
        quantity, unit_price = draw(st.integers(1, 9)), draw(st.integers(0, 50_00))
        rate = draw(st.sampled_from([0, 210, 550, 1000, 2000]))
        net, vat = split_vat(quantity * unit_price, rate)
        lines.append(
            ledger.Line(
                line=number,
                kind=ledger.LineKind.ADMISSION if place else ledger.LineKind.PRODUCT,
                performance_id=an_id("performance") if place else None,
                show_id=an_id("show") if place and draw(st.booleans()) else None,
                category_id=an_id("category") if place else None,
                tariff_id=an_id("tariff") if place else None,
                product_id=None if place else an_id("product"),
                option=draw(st.sampled_from([None, "M"])),
                label=draw(st.text("aéœ €'ß", min_size=1, max_size=20)),
                quantity=quantity,
                unit_price=unit_price,
                total=quantity * unit_price,
                vat_rate_bp=rate,
                vat=vat,
                net=net,
                lease_id=an_id("lease") if place else None,
                hold_id=None,
                seating=seating(number, quantity) if place and draw(st.booleans()) else None,
            )
        )
        if place:
            first = len(tickets) + 1
            tickets += [ledger.Ticket(number, 3, serial, f"T{serial}") for serial in range(first, first + quantity)]
    total = sum(line.total for line in lines)
    by_card = draw(st.integers(0, total))
    change = draw(st.integers(0, 20_00))
    payments = [ledger.Payment(ledger.Mode.CARD, by_card, by_card, 0, "TPE 42")] if by_card else []
    if cash := total - by_card:
        payments.append(ledger.Payment(ledger.Mode.CASH, cash, cash + change, change, None))
    if not total:
        payments = [ledger.Payment(ledger.Mode.FREE, 0, 0, 0, None)]
    return Sale(
        order_id=an_id("order"),
        order_number="G1-1",
        channel="till",
        cashier_id=draw(st.sampled_from([None, an_id("cashier")])),
        shift_id=None,
        cash_float_id=None,
        business_on="2026-11-23",
        currency="EUR",
        catalog_version=draw(st.integers(0, 9)),
        lines=tuple(lines),
        tickets=tuple(tickets) if draw(st.booleans()) else (),
        payments=tuple(payments),
        total=total,
        vat=ledger.vat_totals(lines),
    )


@given(sales())
def test_a_sale_that_adds_up_passes_and_comes_back_from_its_body(sale):
    """A1, LAW-1."""
    sale.check()
    assert Sale.from_body(canonical.decode(canonical.encode(sale.to_body()))) == sale


@given(sales(), st.data())
def test_no_amount_can_be_changed_unseen(sale, data):
    """LAW-3: change any stored amount by a cent, and the sale does not add up."""
    body = sale.to_body()
    places = [(body, "total")]
    places += [(line, name) for line in body["lines"] for name in ("quantity", "total", "vat", "net")]
    places += [(payment, name) for payment in body["payments"] for name in ("amount", "tendered", "change")]
    places += [(total, name) for total in body["vat"] for name in ("rate_bp", "net", "vat")]
    row, name = data.draw(st.sampled_from(places))
    if name == "quantity" and row["unit_price"] == 0 and not sale.tickets:
        return  # one free place more or less leaves every amount as it is
    row[name] += data.draw(st.sampled_from([-1, 1]))
    if name == "quantity" and row["unit_price"] == 0 and row["kind"] == "product" and row["quantity"] >= 1:
        return
    with pytest.raises(ledger.BadEntry):
        Sale.from_body(body).check()


def test_the_sample_sale_adds_up(sale):
    sale.check()


def changed_line(sale: Sale, index: int, **changes) -> Sale:
    lines = [*sale.lines]
    lines[index] = replace(lines[index], **changes)
    return replace(sale, lines=tuple(lines))


def changed_payment(sale: Sale, **changes) -> Sale:
    return replace(sale, payments=(replace(sale.payments[0], **changes),))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (lambda sale: replace(sale, lines=()), "lines"),
        (lambda sale: changed_line(sale, 0, line=2), "lines[0].line"),
        (lambda sale: changed_line(sale, 0, total=2401), "lines[0].total"),
        (lambda sale: changed_line(sale, 0, vat=126), "lines[0].vat"),
        (lambda sale: changed_line(sale, 0, net=2276), "lines[0].net"),
        (lambda sale: changed_line(sale, 0, quantity=0), "lines[0].quantity"),
        (lambda sale: changed_line(sale, 0, quantity=1001), "lines[0].quantity"),
        (lambda sale: changed_line(sale, 0, unit_price=-1), "lines[0].unit_price"),
        (lambda sale: changed_line(sale, 0, unit_price=10_000_000_01), "lines[0].unit_price"),
        (lambda sale: changed_line(sale, 0, performance_id=None), "lines[0].performance_id"),
        (lambda sale: changed_line(sale, 0, tariff_id="plein"), "lines[0].tariff_id"),
        (lambda sale: changed_line(sale, 1, product_id=None), "lines[1].product_id"),
        (lambda sale: changed_line(sale, 1, performance_id=an_id("x")), "lines[1].performance_id"),
        (lambda sale: changed_line(sale, 1, label="Affiche\x1bp"), "lines[1].label"),
        (lambda sale: changed_line(sale, 1, label=""), "lines[1].label"),
        (lambda sale: replace(sale, lines=sale.lines * 251), "lines"),
        (lambda sale: replace(sale, total=2851), "total"),
        (lambda sale: replace(sale, vat=sale.vat[:1]), "vat"),
        (lambda sale: replace(sale, vat=sale.vat[::-1]), "vat"),
        (lambda sale: replace(sale, payments=()), "payments"),
        (lambda sale: replace(sale, payments=sale.payments * 2), "payments"),
        (lambda sale: changed_payment(sale, amount=2849), "payments[0].amount"),
        (lambda sale: changed_payment(sale, mode="card"), "payments[0].change"),
        (lambda sale: changed_payment(sale, mode="bitcoin"), "payments[0].mode"),
        (lambda sale: changed_payment(sale, mode="free", change=0, tendered=2850), "payments[0].amount"),
        (lambda sale: replace(sale, tickets=sale.tickets[:1]), "tickets"),
        (lambda sale: replace(sale, tickets=(*sale.tickets, ledger.Ticket(1, 3, 19, "C"))), "tickets"),
        (lambda sale: replace(sale, tickets=(sale.tickets[0], sale.tickets[0])), "tickets[1].serial"),
        (lambda sale: replace(sale, tickets=(sale.tickets[0], ledger.Ticket(1, 3, 18, "AAAA"))), "tickets[1].token"),
        (lambda sale: replace(sale, tickets=(ledger.Ticket(2, 3, 17, "A"),)), "tickets[0].line"),
        (lambda sale: replace(sale, business_on="2026-02-30"), "business_on"),
        (lambda sale: replace(sale, business_on="20261123"), "business_on"),
        (lambda sale: replace(sale, currency="eur"), "currency"),
        (lambda sale: replace(sale, channel="The till"), "channel"),
        (lambda sale: replace(sale, order_id="17"), "order_id"),
        (lambda sale: replace(sale, catalog_version=True), "catalog_version"),
    ],
)
def test_what_does_not_add_up_is_named(sale, change, field):
    with pytest.raises(ledger.BadEntry) as refused:
        change(sale).check()
    assert refused.value.field == field


def large_sale(sale: Sale, token_length: int) -> Sale:
    tickets = tuple(ledger.Ticket(1, 3, serial, f"{serial:0{token_length}d}") for serial in range(1, 801))
    line = replace(sale.lines[0], quantity=800, unit_price=0, total=0, vat=0, net=0)
    return replace(
        sale,
        lines=(line,),
        tickets=tickets,
        payments=(ledger.Payment(ledger.Mode.FREE, 0, 0, 0, None),),
        total=0,
        vat=(ledger.VatTotal(550, 0, 0),),
    )


@pytest.mark.parametrize("token_length", [280, 300])
def test_a_sale_too_large_for_an_entry_is_refused_before_it_is_sealed(sale, token_length):
    with pytest.raises(ledger.BadEntry, match="fit in one entry"):
        large_sale(sale, token_length).check()


def test_the_largest_sale_that_passes_can_be_sealed(sale, till_key):
    large = large_sale(sale, 279)
    large.check()
    till, at = "6f1c9f5e-3a0b-4c57-9d5e-0a1b2c3d4e5f", datetime(2026, 11, 23, tzinfo=UTC)
    entry = ledger.Entry(till, 2**53, at, 2**53, ledger.Kind.SALE, bytes(32), large.to_body())
    sealed = ledger.seal(entry, till_key)
    assert ledger.open_sealed(sealed.bytes, sealed.signature, till_key.public_key()) == entry


def test_missing_and_unknown_fields_are_named(sale):
    body = sale.to_body()
    del body["lines"][0]["label"]
    with pytest.raises(ledger.BadEntry) as refused:
        Sale.from_body(body)
    assert (refused.value.field, refused.value.reason) == ("lines[0].label", "missing")
    body = sale.to_body()
    body["payments"][0]["tip"] = 5
    with pytest.raises(ledger.BadEntry) as refused:
        Sale.from_body(body)
    assert (refused.value.field, refused.value.reason) == ("payments[0].tip", "unknown field")
    for wrong in (None, [], "sale", sale.to_body() | {"lines": {}}, sale.to_body() | {"lines": [1]}):
        with pytest.raises(ledger.BadEntry):
            Sale.from_body(wrong)


def test_a_sale_without_numbered_seats_keeps_the_bytes_that_it_always_had(sale):
    """LAW-3: entries sealed before seats were numbered still verify."""
    assert all("seating" not in line for line in sale.to_body()["lines"])


def seated(sale, *ordinals, line=0):
    seats = tuple(ledger.Seat(ordinal, "Balcon", "A", str(ordinal)) for ordinal in ordinals)
    lines = list(sale.lines)
    lines[line] = replace(lines[line], seating=ledger.Seating(an_id("plan"), 1, seats))
    return replace(sale, lines=tuple(lines), tickets=())


def test_each_place_of_a_numbered_line_has_its_seat_once(sale):
    """G1."""
    seated(sale, 7, 8).check()
    for wrong, field in (
        (seated(sale, 7), "lines[0].seating.seats"),
        (seated(sale, 7, 7), "lines[0].seating.seats"),
        (seated(sale, 7, line=1), "lines[1].seating"),
    ):
        with pytest.raises(ledger.BadEntry) as refused:
            wrong.check()
        assert refused.value.field == field


def test_seats_are_read_strictly(sale):
    body = seated(sale, 7, 8).to_body()
    body["lines"][0]["seating"]["seats"][1]["ordinal"] = 0
    with pytest.raises(ledger.BadEntry, match="ordinal"):
        Sale.from_body(body)
    body["lines"][0]["seating"] = None
    with pytest.raises(ledger.BadEntry, match="seating"):
        Sale.from_body(body)
