"""The shipped templates as PDF and raster: readable, complete, repeatable."""

from __future__ import annotations

import base64
import io
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reportlab.pdfbase.ttfonts import TTFontFile

import render
from render import to_pdf, to_raster

SEAT_FIELDS = ("seat", "zone", "row", "seat_number")


def text_of(document: bytes) -> list[str]:
    """The words of each page, spaces made equal."""
    with pypdfium2.PdfDocument(document) as opened:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in opened]


@pytest.mark.parametrize("code", ["ticket_80mm", "eticket_a4"])
def test_a_ticket_bears_what_the_law_wants_to_read(code: str, ticket_data: dict[str, Any]) -> None:
    """LAW-11."""
    (words,) = text_of(render.pdf(render.shipped(code), ticket_data))
    for mention in ("Théâtre des Halles", "L-R-21-004512", "Salle du Chapitre", "samedi 28 novembre 2026", "20h30",
                    "Orchestre", "Plein tarif", "28,50 €", "Zone", "Parterre", "Rang", "Place", "T0003-0001042",
                    "Guichet 2", "23/11/2026 17:04", "K7F2-9QXM", "K7F-184"):  # fmt: skip
        assert mention in words, mention
    assert "Les Fourberies" in words


@pytest.mark.parametrize("code", ["ticket_80mm", "eticket_a4"])
def test_a_ticket_without_a_number_says_nothing_of_seats(code: str, ticket_data: dict[str, Any]) -> None:
    unplaced = {name: value for name, value in ticket_data.items() if name not in SEAT_FIELDS}
    (words,) = text_of(render.pdf(render.shipped(code), unplaced))
    assert {"Zone", "Rang", "Place"}.isdisjoint(words.split())


@pytest.mark.parametrize("code", ["ticket_80mm", "eticket_a4"])
def test_a_seat_that_stands_in_no_row_has_none_on_its_ticket(code: str, ticket_data: dict[str, Any]) -> None:
    """Boxes: a zone and a number."""
    box = ticket_data | {"seat": "Loge 4 · 3", "zone": "Loge 4", "row": "", "seat_number": "3"}
    (words,) = text_of(render.pdf(render.shipped(code), box))
    assert "Loge 4" in words
    assert "Place" in words.split()
    assert "Rang" not in words.split()


@pytest.mark.parametrize("code", ["ticket_80mm", "eticket_a4"])
def test_a_free_ticket_bears_the_word(code: str, ticket_data: dict[str, Any]) -> None:
    """LAW-11: the total price paid, or the word for free."""
    (words,) = text_of(render.pdf(render.shipped(code), ticket_data | {"price": "free"}))
    assert "Gratuit" in words
    assert "€" not in words


def test_a_receipt_bears_its_lines_payments_and_vat(receipt_data: dict[str, Any]) -> None:
    """LAW-26: cash tendered and returned are kept and shown."""
    (words,) = text_of(render.pdf(render.shipped("receipt_80mm"), receipt_data))
    for mention in ("Musée de la Batellerie", "SIRET 732 829 320 00074", "2 × 12,50 € TVA 5,5 %", "25,00 €", "Tasse",
                    "TOTAL", "39,90 €", "Espèces", "Reçu", "50,00 €", "Rendu", "10,10 €", "23,70 €", "2,48 €",
                    "n° 1042 · 9f3ab1c2"):  # fmt: skip
        assert mention in words, mention


def test_a_payment_without_cash_says_nothing_of_change(receipt_data: dict[str, Any]) -> None:
    paid = receipt_data | {"payments": [{"mode": "Carte", "amount": 3990}]}
    (words,) = text_of(render.pdf(render.shipped("receipt_80mm"), paid))
    assert "Carte" in words
    assert "Reçu" not in words
    assert "Rendu" not in words


def test_a_refund_slip_names_the_sale_the_dead_tickets_and_what_is_given_back(refund_data: dict[str, Any]) -> None:
    """A7."""
    (words,) = text_of(render.pdf(render.shipped("refund_80mm"), refund_data))
    for mention in ("REMBOURSEMENT", "K7F-190", "K7F-184", "K007-000012-Q", "-12,50 €", "-0,65 €", "Espèces",
                    "Erreur de saisie", "Une place de trop", "Jeanne R.", "24/11/2026"):  # fmt: skip
        assert mention in words, mention


def test_a_cash_slip_says_what_was_counted_the_difference_and_who_signs(cash_slip_data: dict[str, Any]) -> None:
    """E2 to E5."""
    (words,) = text_of(render.pdf(render.shipped("cash_slip_80mm"), cash_slip_data))
    for mention in ("CLÔTURE DE CAISSE", "K7F-F000012", "SAC-00421", "Jeanne R.", "Remise en banque", "150,00 €",
                    "ÉCART", "-5,00 €", "Carte", "25,00 €", "Un billet de 5 rendu en trop", "Responsable"):  # fmt: skip
        assert mention in words, mention


@pytest.mark.parametrize("code", render.SHIPPED)
def test_a_reprint_is_marked_and_the_original_is_not(
    code: str, ticket_data: dict[str, Any], receipt_data: dict[str, Any], refund_data: dict[str, Any],
    cash_slip_data: dict[str, Any],
) -> None:  # fmt: skip
    template = render.shipped(code)
    own = {"receipt": receipt_data, "refund": refund_data, "cash_slip": cash_slip_data}
    data = own.get(template.kind, ticket_data)
    (original,) = text_of(render.pdf(template, data))
    (copy,) = text_of(render.pdf(template, data | {"duplicate": "duplicata 1"}))
    assert "DUPLICATA" not in original
    assert "DUPLICATA 1" in copy


