"""The seat map as its users meet it: fingers, keys, the list, and a house that changes meanwhile (G2, G3, G7)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from kit.testing import eventually
from seating import generate
from seating.states import SeatState, pack

from .conftest import screenshot
from .seat_map_house import House

pytestmark = pytest.mark.e2e

PRICES = {"1": 6800, "2": 4900, "3": 3200, "4": 1800}
SOLD = int(SeatState.SOLD)


@pytest.fixture
def theatre() -> Iterator[House]:
    house = House(generate.theatre())
    yield house
    house.close()


@pytest.fixture(scope="module")
def stadium() -> Iterator[House]:
    house = House(generate.stadium(), sold=0.5)
    yield house
    house.close()


def screen(browser: Browser, width: int, height: int, **more) -> BrowserContext:
    """A touch screen of somebody who wants no motion, so that every zoom is there at once."""
    return browser.new_context(
        viewport={"width": width, "height": height}, has_touch=True, reduced_motion="reduce", **more
    )


@pytest.fixture
def counter(browser: Browser) -> Iterator[Page]:
    context = screen(browser, 1280, 800)
    yield context.new_page()
    context.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    context = screen(browser, 390, 844, is_mobile=True, device_scale_factor=2)
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def complaints(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever the browser complains of fails the test."""
    heard: list[str] = []
    for name in {"counter", "phone"} & set(request.fixturenames):
        page: Page = request.getfixturevalue(name)
        page.on("pageerror", lambda error: heard.append(str(error)))
        page.on("console", lambda message: message.type in ("error", "warning") and heard.append(message.text))
    yield
    assert [words for words in heard if "Failed to load resource" not in words and "ERR_" not in words] == []


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("tk-seat-map .live:not(.off)")).to_be_visible()
    page.evaluate("""prices => {
      document.querySelector('tk-seat-map').prices = prices
      document.addEventListener('tk-seats-picked', (event) => { window.told = event.detail.ordinals })
    }""", PRICES)  # fmt: skip


def on_map(page: Page, script: str, argument: object = None):
    """Ask the element, as a page's own script would."""
    return page.evaluate(
        f"argument => {{ const map = document.querySelector('tk-seat-map'); return {script} }}", argument
    )


def picked(page: Page) -> list[int]:
    return on_map(page, "map.picked")


def spot(page: Page, ordinal: int) -> tuple[float, float]:
    at = on_map(page, "map.spot(argument)", ordinal)
    return at["x"], at["y"]


def tap(page: Page, ordinal: int) -> None:
    page.touchscreen.tap(*spot(page, ordinal))


def come_near(page: Page, ordinal: int) -> None:
    """Seats too small for a finger come nearer at the first touch."""
    tap(page, ordinal)
    assert picked(page) == []


def said(page: Page) -> Locator:
    return page.locator("tk-seat-map [aria-atomic=true]")


def plan(page: Page) -> Locator:
    return page.get_by_role("application")


def counted(page: Page, state: str) -> Locator:
    """The legend's line that counts the seats of a state or category."""
    return page.get_by_role("button", name=f"Montrer seulement : {state}").locator(".number")


def colour_at(page: Page, ordinal: int) -> list[int]:
    """What the plan shows in the middle of a seat: red, green, blue."""
    return on_map(page, """(() => {
      const canvas = map.shadowRoot.querySelector('canvas')
      const [box, spot] = [canvas.getBoundingClientRect(), map.spot(argument)]
      const scale = canvas.width / box.width
      const at = [Math.round((spot.x - box.left) * scale), Math.round((spot.y - box.top) * scale)]
      return [...canvas.getContext('2d').getImageData(...at, 1, 1).data].slice(0, 3)
    })()""", ordinal)  # fmt: skip


def pixels(page: Page) -> str:
    """The seats' canvas as one text, after the frame that is due."""
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return on_map(page, "map.shadowRoot.querySelector('canvas').toDataURL()")


# -- choosing


