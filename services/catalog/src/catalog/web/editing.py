"""The page that sets up tills: the draft as JSON, and the till's own screen as this draft makes it (B1, B5, B6)."""

import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import grpc
from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message

from catalog.web.pages import PROGRAMME, blueprint, core, programme, send
from catalog.web.words import KEYS_DISABLED, PAYMENT_MODES, SELLING_PROFILES
from kit.clock import business_date, iso_ms, now
from kit.errors import DomainError, FieldInvalid, Kind
from kit.telemetry import log
from kit.web import may_be_framed, requires, stub
from setups.catalogue import KINDS, Catalogue, Page, read_catalogue
from setups.layout import LayoutBuilder
from ticketing.accounts.v1 import accounts_service_pb2 as accounts
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

SNAPSHOT_SECONDS = 20.0
MOST_PRODUCTS = 500
PREVIEWED_MONTHS = 3


@blueprint.get("/till-profiles/<uuid:profile_id>/edit")
@requires(PROGRAMME)
def till_editor(profile_id: uuid.UUID) -> ResponseReturnValue:
    draft = core().GetTillDraft(pb.GetTillDraftRequest(till_profile_id=str(profile_id))).draft
    return render_template("catalog/till_editor.html", profile=draft)


@blueprint.get("/till-profiles/<uuid:profile_id>/draft")
@requires(PROGRAMME)
def till_draft(profile_id: uuid.UUID) -> ResponseReturnValue:
    """The draft with its revision, and what its keys and pages may name."""
    read = core().GetTillDraft(pb.GetTillDraftRequest(till_profile_id=str(profile_id)))
    found = programme()
    listed = core().ListTillSetups(pb.ListTillSetupsRequest(till_profile_id=str(profile_id)))
    products = core().ListProducts(pb.ListProductsRequest(page_size=MOST_PRODUCTS)).products
    return {
        "draft": _plain(read.draft),
        "revision": read.revision,
        "modes": [{"code": code, "name": str(name)} for code, name in PAYMENT_MODES.items()],
        "shows": [{"id": it.id, "name": it.title} for it in found.shows if not it.archived],
        "tariffs": [{"id": it.id, "name": it.name} for it in found.tariffs if not it.archived],
        "venues": [{"id": it.id, "name": it.name} for it in found.venues if not it.archived],
        "points": [
            {"id": it.id, "name": it.name}
            for it in found.points_of_sale
            if it.till_profile_id == read.draft.id and not it.archived
        ],
        "tills": [{"id": it.till_id, "name": it.till_number} for it in listed.tills],
        "profiles": [{"id": code, "name": str(name)} for code, name in SELLING_PROFILES.items()],
        "cashiers": _cashiers(),
        "products": [
            {"id": it.id, "name": it.name, "options": [{"code": one.code, "name": one.label} for one in it.options]}
            for it in products
            if not it.archived
        ],
    }


@blueprint.post("/till-profiles/<uuid:profile_id>/draft")
@requires(PROGRAMME)
def save_till_draft(profile_id: uuid.UUID) -> ResponseReturnValue:
    """Keep the draft that the editor sends, if nobody else did meanwhile. Refused in words beside its reason."""
    sent = _body()
    revision = sent.get("revision")
    if not isinstance(revision, int | str) or not str(revision).isdecimal():
        raise FieldInvalid("revision", "must be the number that came with the draft")
    wanted = pb.SaveTillDraftRequest(draft=_draft(sent, profile_id), known_revision=int(revision))
    # The same draft on the same revision is the same request: what is sent again after a lost answer was kept once.
    return {"revision": send(uuid.uuid5(profile_id, f"draft:{revision}"), core().SaveTillDraft, wanted).revision}


@blueprint.get("/till-preview")
@requires(PROGRAMME)
def till_preview() -> ResponseReturnValue:
    """The till's screen, empty: the editor around it tells what to show."""
    return may_be_framed(make_response(render_template("catalog/till_preview.html")))