def test_white_words_on_a_filled_box_show_on_paper(one_text: Any) -> None:
    template = one_text(ink="white", w=80, fit="shrink").to_json()
    template["elements"].insert(0, {"type": "box", "x": 5, "y": 9, "w": 90, "h": 10, "filled": True})
    filled = (~np.array(render.raster(render.load(template), {}))).sum()
    written = (~np.array(render.raster(render.load(template), {"show": "DUPLICATA"}))).sum()
    assert written < filled


def test_the_same_data_always_gives_the_same_bytes_even_from_many_threads(ticket_data: dict[str, Any]) -> None:
    """A reprint is identical (peripherals 1.3)."""
    template = render.shipped("ticket_80mm")
    expected = render.pdf(template, ticket_data), render.escpos(template, ticket_data)
    with ThreadPoolExecutor(8) as pool:
        pdfs = list(pool.map(lambda _: render.pdf(template, ticket_data), range(20)))
        jobs = list(pool.map(lambda _: render.escpos(template, ticket_data), range(20)))
    assert set(pdfs) == {expected[0]}
    assert set(jobs) == {expected[1]}


def test_pdfium_is_never_entered_by_two_threads(ticket_data: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not thread-safe: without the lock, many threads crash the process sooner or later."""
    inside = to_raster._by_pdfium
    held: list[bool] = []

    def watched(*arguments: Any) -> Image.Image:
        held.append(to_raster._pdfium.locked())
        return inside(*arguments)

    monkeypatch.setattr(to_raster, "_by_pdfium", watched)
    render.raster(render.shipped("ticket_80mm"), ticket_data)
    render.png(render.shipped("ticket_80mm"), ticket_data)
    assert held == [True, True]


def test_a_font_is_never_cut_by_two_threads(ticket_data: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its read position is one for all: without the lock, tickets printed at once bear each other's letters."""
    inside = TTFontFile.makeSubset
    held: list[bool] = []

    def watched(*arguments: Any) -> bytes:
        held.append(to_pdf._cutting.locked())
        return inside(*arguments)

    monkeypatch.setattr(TTFontFile, "makeSubset", watched)
    render.pdf(render.shipped("ticket_80mm"), ticket_data)
    assert held
    assert all(held)


def test_a_batch_is_one_document_with_a_page_for_each_ticket(ticket_data: dict[str, Any]) -> None:
    numbers = [f"T0003-{n:07d}" for n in range(20)]
    batch = render.pages(render.shipped("eticket_a4"), [ticket_data | {"ticket_number": n} for n in numbers])
    words = text_of(batch)
    assert len(words) == 20
    assert all(number in page for number, page in zip(numbers, words, strict=True))
    assert len(batch) < 20 * len(render.pdf(render.shipped("eticket_a4"), ticket_data)) / 4


def test_an_empty_batch_is_refused() -> None:
    with pytest.raises(ValueError, match="no page to draw"):
        render.pages(render.shipped("eticket_a4"), [])


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_raster_has_the_size_of_the_page_and_two_colours(dpi: int, ticket_data: dict[str, Any]) -> None:
    page = render.raster(render.shipped("eticket_a4"), ticket_data, dpi)
    assert page.mode == "1"
    assert page.size == (round(210 * dpi / 25.4), round(297 * dpi / 25.4))


def test_a_preview_is_a_png_of_the_page(ticket_data: dict[str, Any]) -> None:
    preview = Image.open(io.BytesIO(render.png(render.shipped("eticket_a4"), ticket_data)))
    assert preview.format == "PNG"
    assert preview.size == (round(210 * 110 / 25.4), round(297 * 110 / 25.4))


def test_words_are_printed_where_the_template_puts_them(one_text: Any) -> None:
    """P8: within half a millimetre."""
    dots = np.argwhere(~np.array(render.raster(one_text(font="sans-bold"), {"show": "HHH"}, 300)))
    top, left = dots.min(axis=0) * 25.4 / 300
    bottom = (dots.max(axis=0)[0] + 1) * 25.4 / 300
    size = 12 * 25.4 / 72
    assert left == pytest.approx(10, abs=0.5)
    assert bottom == pytest.approx(10 + 0.93 * size, abs=0.2)
    assert top == pytest.approx(10 + (0.93 - 0.73) * size, abs=0.2)


def test_a_picture_is_dithered_in_its_box(one_text: Any) -> None:
    """Peripherals 9: photographs are dithered, and a grey one is neither black nor white."""
    out = io.BytesIO()
    Image.new("L", (40, 20), 128).save(out, "PNG")
    picture = {"type": "image", "x": 20, "y": 40, "w": 40, "h": 15, "png": base64.b64encode(out.getvalue()).decode()}
    template = one_text().to_json()
    template["elements"].append(picture)
    dots = ~np.array(render.raster(render.load(template), {}))
    found = np.argwhere(dots)
    assert 0.4 < dots[dots.any(axis=1)][:, dots.any(axis=0)].mean() < 0.6
    assert found.min(axis=0) * 25.4 / 203 == pytest.approx([40, 25], abs=0.5)  # 30 by 15 mm, centred in 40 by 15
    assert render.pdf(render.load(template), {}).startswith(b"%PDF")


def test_english_templates_speak_english(one_text: Any, ticket_data: dict[str, Any]) -> None:
    template = one_text(
        w=85, content="{price} {performance_starts_at|date_long} {performance_starts_at|time}"
    ).to_json()
    (words,) = text_of(render.pdf(render.load(template | {"language": "en"}), ticket_data))
    assert words == "€28.50 Saturday 28 November 2026 20:30"


def test_signs_that_the_fonts_lack_do_not_stop_a_ticket(one_text: Any) -> None:
    assert render.raster(one_text(fit="shrink"), {"show": "演劇 🎭 مسرح"}).mode == "1"
