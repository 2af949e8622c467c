"""Versions of a till profile: publishing the draft, rolling out in stages, going back, one till's payment modes."""

import re
import uuid
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from catalog.web.differences import differences
from catalog.web.pages import PROGRAMME, blueprint, by_id, core, form_id, programme, send
from catalog.web.words import PAYMENT_MODES, SETUP_FAULTS, SETUP_REFUSALS
from kit.errors import DomainError, Kind
from kit.web import requires
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as pb

SHORT = 40  # characters of a message in a fault
_PLACE = re.compile(r"pages\[(\d+)\](?:\.keys\[(\d+)\])?")
_OTHER_PLACE = re.compile(r"(messages|questions|key_codes)\[(\d+)\]")


@dataclass(frozen=True)
class Row:
    """A till with its state in words."""

    it: nouns.TillSetupState
    words: str
    tone: str


@blueprint.get("/till-profiles/<uuid:profile_id>/versions")
@requires(PROGRAMME)
def till_setups(profile_id: uuid.UUID) -> ResponseReturnValue:
    return _shown(str(profile_id))


@blueprint.post("/till-profiles/<uuid:profile_id>/publish")
@requires(PROGRAMME)
def publish_till_setup(profile_id: uuid.UUID) -> ResponseReturnValue:
    """The draft that was read becomes the next version, unless something is wrong with it: then each fault is said."""
    wanted = pb.PublishTillSetupRequest(
        till_profile_id=str(profile_id), known_revision=int(request.form.get("revision") or 0),
        comment=request.form.get("comment", "").strip(),
    )  # fmt: skip
    answer = send(form_id(), core().PublishTillSetup, wanted)
    if not answer.HasField("version"):
        return _shown(str(profile_id), answer.faults), 400
    flash(_("Version %(n)s is published. No till runs it yet: roll it out.", n=answer.version.number), "success")
    return redirect(url_for("catalog.till_setups", profile_id=profile_id))


@blueprint.post("/till-profiles/<uuid:profile_id>/roll-out")
@requires(PROGRAMME)
def roll_out_till_setup(profile_id: uuid.UUID) -> ResponseReturnValue:
    """To the tills and points of sale that are ticked, or to all by its own button."""
    tills, points = request.form.getlist("till_ids"), request.form.getlist("point_of_sale_ids")
    everywhere = request.form.get("to") == "all"
    if not everywhere and not tills and not points:
        flash(_("Tick the tills or the points of sale that should run this version."), "warning")
        return redirect(url_for("catalog.till_setups", profile_id=profile_id))
    wanted = pb.RollOutTillSetupRequest(
        till_profile_id=str(profile_id), number=int(request.form.get("number") or 0),
        till_ids=() if everywhere else tills, point_of_sale_ids=() if everywhere else points,
    )  # fmt: skip
    send(form_id(), core().RollOutTillSetup, wanted)
    flash(_("Version %(n)s goes to the tills; each takes it between two sales.", n=wanted.number), "success")
    return redirect(url_for("catalog.till_setups", profile_id=profile_id))


@blueprint.post("/till-profiles/<uuid:profile_id>/tills/<uuid:till_id>/modes")
@requires(PROGRAMME)
def set_till_modes(profile_id: uuid.UUID, till_id: uuid.UUID) -> ResponseReturnValue:
    """Payment modes of one till (B2); none ticked: as its profile says."""
    modes = [mode for mode in PAYMENT_MODES if mode in request.form.getlist("payment_modes")]
    send(form_id(), core().SetTillModes, pb.SetTillModesRequest(till_id=str(till_id), payment_modes=modes))
    flash(_("The till takes these payment modes between two sales."), "success")
    return redirect(url_for("catalog.till_setups", profile_id=profile_id))


def _shown(profile_id: str, faults: Any = ()) -> str:
    listed = core().ListTillSetups(pb.ListTillSetupsRequest(till_profile_id=profile_id))
    known = core().GetTillDraft(pb.GetTillDraftRequest(till_profile_id=profile_id))
    found = programme()
    running = next((profile for profile in found.till_profiles if profile.id == profile_id), None)
    if running is None:
        raise DomainError("no such profile", kind=Kind.NOT_FOUND)
    last = running
    if listed.versions:
        number = listed.versions[0].number
        last = (
            core().GetTillSetupVersion(pb.GetTillSetupVersionRequest(till_profile_id=profile_id, number=number)).profile
        )
    points = [point for point in found.points_of_sale if point.till_profile_id == profile_id and not point.archived]
    return render_template(
        "catalog/till_setups.html", profile=known.draft, revision=known.revision, listed=listed, points=points,
        point_names=by_id(found.points_of_sale), changes=differences(last, known.draft), modes=PAYMENT_MODES,
        rows=[_row(till) for till in listed.tills], form_id=uuid.uuid4(),
        faults=[(_place(fault.path, known.draft), SETUP_FAULTS.get(fault.reason, fault.reason)) for fault in faults],
        till_numbers={till.till_id: till.till_number for till in listed.tills},
    )  # fmt: skip


def _row(till: nouns.TillSetupState) -> Row:
    if till.refused_number:
        return Row(till, SETUP_REFUSALS.get(till.refused_reason, till.refused_reason), "bad")
    if not till.asked_number:
        return Row(till, _("As the profile is saved"), "secondary")
    if till.applied_number == till.asked_number:
        return Row(till, _("Up to date"), "good")
    if till.waiting_number == till.asked_number:
        return Row(till, _("Waits for the end of a sale"), "warn")
    return Row(till, _("Not taken yet"), "warn")


def _place(path: str, draft: nouns.TillProfile) -> str:
    """ "pages[0].keys[2]" as a person says it."""
    if other := _OTHER_PLACE.fullmatch(path):
        thing = getattr(draft, other[1])[int(other[2])]
        match other[1]:
            case "messages":
                return _("Message “%(text)s”", text=_short(thing.text))
            case "questions":
                return _("Question “%(text)s”", text=_short(thing.text))
            case _:
                return _("Key %(code)s of the keyboard", code=thing.code)
    found = _PLACE.fullmatch(path)
    if not found:
        return _("Payment modes") if path == "payment_modes" else _("Pages")
    page = draft.pages[int(found[1])]
    words = _("Page “%(page)s”", page=page.label)
    return _("%(page)s, key “%(key)s”", page=words, key=page.keys[int(found[2])].label) if found[2] else words


def _short(words: str) -> str:
    return words if len(words) <= SHORT else f"{words[:SHORT].rstrip()}…"