def test_a_finger_comes_near_and_then_picks(phone, theatre):
    """G2: on a phone the first touch brings the seats near, the next one means the seat."""
    opened(phone, theatre.page())
    seat = theatre.ordinal("Parterre", "F", "5")
    come_near(phone, seat)
    tap(phone, seat + 1)  # within the time of a double tap, elsewhere on the screen
    expect(phone.get_by_role("button", name="Retirer Parterre, rang F, place 3")).to_be_visible()
    expect(said(phone)).to_contain_text("Parterre, rang F, place 3, choisie. 1 place.")
    assert phone.evaluate("window.told") == [seat + 1]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    screenshot(phone, "seat-map-picked-390")
    tap(phone, seat + 1)
    assert picked(phone) == []


def test_two_fingers_zoom_and_one_moves(phone, theatre):
    opened(phone, theatre.page())
    seat = theatre.ordinal("Parterre", "F", "5")
    box = plan(phone).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    devtools = phone.context.new_cdp_session(phone)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": at[0], "y": at[1], "id": number} for number, at in enumerate(points)]
        devtools.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    def apart() -> float:
        return abs(spot(phone, seat)[0] - spot(phone, seat + 1)[0])

    before = apart()
    touch("touchStart", (x - 30, y), (x + 30, y))
    for reach in (50, 80, 120):
        touch("touchMove", (x - reach, y), (x + reach, y))
    touch("touchEnd")
    assert apart() == pytest.approx(before * 4, rel=0.1)
    was = spot(phone, seat)
    touch("touchStart", (x, y))
    for step in range(1, 6):
        touch("touchMove", (x - 12 * step, y + 6 * step))
    touch("touchEnd")
    now = spot(phone, seat)
    assert (now[0] - was[0], now[1] - was[1]) == pytest.approx((-60, 30), abs=14)
    assert picked(phone) == []


def test_neighbours_come_along_and_who_is_left_alone_is_told(counter, theatre):
    """Domain 6.2, 6.3."""
    for label in ("9", "11", "13", "15", "17"):
        theatre.change({theatre.ordinal("Parterre", "C", label): SOLD})
    opened(counter, theatre.page())
    come_near(counter, theatre.ordinal("Parterre", "C", "5"))
    counter.get_by_role("button", name="Plus de places ensemble").click()
    tap(counter, theatre.ordinal("Parterre", "C", "5"))
    expect(said(counter)).to_contain_text("2 places choisies ensemble")
    assert sorted(picked(counter)) in (
        [theatre.ordinal("Parterre", "C", label) for label in pair] for pair in (("5", "3"), ("7", "5"))
    )
    expect(counter.get_by_text("laisse une place isolée")).to_have_count(0)
    on_map(counter, "map.clear()")
    counter.get_by_role("button", name="Moins de places ensemble").click()
    tap(counter, theatre.ordinal("Parterre", "C", "3"))
    expect(counter.locator(".message")).to_have_text("Attention : ce choix laisse une place isolée (C 1).")
    screenshot(counter, "seat-map-orphan-1280")


def test_a_limit_is_kept(counter, theatre):
    opened(counter, theatre.page(limit="2"))
    come_near(counter, 3)
    for seat in (3, 5, 8):
        tap(counter, seat)
    expect(counter.locator(".message")).to_have_text("Le maximum est de 2 places.")
    assert picked(counter) == [3, 5]


def test_a_channel_sells_from_its_contingents_only(counter, theatre):
    """G6: what is set apart for others is told, and cannot be chosen."""
    seat = theatre.ordinal("Parterre", "F", "5")
    theatre.change({seat: pack(0, 2)})
    opened(counter, theatre.page())
    on_map(counter, "void Object.assign(map, {contingents: {2: 'Mécènes'}, sell: [0]})")
    come_near(counter, seat)
    tap(counter, seat)
    expect(said(counter)).to_have_text(
        "Parterre, rang F, place 5, catégorie 1, libre, Mécènes : ne peut pas être choisie."
    )
    on_map(counter, "void Object.assign(map, {sell: [0, 2]})")
    tap(counter, seat)
    assert picked(counter) == [seat]


