"""The stock list: every article in every place, with its state in colour and words (O3, O5)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inventory.web.pages import VIEW, articles, blueprint, catalogue, core
from inventory.web.words import STATES
from kit.web import requires
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.catalog.v1.catalog_pb2 import Product
from ticketing.inventory.v1 import inventory_service_pb2 as pb

PAGE = 50
MOST_FOUND = 500  # levels in a state; who has more filters by place too
FILTERS = {
    "low": (pb.STOCK_STATE_LOW,),
    "out": (pb.STOCK_STATE_OUT,),
    "negative": (pb.STOCK_STATE_NEGATIVE,),
    "watch": (pb.STOCK_STATE_LOW, pb.STOCK_STATE_OUT, pb.STOCK_STATE_NEGATIVE),
}


@dataclass(frozen=True)
class Row:
    """An article, or an option of it, and its levels in the shown places, in their order; None: never there."""

    product_id: str
    option: str
    name: str
    reference: str
    label: str
    levels: Sequence[pb.StockLevel | None]

    @property
    def on_hand(self) -> int:
        return sum(level.on_hand for level in self.levels if level)

    @property
    def held(self) -> int:
        return sum(level.held for level in self.levels if level)

    @property
    def states(self) -> set[int]:
        """Of the places where it lies or is watched: that it is missing from the others says nothing."""
        return {level.state for level in self.levels if level and _says(level)} or {pb.STOCK_STATE_OUT}

    @property
    def state(self) -> int:
        """The state that needs a look first."""
        return max(self.states)

    def to_look_at(self, places: Sequence[pb.StockPlace]) -> list[tuple[str, int]]:
        """The places where it needs a look, and why."""
        found = [(place.name, it.state) for place, it in zip(places, self.levels, strict=True) if it and _says(it)]
        return [(name, state) for name, state in found if state != pb.STOCK_STATE_OK]


@blueprint.get("/stock")
@requires(VIEW)
def stock() -> ResponseReturnValue:
    search, state = request.args.get("search", "").strip(), request.args.get("state", "")
    places = [place for place in stock_places() if not place.closed]
    shown = [place for place in places if place.place_id == request.args.get("place")] or places
    token, more = "", False
    if state in FILTERS:
        rows, more = _in_state(FILTERS[state], state == "watch", search, shown)
    else:
        asked = catalog_pb.ListProductsRequest(
            search=search, page_size=PAGE, page_token=request.args.get("page_token", "")
        )
        answer = catalogue().ListProducts(asked)
        rows, token = _rows(list(answer.products), shown), answer.next_page_token
    return render_template(
        "inventory/stock.html", rows=rows, places=places, shown=shown, search=search, state=state, states=STATES,
        more=more, token=token, one=len(shown) == 1,
    )  # fmt: skip


def stock_places() -> list[pb.StockPlace]:
    """The main one first, the closed ones last."""
    return list(core().ListStockPlaces(pb.ListStockPlacesRequest()).places)


def label_of(product: Product | None, option: str) -> str:
    """An option as the catalogue calls it."""
    return next((it.label for it in product.options if it.code == option), option) if product else option


def _in_state(
    states: Sequence[int], watched: bool, search: str, shown: Sequence[pb.StockPlace]
) -> tuple[list[Row], bool]:
    """What is in one of these states in a shown place; whether there is more."""
    place_id = shown[0].place_id if len(shown) == 1 else ""
    asked = pb.ListStockRequest(
        by_place=True, place_id=place_id, states=states, watched=watched, limit=MOST_FOUND + 1,  # type: ignore[arg-type]
    )  # fmt: skip
    levels = list(core().ListStock(asked).levels)
    open_ids = {place.place_id for place in shown}
    wanted = {(it.product_id, it.option) for it in levels[:MOST_FOUND] if it.place_id in open_ids}
    known = articles(product_id for product_id, _option in wanted)
    products = [known.get(product_id) or Product(id=product_id) for product_id in sorted({p for p, _ in wanted})]
    rows = [row for row in _rows(products, shown) if (row.product_id, row.option) in wanted]
    rows = [row for row in rows if search.lower() in f"{row.name} {row.reference}".lower() and row.states & {*states}]
    return sorted(rows, key=lambda row: (row.name.lower(), row.label)), len(levels) > MOST_FOUND


def _rows(products: Iterable[Product], shown: Sequence[pb.StockPlace]) -> list[Row]:
    """A row for each option that the catalogue or a place knows, in the order of the products."""
    products = list(products)
    found: dict[str, dict[str, dict[str, pb.StockLevel]]] = defaultdict(lambda: defaultdict(dict))
    for start in range(0, len(products), MOST_FOUND):
        ids = [product.id for product in products[start : start + MOST_FOUND]]
        for level in core().ListStock(pb.ListStockRequest(by_place=True, product_ids=ids)).levels:
            found[level.product_id][level.option][level.place_id] = level
    rows = []
    for product in products:
        options = [option.code for option in product.options] or [""]
        lying = [code for code, of in found[product.id].items() if code not in options and any(map(_says, of.values()))]
        rows += [
            Row(
                product.id, code, product.name or _("No longer in the shop"), product.reference,
                label_of(product, code), [found[product.id][code].get(place.place_id) for place in shown],
            )
            for code in (*options, *lying)
        ]  # fmt: skip
    return rows


def _says(level: pb.StockLevel) -> bool:
    """Whether somebody cares how many there are in this place."""
    return bool(level.on_hand or level.held or level.HasField("threshold"))
