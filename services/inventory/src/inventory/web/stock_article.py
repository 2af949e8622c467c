"""One article's stock (fiche de stock): its level in each place, and its journal, also as a file (O3)."""

import csv
import io
import uuid
from collections.abc import Iterator, Sequence
from datetime import UTC
from zoneinfo import ZoneInfo

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from inventory.web.pages import VIEW, articles, blueprint, core, tills
from inventory.web.stock import label_of, stock_places
from inventory.web.words import CAUSES, STATES
from kit.web import requires
from ticketing.inventory.v1 import inventory_service_pb2 as pb

ZONE = ZoneInfo("Europe/Paris")
PAGE, FILE_PAGE, MOST_FILE_PAGES = 30, 500, 200
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@blueprint.get("/stock/<uuid:product_id>")
@requires(VIEW)
def article(product_id: uuid.UUID) -> ResponseReturnValue:
    option, place_id = request.args.get("option", ""), request.args.get("place", "")
    product = articles([str(product_id)]).get(str(product_id))
    if product and product.options and not option:
        option = product.options[0].code
    places = stock_places()
    asked = pb.ListStockRequest(by_place=True, product_ids=[str(product_id)])
    levels = {it.place_id: it for it in core().ListStock(asked).levels if it.option == option}
    shown = [
        place for place in places if not place.closed or (levels.get(place.place_id) and levels[place.place_id].on_hand)
    ]
    journal = core().ListStockMovements(
        pb.ListStockMovementsRequest(
            product_id=str(product_id), option=option, place_id=place_id if place_id in _ids(places) else "",
            page_size=PAGE, page_token=request.args.get("page_token", ""),
        )
    )  # fmt: skip
    return render_template(
        "inventory/article.html", product=product, product_id=str(product_id), option=option,
        label=label_of(product, option), places=places, shown=shown, levels=levels, place_id=place_id,
        journal=journal.movements, token=journal.next_page_token, names=_names(places), who=_who(journal.movements),
        causes=CAUSES, states=STATES, can_transfer=sum(not place.closed for place in places) > 1,
        on_hand=sum(it.on_hand for it in levels.values()), held=sum(it.held for it in levels.values()),
    )  # fmt: skip


@blueprint.get("/stock/<uuid:product_id>/movements.csv")
@requires(VIEW)
def movements_file(product_id: uuid.UUID) -> ResponseReturnValue:
    """The journal as a French or English spreadsheet opens it by a double click. A text can never become a formula."""
    option, place_id = request.args.get("option", ""), request.args.get("place", "")
    product, places = articles([str(product_id)]).get(str(product_id)), stock_places()
    names, found = _names(places), list(_all(str(product_id), option, place_id if place_id in _ids(places) else ""))
    who = _who(found)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([
        _("Article"), _("Reference"), _("Option"), _("When"), _("Place"), _("Cause"), _("Quantity"), _("Who"),
        _("Note"), _("Voucher"),
    ])  # fmt: skip
    for it in found:
        at = it.moved_at.ToDatetime(tzinfo=UTC).astimezone(ZONE).isoformat(" ", "seconds")
        texts = [product.name if product else "", product.reference if product else "", label_of(product, option)]
        writer.writerow([
            *map(_plain, texts), at[:19], _plain(names.get(it.place_id, "")), str(CAUSES.get(it.cause, "")),
            it.quantity, _plain(who[it.id]), _plain(it.note), it.reference,
        ])  # fmt: skip
    answer = Response(out.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = product.reference if product and product.reference else str(product_id)
    answer.headers.set("Content-Disposition", "attachment", filename=f"stock-{name}{'-' if option else ''}{option}.csv")
    return answer


def _all(product_id: str, option: str, place_id: str) -> Iterator[pb.StockMovement]:
    token = ""
    for _page in range(MOST_FILE_PAGES):
        asked = pb.ListStockMovementsRequest(
            product_id=product_id, option=option, place_id=place_id, page_size=FILE_PAGE, page_token=token
        )
        answer = core().ListStockMovements(asked)
        yield from answer.movements
        token = answer.next_page_token
        if not token:
            return


def _who(movements: Sequence[pb.StockMovement]) -> dict[int, str]:
    """Who moved: a person by name, a till as it is called, else the sale itself."""
    called = tills() if any(it.by_id and not it.by_name for it in movements) else {}
    return {
        it.id: it.by_name or called.get(it.by_id) or (_("A till") if it.by_id else _("A basket")) for it in movements
    }


def _names(places: Sequence[pb.StockPlace]) -> dict[str, str]:
    return {place.place_id: place.name for place in places}


def _ids(places: Sequence[pb.StockPlace]) -> set[str]:
    return {place.place_id for place in places}


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
