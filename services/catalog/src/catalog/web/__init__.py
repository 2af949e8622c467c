"""The programme: shows and performances, prices, shop, tills, organisation. A gRPC client like any other."""

from pathlib import Path

from flask_babel import lazy_gettext as _

from catalog.web import editing, organisation, performances, plans, prices, products, setups, shows, tills, venues
from catalog.web.pages import blueprint
from catalog.web.words import ERRORS
from kit.web import Front, NavItem

PROGRAMMING = _("Programming")
VIEW = "catalog.view"

front = Front(
    name="catalog",
    blueprint=blueprint,
    nav=(
        NavItem("catalog.dashboard", _("Programme"), VIEW, PROGRAMMING, _("What is on, today and in the days to come")),
        NavItem(
            "catalog.shows", _("Shows"), VIEW, PROGRAMMING, _("Exhibitions, plays, visits and their performances"),
            "mask", ("catalog.venue",),
        ),
        NavItem("catalog.plans", _("Seating plans"), VIEW, PROGRAMMING, _("Halls with numbered seats"), "seats"),
        NavItem(
            "catalog.tariffs", _("Tariffs and prices"), VIEW, PROGRAMMING, _("Who pays what, with which VAT"), "tag",
            ("catalog.tariff", "catalog.price_list"),
        ),
        NavItem("catalog.products", _("Shop"), VIEW, PROGRAMMING, _("Articles, options and prices"), "cart"),
        NavItem(
            "catalog.tills", _("Points of sale"), VIEW, PROGRAMMING, _("Where we sell, and the keys of the tills"),
            "till", ("catalog.till_profile", "catalog.till_setups", "catalog.till_editor"),
        ),
        NavItem("catalog.organisation", _("Organisation"), VIEW, PROGRAMMING, _("Name, licence and colours"), "house"),
    ),
    translations=Path(__file__).parent / "translations",
    icon="calendar",
    errors=ERRORS,
    rank=40,
)  # fmt: skip

__all__ = [
    "editing",
    "front",
    "organisation",
    "performances",
    "plans",
    "prices",
    "products",
    "setups",
    "shows",
    "tills",
    "venues",
]
