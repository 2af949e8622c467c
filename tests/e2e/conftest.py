"""The suite as its users meet it: real servers, a real browser, real bytes to printers."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from kit.testing import eventually
from suite.machine import PORT_OFFSETS
from suite.testing import free_port_base

from . import chromium
from .running import RunningSuite

SCREENSHOTS = Path(__file__).parents[2] / "test-results"


@pytest.fixture(scope="session")
def running_suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSuite]:
    """The whole suite with its demo organisation, started by the command that users type."""
    suite = RunningSuite(tmp_path_factory.mktemp("suite") / "var", free_port_base(PORT_OFFSETS.values()))
    suite.up()
    yield suite
    suite.down()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.executable(), args=chromium.ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A touch screen in French."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="fr-FR", has_touch=True)
    page = context.new_page()
    yield page
    context.close()


def screenshot(page: Page, name: str) -> None:
    """Keep what a person would see, for looking at afterwards."""
    SCREENSHOTS.mkdir(exist_ok=True)
    _picture(page, name)


def _picture(page: Page, name: str, *, full_page: bool = False) -> None:
    """A busy Chromium may refuse a picture between two pages; it is asked again."""
    path = SCREENSHOTS / f"{name}.png"
    eventually(lambda: page.screenshot(path=path, full_page=full_page), every=0.3)


def looked_at(page: Page, name: str) -> None:
    """Keep what a person sees on a desk and on a telephone, where nothing may stick out to the right."""
    screenshot(page, name)
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    _picture(page, f"{name}-narrow", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def keep(image: Image.Image, name: str) -> None:
    """Keep a paper that came out of a simulated printer."""
    SCREENSHOTS.mkdir(exist_ok=True)
    image.save(SCREENSHOTS / f"{name}.png")