def test_an_editor_draws_a_frame_around_seats(counter, theatre):
    """K3, G6: every seat can be meant, whatever its state."""
    theatre.change({theatre.ordinal("Parterre", "F", "5"): SOLD})
    opened(counter, theatre.page(mode="edit"))
    counter.get_by_role("button", name="Choisir une zone").click()
    (left, top), (right, bottom) = (
        spot(counter, theatre.ordinal("Parterre", row, label)) for row, label in (("F", "7"), ("G", "1"))
    )
    counter.mouse.move(left - 3, top - 3)
    counter.mouse.down()
    counter.mouse.move(right, bottom, steps=4)
    counter.mouse.move(right + 3, bottom + 3)
    counter.mouse.up()
    inner = {theatre.ordinal("Parterre", row, label) for row, label in (("F", "7"), ("F", "5"), ("F", "1"), ("G", "1"))}
    assert inner <= set(picked(counter))
    assert len(picked(counter)) < 14


def test_a_plan_without_states_is_only_looked_at(counter, theatre):
    """K3: a plan version in the back office."""
    counter.goto(theatre.page(states="none", mode="view"))
    expect(counted(counter, "Catégorie 1")).to_have_text("266")
    come_near(counter, 1)
    tap(counter, 1)
    assert picked(counter) == []
    expect(counter.get_by_text("Touchez une place libre")).to_have_count(0)


def test_a_plan_that_was_pushed_looks_as_if_drawn_anew(counter, stadium):
    """What is shifted and what came into sight fit together to the pixel."""
    opened(counter, stadium.page())
    counter.get_by_role("button", name="Agrandir").click(click_count=3)
    box = plan(counter).bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    counter.mouse.move(x, y)
    counter.mouse.down()
    for dx, dy in ((-140, 60), (-25, -80), (40, -35), (40, 0), (95, 41)):
        counter.mouse.move(x + dx, y + dy)
        counter.evaluate("new Promise(requestAnimationFrame)")
    counter.mouse.up()
    pushed = pixels(counter)
    only = counter.get_by_role("button", name="Montrer seulement : Catégorie 1")
    only.click()
    assert pixels(counter) != pushed
    only.click()
    assert pixels(counter) == pushed


# -- without a pointer, without eyes


def test_keys_walk_the_house_and_pick(counter, theatre):
    """The plan works without a pointer, and says where one is."""
    opened(counter, theatre.page())
    plan(counter).focus()
    plan(counter).press("PageDown")
    plan(counter).press("ArrowRight")
    zones = {zone.name for zone in theatre.plan.zones}
    assert said(counter).inner_text().split(", ")[0] in zones
    for _ in zones:
        if not said(counter).inner_text().startswith("Parterre"):
            plan(counter).press("PageUp")
    for key in ("Home", "End", "ArrowLeft", "ArrowDown"):
        plan(counter).press(key)
    expect(said(counter)).to_contain_text("Parterre, rang B, place ")
    expect(said(counter)).to_contain_text(", catégorie 1, libre")
    plan(counter).press("Enter")
    expect(said(counter)).to_contain_text("choisie. 1 place.")
    [seat] = picked(counter)
    plan(counter).press("ArrowLeft")
    plan(counter).press(" ")
    assert picked(counter) == [seat, seat - 1]
    near = spot(counter, seat)[0] - spot(counter, seat - 1)[0]
    plan(counter).press("0")
    assert spot(counter, seat)[0] - spot(counter, seat - 1)[0] < near
    plan(counter).press("+")
    screenshot(counter, "seat-map-keys-1280")


