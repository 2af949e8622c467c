"""The pages of places and stock. A gRPC client like any other."""

from pathlib import Path

from flask_babel import lazy_gettext as _

from inventory.web import (
    copying,
    leases,
    performances,
    places,
    pools,
    stock,
    stock_article,
    stock_moves,
    stock_places,
)
from inventory.web.pages import VIEW, blueprint
from inventory.web.words import ERRORS
from kit.web import Front, NavItem

GROUP = _("Places and stock")

front = Front(
    name="inventory",
    blueprint=blueprint,
    nav=(
        NavItem(
            "inventory.availability",
            _("Availability"),
            VIEW,
            GROUP,
            _("Places sold, held and free, day by day"),
            "seats",
        ),
        NavItem(
            "inventory.leases",
            _("Tills' places"),
            VIEW,
            GROUP,
            _("What each till has at hand, and how to take it back"),
            "till",
        ),
        NavItem("inventory.stock", _("Stock"), VIEW, GROUP, _("Articles on the shelf: receive, correct, transfer")),
        NavItem(
            "inventory.places_of_stock",
            _("Stock places"),
            VIEW,
            GROUP,
            _("Reserve, shop: who sells from where"),
            "house",
        ),
    ),
    translations=Path(__file__).parent / "translations",
    icon="box",
    errors=ERRORS,
    rank=50,
)

__all__ = [
    "copying",
    "front",
    "leases",
    "performances",
    "places",
    "pools",
    "stock",
    "stock_article",
    "stock_moves",
    "stock_places",
]
