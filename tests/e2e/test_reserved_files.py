"""Somebody calls and has places held; the file is found again, prolonged and given back (A6, F4)."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kit.clock import now
from kit.testing import eventually
from suite.audit import services_of
from ticketing.inventory.v1 import inventory_service_pb2 as inventory_pb
from ticketing.orders.v1 import orders_service_pb2 as orders_pb

from .conftest import screenshot
from .test_first_sale import sign_in as sign_in_at_the_till
from .test_programming import sign_in

pytestmark = pytest.mark.e2e


def held(running_suite):
    """Places in holds, over all performances."""
    answer = services_of(running_suite.machine).inventory.GetAvailability(inventory_pb.GetAvailabilityRequest())
    return sum(each.held for each in answer.availabilities)


def reserve(page, running_suite, name, places):
    """A file of tomorrow's visit at 15:00, made in the back office; its number."""
    sign_in(page, running_suite, "camille")
    page.goto(f"{running_suite.url('back office')}/orders/reservations/new")
    page.get_by_role("textbox", name="Jour").fill((now() + timedelta(days=1)).date().isoformat())
    page.get_by_role("button", name="Afficher").click()
    page.get_by_role("row", name=re.compile("15:00")).get_by_role("link", name="Choisir").click()
    page.get_by_role("textbox", name="Nom").fill(name)
    page.get_by_label(re.compile("Plein tarif")).first.fill(str(places))
    page.get_by_role("button", name="Garder les places").click()
    return page.get_by_role("heading", name=re.compile(r"Dossier R-\d{6}")).inner_text().split()[-1]


def test_a_reserved_file_is_found_and_paid_at_the_till_though_the_network_goes_in_between(page, running_suite):
    """A6, D2: state, lines and money due; claimed with the network, paid without it, and one order in the end."""
    number = reserve(page, running_suite, "Théodore Noël", 2)
    before = held(running_suite)
    tickets = running_suite.paper_ids("ticket")
    sign_in_at_the_till(page, running_suite)
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Dossiers réservés").click()
    page.get_by_role("searchbox").fill("theodore")
    take = page.get_by_role("button", name=re.compile("Encaisser 24,00"))
    expect(take).to_be_visible()
    screenshot(page, "till-reserved")
    take.click()
    expect(page.get_by_text(f"{number} · Théodore Noël")).to_be_visible()
    screenshot(page, "till-reserved-basket")
    with running_suite.paused("orders"), running_suite.paused("cashdesk"):
        page.locator("[data-mode=card]:visible").click()
        page.locator("[data-confirm]:visible").click()
        expect(page.locator("[data-order]:visible")).to_be_visible()
        eventually(lambda: len(running_suite.paper_ids("ticket") - tickets) == 2, seconds=30)
    orders = services_of(running_suite.machine).orders

    def file():
        asked = orders_pb.SearchReservationsRequest(text=number)
        return orders.SearchReservations(asked).reservations[0]

    eventually(lambda: file().state == orders_pb.RESERVATION_STATE_COMPLETED, seconds=60)
    assert file().due == 0
    eventually(lambda: held(running_suite) == before - 2, seconds=30)
    assert running_suite.audit() == []
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Dossiers réservés").click()
    page.get_by_role("searchbox").fill(number)
    expect(page.get_by_text("payé", exact=True)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    screenshot(page, "till-reserved-narrow")


def test_a_file_is_reserved_found_prolonged_and_cancelled(page, running_suite):
    sign_in(page, running_suite, "camille")
    before = held(running_suite)
    page.goto(f"{running_suite.url('back office')}/orders/reservations")
    screenshot(page, "reservations-empty")
    page.get_by_role("link", name="Réserver").click()
    page.get_by_role("textbox", name="Jour").fill((now() + timedelta(days=1)).date().isoformat())
    page.get_by_role("button", name="Afficher").click()
    screenshot(page, "reservation-choose")
    page.get_by_role("row", name=re.compile("15:00")).get_by_role("link", name="Choisir").click()
    page.get_by_role("button", name="Garder les places").click()
    page.get_by_role("textbox", name="Nom").fill("Zoé Lefèvre")
    page.get_by_role("button", name="Garder les places").click()
    expect(page.get_by_text("Dites combien de places.")).to_be_visible()
    page.get_by_label(re.compile("Plein tarif")).first.fill("3")
    page.get_by_label("Téléphone").fill("06 12 34 56 78")
    screenshot(page, "reservation-new")
    page.get_by_role("button", name="Garder les places").click()
    heading = page.get_by_role("heading", name=re.compile(r"Dossier R-\d{6}"))
    expect(heading).to_be_visible()
    number = heading.inner_text().split()[-1]
    assert held(running_suite) == before + 3
    screenshot(page, "reservation")

    page.goto(f"{running_suite.url('back office')}/orders/reservations?text=lefevre")
    expect(page.get_by_role("link", name=number)).to_be_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    screenshot(page, "reservations-narrow")
    page.get_by_role("link", name=number).click()
    screenshot(page, "reservation-narrow")
    page.get_by_label("Gardé jusqu’au").fill("2020-01-01T10:00")
    page.get_by_role("button", name="Changer la date").click()
    expect(page.get_by_text("Dans l’avenir, un an au plus.")).to_be_visible()
    page.get_by_label("Pourquoi il est annulé").fill("Ne vient plus")
    page.get_by_role("button", name="Annuler le dossier").click()
    page.get_by_role("dialog").get_by_role("button").last.click()
    expect(page.get_by_text("Annulé : Ne vient plus")).to_be_visible()
    assert held(running_suite) == before