def test_the_list_says_and_does_the_same(phone, theatre):
    """The plan in words: zone, row, seat; by category; several together."""
    sold = theatre.ordinal("Parterre", "C", "4")
    theatre.change({sold: SOLD})
    opened(phone, theatre.page())
    phone.get_by_role("button", name="Liste", exact=True).click()
    listed = phone.get_by_role("complementary", name="Liste")
    listed.get_by_role("button", name="Parterre").click()
    listed.get_by_role("button", name="Rang C").click()
    taken = listed.get_by_role("button", name="Parterre, rang C, place 4, catégorie 1, vendue")
    expect(taken).to_have_attribute("aria-disabled", "true")
    taken.dispatch_event("click")
    assert picked(phone) == []
    listed.get_by_role("button", name="Parterre, rang C, place 6, catégorie 1, libre").click()
    assert picked(phone) == [theatre.ordinal("Parterre", "C", "6")]
    screenshot(phone, "seat-map-list-390")
    listed.get_by_label("Ensemble").select_option("3")
    offer = listed.get_by_role("button", name="Places 5 à 1")
    offer.click()
    assert picked(phone)[1:] == [theatre.ordinal("Parterre", "C", label) for label in ("5", "3", "1")]
    expect(offer).to_have_count(0)
    listed.get_by_label("Catégorie").select_option(label="Catégorie 4")
    expect(listed.get_by_role("button", name="Parterre")).to_contain_text("0 libres")


def test_the_page_holds_only_what_is_open(counter, stadium):
    """60,000 seats are pixels, never nodes."""
    opened(counter, stadium.page())
    counter.get_by_role("button", name="Liste", exact=True).click()
    counter.get_by_role("button", name=re.compile(r"^Bas 1 \d")).click()
    counter.get_by_role("button", name=re.compile(r"^Rang 3 \d")).click()
    assert on_map(counter, "map.shadowRoot.querySelectorAll('*').length") < 1200


def test_names_sizes_and_order_of_the_controls(counter, theatre):
    """Every control has a name and room for a finger; the order is the one in which the eye meets them."""
    opened(counter, theatre.page())
    on_map(counter, "map.pick([1, 2])")
    controls = on_map(counter, """[...map.shadowRoot.querySelectorAll('button, select')].map((one) => ({
      name: one.ariaLabel ?? one.textContent.trim(),
      width: one.getBoundingClientRect().width, height: one.getBoundingClientRect().height,
    }))""")  # fmt: skip
    assert [control for control in controls if not control["name"]] == []
    assert [control for control in controls if control["width"] < 44 or control["height"] < 44] == []
    order = []
    for _ in range(len(controls) + 1):
        counter.keyboard.press("Tab")
        order.append(on_map(counter, """(() => {
          const at = map.shadowRoot.activeElement
          return at && (at.ariaLabel ?? at.textContent.trim())
        })()"""))  # fmt: skip
    wanted = [
        "Plus de places ensemble", "Légende", "Liste", theatre.plan.name, "Agrandir", "Fermer",
        "Retirer Parterre, rang A, place 17", "Tout retirer",
    ]  # fmt: skip
    assert [name for name in order if name in wanted] == wanted
    expect(plan(counter)).to_have_accessible_name(theatre.plan.name)


def test_the_map_speaks_english(counter, theatre):
    opened(counter, theatre.page(lang="en"))
    counter.get_by_role("button", name="List", exact=True).click()
    counter.get_by_role("button", name="Parterre").click()
    counter.get_by_role("button", name="Row C").click()
    counter.get_by_role("button", name="Parterre, row C, seat 6, catégorie 1, free").click()
    expect(counter.locator(".choice")).to_contain_text("€68.00")
    screenshot(counter, "seat-map-list-english-1280")


