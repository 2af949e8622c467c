"""Forms that change an article's stock: receive, correct, transfer, write off, threshold (O3, O5)."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext

from inventory.web.pages import MANAGE, articles, blueprint, core
from inventory.web.stock import label_of, stock_places
from inventory.web.words import CAUSES
from kit.web import as_domain_error, explain, requires
from ticketing.inventory.v1 import inventory_service_pb2 as pb

_ = lazy_gettext
MOST = 100_000
COUNTED, DIFFERENCE = "counted", "difference"


@dataclass(frozen=True)
class Move:
    """A form: its words, the causes or ways between which one chooses, and what it does."""

    title: Any
    intro: Any
    quantity: Any
    send: Callable[[dict[str, Any], int | None, Mapping[str, str]], str]
    choice: tuple[str, Any, tuple[tuple[Any, Any], ...]] | None = None  # field, label, choices
    least: int = 1
    optional: bool = False


def _receive(article: dict[str, Any], quantity: int | None, form: Mapping[str, str]) -> str:
    return _moved(article, quantity, form, {pb.STOCK_CAUSE_RECEIVED, pb.STOCK_CAUSE_RETURNED})


def _write_off(article: dict[str, Any], quantity: int | None, form: Mapping[str, str]) -> str:
    return _moved(article, quantity, form, {pb.STOCK_CAUSE_LOST, pb.STOCK_CAUSE_BROKEN})


def _moved(article: dict[str, Any], quantity: int | None, form: Mapping[str, str], causes: set[Any]) -> str:
    cause = next((it for it in sorted(causes) if str(it) == form.get("cause")), min(causes))
    asked = pb.MoveStockRequest(
        **article, quantity=quantity, cause=cause, place_id=form.get("place_id", ""), note=_note(form)
    )
    return _on_shelf(core().MoveStock(asked).level)


def _correct(article: dict[str, Any], quantity: int | None, form: Mapping[str, str]) -> str:
    place_id = form.get("place_id", "")
    if form.get("how") == DIFFERENCE:
        cause = pb.STOCK_CAUSE_CORRECTED
        asked = pb.MoveStockRequest(**article, quantity=quantity, cause=cause, place_id=place_id, note=_note(form))
        return _on_shelf(core().MoveStock(asked).level)
    counted = pb.CountStockRequest(**article, counted=quantity, place_id=place_id, note=_note(form))
    answer = core().CountStock(counted)
    if not answer.difference:
        return gettext("The count agrees: nothing to correct.")
    return gettext("Corrected by %(difference)s.", difference=f"{answer.difference:+d}".replace("-", "−"))


def _transfer(article: dict[str, Any], quantity: int | None, form: Mapping[str, str]) -> str:
    asked = pb.TransferStockRequest(
        **article, quantity=quantity, from_place_id=form.get("place_id", ""), to_place_id=form.get("to_place_id", ""),
        note=_note(form),
    )  # fmt: skip
    core().TransferStock(asked)
    return gettext("Transferred: %(count)s.", count=quantity)


def _threshold(article: dict[str, Any], quantity: int | None, form: Mapping[str, str]) -> str:
    asked = pb.SaveStockThresholdRequest(**article, place_id=form.get("place_id", ""), threshold=quantity)
    core().SaveStockThreshold(asked)
    return gettext("No more alerts for this place.") if quantity is None else gettext("The threshold is saved.")


def _on_shelf(level: pb.StockLevel) -> str:
    return gettext("%(count)s on the shelf now.", count=level.on_hand)


def _note(form: Mapping[str, str]) -> str:
    return form.get("note", "").strip()


def _causes(*causes: Any) -> tuple[str, Any, tuple[tuple[Any, Any], ...]]:
    return "cause", _("Cause"), tuple((int(cause), CAUSES[cause]) for cause in causes)


MOVES = {
    "receive": Move(
        _("Receive"), _("A delivery, or articles that a customer brought back."), _("Quantity"), _receive,
        _causes(pb.STOCK_CAUSE_RECEIVED, pb.STOCK_CAUSE_RETURNED),
    ),
    "correct": Move(
        _("Correct"),
        _("Count what is there, with what is set aside for baskets: the software works out the difference."),
        _("Quantity"), _correct,
        ("how", _("What you write"), ((COUNTED, _("How many are there")), (DIFFERENCE, _("The difference, + or −")))),
        least=-MOST,
    ),
    "transfer": Move(_("Transfer"), _("From one place to another, in one act."), _("Quantity"), _transfer),
    "loss": Move(
        _("Write off"), _("What is gone without a sale: it leaves the stock and stays in the journal."),
        _("How many are gone"), _write_off, _causes(pb.STOCK_CAUSE_BROKEN, pb.STOCK_CAUSE_LOST),
    ),
    "threshold": Move(
        _("Alert threshold"), _("At this number or below, the article of this place shows as low."), _("Threshold"),
        _threshold, least=0, optional=True,
    ),
}  # fmt: skip


@blueprint.route("/stock/<uuid:product_id>/<act>", methods=["GET", "POST"])
@requires(MANAGE)
def move(product_id: uuid.UUID, act: str) -> ResponseReturnValue:
    wanted = MOVES.get(act)
    if wanted is None:
        abort(404)
    option = request.values.get("option", "")
    product = articles([str(product_id)]).get(str(product_id))
    back = url_for("inventory.article", product_id=product_id, option=option or None)
    places = [place for place in stock_places() if not place.closed]
    asked = pb.ListStockRequest(by_place=True, product_ids=[str(product_id)])
    levels = {it.place_id: it for it in core().ListStock(asked).levels if it.option == option}
    errors: dict[str, str] = {}
    if request.method == "POST":
        values: Any = request.form
        quantity, errors = _quantity(wanted, values)
        if act == "transfer" and values.get("place_id") == values.get("to_place_id"):
            errors["to_place_id"] = gettext("Choose another place.")
        if len(_note(values)) > 300:
            errors["note"] = gettext("At most 300 characters.")
        if not errors:
            article = {"request_id": values.get("request_id", ""), "product_id": str(product_id), "option": option}
            try:
                flash(wanted.send(article, quantity, values), "success")
                return redirect(back)
            except grpc.RpcError as error:
                refused = as_domain_error(error)
                errors = {"quantity" if refused.reason == "NOT_ENOUGH_STOCK" else "": explain(refused)}
    else:
        values = _start(act, places, levels)
    page = render_template(
        "inventory/move.html", act=act, move=wanted, name=product.name if product else gettext("No longer in the shop"),
        label=label_of(product, option), option=option, back=back, values=values, errors=errors, places=places,
        levels=levels,
    )  # fmt: skip
    return (page, 400) if errors else page


def _start(act: str, places: list[pb.StockPlace], levels: dict[str, pb.StockLevel]) -> dict[str, Any]:
    place_id = request.args.get("place", "") or places[0].place_id
    values: dict[str, Any] = {"request_id": str(uuid.uuid4()), "place_id": place_id, "how": COUNTED}
    values["to_place_id"] = next((place.place_id for place in places if place.place_id != place_id), "")
    if act == "threshold" and place_id in levels and levels[place_id].HasField("threshold"):
        values["quantity"] = levels[place_id].threshold
    return values


def _quantity(wanted: Move, values: Mapping[str, str]) -> tuple[int | None, dict[str, str]]:
    typed = re.sub(r"[\s\u00a0\u202f]", "", values.get("quantity", "")).replace("−", "-")
    if not typed and wanted.optional:
        return None, {}
    if not re.fullmatch(r"[+-]?[0-9]{1,9}", typed):
        return None, {"quantity": gettext("Write a whole number.")}
    quantity = int(typed)
    least = 0 if values.get("how") == COUNTED else wanted.least
    if not least <= quantity <= MOST:
        return None, {"quantity": gettext("Write a number from %(least)s to %(most)s.", least=least, most=MOST)}
    if values.get("how") == DIFFERENCE and not quantity:
        return None, {"quantity": gettext("A difference of 0 changes nothing.")}
    return quantity, {}
