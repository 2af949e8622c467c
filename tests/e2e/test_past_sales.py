"""A cashier finds a past sale and prints a lost ticket again; the older paper opens nothing (A5, A8)."""

import io
import re

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from kit.testing import eventually
from suite.audit import services_of
from ticketing.orders.v1 import orders_service_pb2 as orders_pb

from .conftest import keep, screenshot
from .test_first_sale import count_clicks, sell, sign_in

pytestmark = pytest.mark.e2e


def barcode(image):
    (code,) = [found.text for found in zxingcpp.read_barcodes(image) if len(found.text) == 154]
    return code


def test_a_lost_ticket_is_found_and_printed_again_and_its_older_paper_opens_nothing(page, running_suite):
    def next_paper(before):
        paper = eventually(
            lambda: next((p for p in running_suite.papers("ticket") if p["id"] not in before), None), seconds=30
        )
        return Image.open(io.BytesIO(running_suite.paper(paper)))

    before = running_suite.paper_ids("ticket")
    sign_in(page, running_suite)
    count_clicks(page)
    number = sell(page, "Musée", "Tarif réduit")
    older = barcode(next_paper(before))
    sell(page, "Carte postale")
    page.get_by_role("navigation", name="Menu").get_by_role("button", name="Ventes").click()
    expect(page.get_by_text(number)).to_be_visible()
    screenshot(page, "sales")
    box = page.get_by_role("searchbox")
    box.fill("rien de tel")
    expect(page.get_by_text("Aucune vente trouvée")).to_be_visible()
    screenshot(page, "sales-none")
    box.fill("9,00 musée")
    expect(page.get_by_role("button", name=re.compile(number))).to_be_visible()
    box.fill(older)  # as a scanner types it
    found = page.get_by_role("button", name=re.compile(number))
    expect(found).to_be_visible()
    expect(page.get_by_role("dialog").get_by_role("listitem")).to_have_count(1)
    found.click()
    expect(page.get_by_role("heading", name=number)).to_be_visible()
    screenshot(page, "sale")
    page.get_by_role("button", name="Réimprimer des billets").click()
    page.get_by_text("Perdu", exact=True).click()
    screenshot(page, "sale-again")
    before = running_suite.paper_ids("ticket")
    page.get_by_role("button", name="Réimprimer (1)").click()
    image = next_paper(before)
    keep(image, "ticket-duplicata")
    newer = barcode(image)
    assert newer != older
    expect(page.get_by_text("DUPLICATA 1").first).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    screenshot(page, "sale-narrow")
    page.get_by_role("button", name="Toutes les ventes").click()
    screenshot(page, "sales-narrow")

    orders = services_of(running_suite.machine).orders

    def look_up(code):
        return orders.LookUpTicket(orders_pb.LookUpTicketRequest(code=code))

    eventually(lambda: look_up(older).superseded, seconds=30)
    assert look_up(newer).signature_valid
    assert not look_up(newer).superseded
    assert running_suite.audit() == []