def test_on_a_telephone_in_english_nothing_is_cut_off(phone, theatre):
    opened(phone, theatre.page(lang="en"))
    expect(phone.get_by_role("button", name="Legend")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    boxes = [button.bounding_box() for button in phone.get_by_role("button").all() if button.is_visible()]
    assert boxes
    assert all(box and box["width"] >= 44 and box["height"] >= 44 and box["x"] + box["width"] <= 390 for box in boxes)


# -- live


def test_a_seat_sold_elsewhere_changes_before_ones_eyes(counter, theatre):
    """G3, G7: a delta recolours the seat, moves the counters and takes it out of the choice."""
    opened(counter, theatre.page())
    seat = theatre.ordinal("Parterre", "F", "5")
    on_map(counter, "map.pick(argument)", [seat, seat + 1])
    expect(counted(counter, "Libres")).to_have_text("761")
    before = colour_at(counter, seat)
    theatre.change({seat: SOLD})
    expect(counted(counter, "Libres")).to_have_text("760")
    expect(counter.locator(".message")).to_have_text("Vient d’être prise : F 5.")
    assert colour_at(counter, seat) != before
    assert picked(counter) == counter.evaluate("window.told") == [seat + 1]
    assert theatre.snapshots == 1


def test_ones_own_hold_is_not_somebody_elses(counter, theatre):
    opened(counter, theatre.page())
    seat = theatre.ordinal("Parterre", "F", "5")
    on_map(counter, "(map.pick([argument]), map.own = [argument])", seat)
    theatre.change({seat: int(SeatState.HELD)})
    expect(counted(counter, "Dans un panier")).to_have_text("1")
    assert picked(counter) == [seat]


def test_a_missed_delta_loads_the_seats_again(counter, theatre):
    opened(counter, theatre.page())
    theatre.change({theatre.ordinal("Parterre", "F", "5"): SOLD}, tell=False)
    theatre.change({theatre.ordinal("Parterre", "F", "7"): SOLD})
    expect(counted(counter, "Vendues")).to_have_text("2")
    assert theatre.snapshots == 2


def test_a_resync_loads_the_seats_again(counter, theatre):
    opened(counter, theatre.page())
    theatre.change({theatre.ordinal("Parterre", "F", "5"): SOLD}, tell=False)
    theatre.resync()
    expect(counted(counter, "Vendues")).to_have_text("1")


def test_a_line_that_was_cut_is_told_and_comes_back(counter, theatre):
    """After ten seconds without the gateway the plan says that seats may have changed."""
    counter.clock.install()
    opened(counter, theatre.page())
    theatre.hang_up()
    live = counter.locator("tk-seat-map .live")

    def after_half_a_second(words: str) -> bool:
        counter.clock.run_for(500)
        return words in live.inner_text()

    eventually(lambda: after_half_a_second("Hors direct"), seconds=30)
    expect(live).to_contain_text("Les places peuvent avoir changé depuis")
    screenshot(counter, "seat-map-not-live-1280")
    theatre.change({theatre.ordinal("Parterre", "F", "5"): SOLD}, tell=False)
    theatre.reachable = True
    eventually(lambda: after_half_a_second("En direct"), seconds=30)
    expect(counted(counter, "Vendues")).to_have_text("1")


def test_a_plan_that_cannot_be_opened_can_be_tried_again(counter, theatre):
    answers = iter([503])
    counter.route(
        "**/geometry", lambda route: route.fulfill(status=code) if (code := next(answers, 0)) else route.continue_()
    )
    counter.goto(theatre.page())
    expect(counter.get_by_role("alert")).to_contain_text("Le plan n’a pas pu être ouvert.")
    counter.get_by_role("button", name="Réessayer").click()
    expect(counter.locator("tk-seat-map .live")).to_be_visible()


def test_a_stadium_of_sixty_thousand_is_picked_from_by_finger(phone, stadium):
    opened(phone, stadium.page())
    seat = next(ordinal for ordinal, byte in enumerate(stadium.states, 1) if byte == 0 and ordinal > 3000)
    come_near(phone, seat)
    tap(phone, seat)
    if not picked(phone):  # the same place on the screen at once is a double tap: it comes nearer, and picks nothing
        tap(phone, seat)
    assert picked(phone) == [seat]
    screenshot(phone, "seat-map-stadium-near-390")
