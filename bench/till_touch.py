"""A finger on the till's page: from each touch to the next painted frame, on a machine four times slower than this one.

The browser itself times it (Event Timing: `duration` ends with the frame that the event caused; a multiple of 8 ms).
"""

from playwright.sync_api import Locator, Page, expect, sync_playwright

from bench.figures import Figure, percentile
from suite.machine import Machine
from tests.e2e import chromium
from tests.e2e.running import LUCAS_PIN

SLOWER, SALES = 4, 25
# What is faster than a frame is not told one by one: it counts as one frame.
WATCH = """() => {
  window.touches = []
  const ends = ['pointerup', 'click']
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (ends.includes(entry.name)) window.touches.push(entry.duration)
  }).observe({ type: 'event', durationThreshold: 16, buffered: false })
  window.clicks = 0
  document.addEventListener('click', () => window.clicks++, true)
}"""
FRAME_MS = 16.0
IDLE = "() => new Promise((done) => requestIdleCallback(() => done(), { timeout: 500 }))"


def measure(here: Machine) -> list[Figure]:
    """Sales of one to four articles, and pages turned; touches that took less than a frame count as one frame."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.ARGUMENTS)
        context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR", has_touch=True)
        page = context.new_page()
        _sign_in(page, here)
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
        page.evaluate(WATCH)
        for number in range(SALES):
            _sell(page, number)
        slow, clicks = page.evaluate("[window.touches, window.clicks]")
        browser.close()
    # A touch is told as two events, pointerup and click, of the same frame: the slower half of all counts.
    told = sorted(slow, reverse=True)[: int(clicks)]
    took = told + [FRAME_MS] * (int(clicks) - len(told))
    return [
        Figure("till.touch_to_paint_p50_ms", percentile(took, 0.5), "ms"),
        Figure("till.touch_to_paint_p95_ms", percentile(took, 0.95), "ms", to_reach="<= 50"),
        Figure("till.touches", clicks, "touches"),
    ]


def _sign_in(page: Page, here: Machine) -> None:
    page.goto(here.url("till"))
    page.get_by_role("button", name="Lucas Bernard").click()
    for digit in LUCAS_PIN:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Ouvrir", exact=True).click()
    first, opening = (
        page.get_by_role("tab", name="Accueil"),
        page.get_by_role("heading", name="Ouvrir le fonds de caisse"),
    )
    expect(first.or_(opening)).to_be_visible(timeout=15_000)
    if opening.is_visible():
        page.get_by_label("Nombre de 10").first.fill("10")
        page.get_by_role("button", name="Ouvrir avec").click()
    expect(first).to_be_visible()


def _sell(page: Page, number: int) -> None:
    """Articles, so that no lease decides how long this takes; the pages are turned on the way."""
    for name in ("Séances", "Boutique", "Accueil") if number % 5 == 0 else ():
        _touch(page, page.get_by_role("tab", name=name))
    for name in ("Carte postale", "Mug émaillé", "Eau minérale", "Vestiaire")[: 1 + number % 4]:
        _touch(page, page.get_by_role("button", name=name).first)
    _touch(page, page.locator("[data-mode=card]:visible"))
    _touch(page, page.locator("[data-confirm]:visible"))
    expect(page.locator("[data-order]:visible")).to_be_visible(timeout=15_000)


def _touch(page: Page, target: Locator) -> None:
    """A finger, and nothing of the driver's own: its looks at the page come before, and the page is idle by then."""
    box = target.bounding_box()
    assert box is not None
    page.evaluate(IDLE)
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
