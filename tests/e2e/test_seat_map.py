"""The seat map in a browser, fed over loopback as a live gateway will: chosen by keys, followed live (G2, G3, G7)."""

import pytest
from playwright.sync_api import Page, expect

from kit.testing import eventually
from seating.generate import theatre
from seating.states import SeatState

from .seat_map_house import House

pytestmark = pytest.mark.e2e

LISTEN = """() => { window.picked = null
  const map = document.querySelector('tk-seat-map')
  map.addEventListener('tk-seats-picked', (event) => { window.picked = event.detail.ordinals }) }"""
PICKED = "document.querySelector('tk-seat-map').picked"


@pytest.fixture
def house():
    house = House(theatre())
    yield house
    house.close()


@pytest.fixture
def seat_map(page: Page, house: House) -> Page:
    page.goto(house.page())
    expect(page.get_by_role("application")).to_be_visible()
    eventually(lambda: house.listeners() == 1)
    page.evaluate(LISTEN)
    return page


def test_a_seat_is_chosen_with_keys_alone_and_the_page_is_told(seat_map):
    seat_map.get_by_role("application").focus()
    seat_map.keyboard.press("ArrowRight")
    seat_map.keyboard.press("Enter")
    eventually(lambda: seat_map.evaluate("window.picked?.length") == 1)
    assert seat_map.evaluate("window.picked") == seat_map.evaluate(PICKED)


def test_a_chosen_seat_that_somebody_else_takes_is_no_longer_chosen(seat_map, house):
    """G7: the change comes by itself."""
    seat_map.evaluate("document.querySelector('tk-seat-map').pick([10, 11])")
    assert seat_map.evaluate(PICKED) == [10, 11]
    house.change({10: SeatState.SOLD})
    eventually(lambda: seat_map.evaluate(PICKED) == [11])


def test_a_browser_that_missed_changes_loads_the_seats_again(seat_map, house):
    seat_map.evaluate("document.querySelector('tk-seat-map').pick([20])")
    snapshots = house.snapshots
    house.change({20: SeatState.HELD}, untold=3)
    eventually(lambda: house.snapshots > snapshots)
    eventually(lambda: seat_map.evaluate(PICKED) == [])


def test_a_line_that_was_cut_is_said_and_comes_back(seat_map, house):
    house.hang_up()
    eventually(lambda: house.listeners() == 0)
    house.change({30: SeatState.SOLD}, tell=False)
    house.reachable = True
    eventually(lambda: house.listeners() == 1, seconds=30)
    expect(seat_map.get_by_text("En direct")).to_be_visible(timeout=15_000)


def test_on_a_telephone_in_english_nothing_is_cut_off_and_every_control_can_be_touched(seat_map, house):
    seat_map.set_viewport_size({"width": 390, "height": 844})
    seat_map.goto(house.page(lang="en"))
    expect(seat_map.get_by_role("button", name="Legend")).to_be_visible()
    assert seat_map.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    boxes = [button.bounding_box() for button in seat_map.get_by_role("button").all() if button.is_visible()]
    assert boxes
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)