@blueprint.post("/till-profiles/<uuid:profile_id>/preview")
@requires(PROGRAMME)
def preview_layout(profile_id: uuid.UUID) -> ResponseReturnValue:
    """What a till of a point of sale would show of this draft: its layout, built as the till builds it."""
    sent = _body()
    at, point_id = now(), str(sent.get("point", ""))
    profile = _plain(_draft(sent, profile_id), defaults=False)
    catalogue = _catalogue(point_id, profile)
    full = {each.id: each.capacity for each in catalogue.performances.values()}
    builder = LayoutBuilder(catalogue, full, {}, at)
    layout = builder.build({code: str(name) for code, name in PAYMENT_MODES.items()}, ())
    for key in (key for page in layout["pages"] for key in page.get("keys", [])):
        if key["disabled"]:
            key["disabled"] = str(KEYS_DISABLED[key["disabled"]])
    return {
        "layout": layout, "zone": catalogue.zone, "now": iso_ms(at), "point_of_sale": catalogue.point_of_sale,
        "business_on": business_date(at, catalogue.zone).isoformat(),
        "calendars": {
            page.id: _months(builder, page, business_date(at, catalogue.zone))
            for page in catalogue.profile.pages
            if page.kind == "calendar"
        },
    }  # fmt: skip


def _months(builder: LayoutBuilder, page: Page, today: date) -> dict[str, Any]:
    """This month and the next ones of a calendar, by "2026-12"."""
    months: dict[str, Any] = {}
    first = today.replace(day=1)
    for _ in range(PREVIEWED_MONTHS):
        following = (first + timedelta(days=31)).replace(day=1)
        months[f"{first:%Y-%m}"] = builder.calendar(page, first, following - timedelta(days=1))
        first = following
    return months


def _cashiers() -> list[dict[str, str]]:
    """People whom a page may be for; none where accounts is away: the editor goes on without their names."""
    try:
        told = stub("accounts", AccountsServiceStub).ListSellers(accounts.ListSellersRequest())
    except (grpc.RpcError, DomainError) as error:
        log().warning("sellers_unknown", message=str(error)[:200])
        return []
    return [{"id": it.user_id, "name": it.name} for it in told.sellers]


def _catalogue(point_id: str, profile: Mapping[str, Any]) -> Catalogue:
    """As a till of that point of sale knows it, with this profile instead of its own."""
    asked = pb.GetTillSnapshotRequest(point_of_sale_id=point_id, numbered_seats=True)
    answer = core().GetTillSnapshot(asked, timeout=SNAPSHOT_SECONDS)
    objects: dict[str, dict[str, Mapping[str, Any]]] = {
        kind: {each.id: _plain(each, defaults=False) for each in getattr(answer, field)}
        for field, kind in KINDS.items()
    }
    objects["organisation"] = {"": _plain(answer.organisation, defaults=False)}
    objects["till_profile"] = {profile["id"]: profile}
    point = {**objects["point_of_sale"].get(point_id, {}), "till_profile_id": profile["id"]}
    objects["point_of_sale"] = {point_id: point}
    return read_catalogue(answer.version, objects, point_id)


def _body() -> dict[str, Any]:
    sent = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise DomainError("the body must be a JSON object", kind=Kind.INVALID)
    return sent


def _draft(sent: Mapping[str, Any], profile_id: uuid.UUID) -> nouns.TillProfile:
    draft = nouns.TillProfile()
    try:
        ParseDict(sent.get("draft") or {}, draft)
    except (ParseError, TypeError, AttributeError) as error:
        raise FieldInvalid("draft", str(error)[:200]) from error
    draft.id = str(profile_id)
    return draft


def _plain(message: Message, *, defaults: bool = True) -> dict[str, Any]:
    plain: dict[str, Any] = MessageToDict(
        message, preserving_proto_field_name=True, always_print_fields_with_no_presence=defaults
    )
    return plain
