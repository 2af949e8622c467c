"""The plan of a performance: what is free, sold and kept, seat by seat, and what managers do with it (G3, G6, K6)."""

import gzip
import re
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import grpc
from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from google.protobuf.timestamp_pb2 import Timestamp

from inventory.web.pages import MANAGE, VIEW, Named, at_venue, blueprint, catalogue, core
from inventory.web.seat_names import SeatWords, seat_words
from kit.clock import now
from kit.errors import DomainError, Kind
from kit.web import as_domain_error, explain, requires, signed_in, stub
from kit.web.formats import write_date
from seating import SeatState, contingent_of, state_of
from seating.states import snapshot
from ticketing.accounts.v1 import accounts_service_pb2 as accounts_pb
from ticketing.accounts.v1.accounts_service_pb2_grpc import AccountsServiceStub
from ticketing.catalog.v1 import catalog_pb2 as nouns
from ticketing.catalog.v1 import catalog_service_pb2 as catalog_pb
from ticketing.inventory.v1 import inventory_service_pb2 as pb

MOST_SEATS = 5_000  # that the core takes at once
FOR_EVER = "private, max-age=31536000, immutable"
HOUSE, KILLED, FREED, ASSIGNED, GENERAL = "house", "killed", "freed", "assigned", "general"
_KINDS = {HOUSE: pb.BLOCK_KIND_HOUSE, KILLED: pb.BLOCK_KIND_KILLED}
_ORDINALS = re.compile(r"[0-9]{1,7}(,[0-9]{1,7})*")


class Refused(Exception):
    """What was asked cannot be done; the text is for the person who asked."""


@dataclass(frozen=True)
class House:
    """One performance as its page shows it. `problem`: why its seats cannot be shown, in words."""

    it: nouns.Performance
    named: Named
    zone: ZoneInfo
    pools: pb.ListPoolsResponse
    status: pb.GetSeatStatusResponse | None = None
    problem: str = ""

    @property
    def numbered(self) -> bool:
        return bool(self.it.plan_version_id)

    @property
    def plan_version_id(self) -> str:
        """The one that is sold: the catalogue's may be newer by a moment."""
        return self.status.plan_version_id if self.status is not None else ""

    @cached_property
    def names(self) -> SeatWords:
        return seat_words(self.plan_version_id)

    @cached_property
    def blocked(self) -> int:
        return sum(len(block.seats) for block in self.pools.blocks)

    @cached_property
    def _bytes(self) -> Counter[int]:
        return Counter(self.status.states) if self.status is not None else Counter()

    def seats_of(self, number: int, state: SeatState) -> int:
        """How many seats of a contingent stand so."""
        return sum(n for byte, n in self._bytes.items() if contingent_of(byte) == number and state_of(byte) == state)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The contingents, as a select offers them."""
        return [(str(each.number), each.name) for each in self.pools.contingents]

    def local(self, at: Timestamp) -> datetime:
        """A moment at the venue."""
        return at.ToDatetime(tzinfo=UTC).astimezone(self.zone)

    def written(self, at: Timestamp) -> str:
        """A moment at the venue, in words."""
        return f"{write_date(self.local(at).date())} {self.local(at):%H:%M}"

    def is_past(self, at: Timestamp) -> bool:
        return at.ToDatetime(tzinfo=UTC) <= now()

    def contingent(self, number: int) -> pb.Contingent | None:
        return next((each for each in self.pools.contingents if each.number == number), None)


def house_of(performance_id: uuid.UUID) -> House:
    """Raises RpcError: unknown to the catalogue, or never put on sale (PERFORMANCE_UNKNOWN)."""
    found = catalogue().GetPerformance(catalog_pb.GetPerformanceRequest(performance_id=str(performance_id)))
    it = found.performance
    zone = ZoneInfo(found.venue.zone)
    named = at_venue(it, found.show.title, zone)
    pools = core().ListPools(pb.ListPoolsRequest(performance_id=it.id))
    if not it.plan_version_id:
        return House(it, named, zone, pools)
    try:
        return House(it, named, zone, pools, core().GetSeatStatus(pb.GetSeatStatusRequest(performance_id=it.id)))
    except grpc.RpcError as error:
        refused = as_domain_error(error)
        if refused.kind is not Kind.REFUSED:
            raise
        return House(it, named, zone, pools, problem=explain(refused))


@blueprint.get("/performances/<uuid:performance_id>")
@requires(VIEW)
def performance(performance_id: uuid.UUID) -> ResponseReturnValue:
    """Figures, map, contingents, quotas, rules and blocks."""
    return render_template("inventory/performance.html", **_shown(house_of(performance_id)))


@blueprint.get("/performances/<uuid:performance_id>/desk")
@requires(VIEW)
def desk(performance_id: uuid.UUID) -> ResponseReturnValue:
    """What stands below the map, as it is now."""
    return render_template("inventory/_desk.html", fresh=True, **_shown(house_of(performance_id)))


@blueprint.get("/performances/<uuid:performance_id>/figures")
@requires(VIEW)
def figures(performance_id: uuid.UUID) -> ResponseReturnValue:
    """The figures alone, for a page that follows the sale."""
    return render_template("inventory/_figures.html", house=house_of(performance_id))


@blueprint.get("/performances/<uuid:performance_id>/seats")
@requires(VIEW)
def seat_status(performance_id: uuid.UUID) -> ResponseReturnValue:
    """Where each seat stands, as the map reads it ("TKS1", web/src/seatmap/status.ts).

    From the core, so that a manager sees the seats and can work while live plans are away; changes come from there.
    """
    found = core().GetSeatStatus(pb.GetSeatStatusRequest(performance_id=str(performance_id)))
    headers = {"Content-Encoding": "gzip", "Cache-Control": "no-store"}
    return Response(
        gzip.compress(snapshot(found.version, found.states), 1), mimetype="application/octet-stream", headers=headers
    )


@blueprint.get("/plans/<uuid:version_id>/geometry")
@requires(VIEW)
def geometry(version_id: uuid.UUID) -> ResponseReturnValue:
    """What the map is drawn from. A plan version never changes, so a browser may keep it."""
    found = catalogue().GetPlanGeometry(catalog_pb.GetPlanGeometryRequest(plan_version_id=str(version_id)))
    headers = {"Content-Encoding": "gzip", "Cache-Control": FOR_EVER}
    return Response(found.content, mimetype="application/octet-stream", headers=headers)


@blueprint.post("/performances/<uuid:performance_id>/seats")
@requires(MANAGE)
def change_seats(performance_id: uuid.UUID) -> ResponseReturnValue:
    """Block the chosen seats, give them back, put them into a contingent or take them out."""
    house = house_of(performance_id)
    try:
        done = _change(house, _typed_seats(house), request.form.get("deed", ""))
    except Refused as refused:
        return _answer(performance_id, error=str(refused), values=request.form)
    except grpc.RpcError as error:
        return _answer(performance_id, error=in_words(error, house), values=request.form)
    return _answer(performance_id, done=done)


@blueprint.post("/performances/<uuid:performance_id>/blocks/<uuid:block_id>/give-back")
@requires(MANAGE)
def give_back(performance_id: uuid.UUID, block_id: uuid.UUID) -> ResponseReturnValue:
    """All that is left of a block is sold again."""
    asked = pb.UnblockSeatsRequest(request_id=form_id(), block_id=str(block_id))
    try:
        core().UnblockSeats(asked)
    except grpc.RpcError as error:
        return _answer(performance_id, error=in_words(error))
    return _answer(performance_id, done=_("The seats are given back to the sale."))


def form_id() -> str:
    """The form's own id, minted when it was shown: the same when it is sent twice."""
    return request.form.get("request_id") or str(uuid.uuid4())


def in_words(error: grpc.RpcError, house: House | None = None) -> str:
    """Why the core refused: seats by row and number. Raises what is no refusal (no right, no answer)."""
    refused = as_domain_error(error)
    if refused.kind in (Kind.FORBIDDEN, Kind.UNAUTHENTICATED, Kind.UNAVAILABLE):
        raise error
    if refused.reason == "SEAT_TAKEN" and house is not None and house.status is not None:
        seats = [int(each) for each in refused.facts.get("seats", "").split(",") if each]
        return _("Nothing was changed: these seats are taken: %(seats)s.", seats=house.names.words(seats))
    return explain(refused)


def _change(house: House, seats: list[int], deed: str) -> str:
    """Do it, and say what was done. Raises Refused, RpcError."""
    count = ngettext("%(num)s seat", "%(num)s seats", len(seats))
    performance_id, reason = house.it.id, request.form.get("reason", "").strip()
    if deed in _KINDS:
        if len(reason) < 3:
            raise Refused(_("Say why, in at least three letters: whoever sees the seats later will want to know."))
        if request.form.get("only_free"):
            assert house.status is not None
            seats = [seat for seat in seats if state_of(house.status.states[seat - 1]) == SeatState.FREE]
            count = ngettext("%(num)s seat", "%(num)s seats", len(seats))
            if not seats:
                raise Refused(_("None of these seats is free."))
        core().BlockSeats(
            pb.BlockSeatsRequest(
                request_id=form_id(), performance_id=performance_id, seats=seats, kind=_KINDS[deed], reason=reason
            )
        )
        if deed == HOUSE:
            return _("Kept as house seats: %(count)s.", count=count)
        return _("Out of sale: %(count)s.", count=count)
    if deed == FREED:
        return _free(house, set(seats))
    if deed in (ASSIGNED, GENERAL):
        into = house.contingent(_number(request.form.get("number", ""))) if deed == ASSIGNED else None
        if deed == ASSIGNED and into is None:
            raise Refused(_("Choose the contingent."))
        number = into.number if into is not None else 0
        core().AssignSeats(
            pb.AssignSeatsRequest(request_id=form_id(), performance_id=performance_id, number=number, seats=seats)
        )
        if into is not None:
            return _("In the contingent “%(name)s”: %(count)s.", name=into.name, count=count)
        return _("In the general sale: %(count)s.", count=count)
    raise Refused(_("Choose what to do with these seats."))


def _free(house: House, seats: set[int]) -> str:
    """Give back those of the seats that are blocked, whichever blocks they are of."""
    freed = 0
    for block in house.pools.blocks:
        if of_it := sorted(seats & set(block.seats)):
            request_id = str(uuid.uuid5(uuid.NAMESPACE_OID, form_id() + block.block_id))
            core().UnblockSeats(pb.UnblockSeatsRequest(request_id=request_id, block_id=block.block_id, seats=of_it))
            freed += len(of_it)
    if not freed:
        raise Refused(_("None of these seats is blocked."))
    return _("Given back to the sale: %(count)s.", count=ngettext("%(num)s seat", "%(num)s seats", freed))


def _typed_seats(house: House) -> list[int]:
    """The ordinals that the map has put into the form. Raises Refused."""
    typed = request.form.get("seats", "")
    if house.status is None:
        raise Refused(house.problem or _("This performance has no numbered seats."))
    if not typed:
        raise Refused(_("Choose seats on the plan first."))
    if not _ORDINALS.fullmatch(typed):
        raise Refused(_("These seats cannot be read. Reload the page."))
    seats = list(dict.fromkeys(int(each) for each in typed.split(",")))
    if len(seats) > MOST_SEATS:
        raise Refused(_("At most %(most)s seats at once: choose fewer.", most=MOST_SEATS))
    if not all(1 <= seat <= len(house.status.states) for seat in seats):
        raise Refused(_("These seats are of another plan. Reload the page."))
    return seats


def _number(typed: str) -> int:
    return int(typed) if typed.isdecimal() and len(typed) < 4 else 0


def _answer(performance_id: uuid.UUID, done: str = "", error: str = "", values: Any = None) -> ResponseReturnValue:
    """To htmx what stands below the map, with what was done or why not; to a plain form the page."""
    if not request.headers.get("HX-Request"):
        flash(done or error, "success" if done else "error")
        return redirect(url_for("inventory.performance", performance_id=performance_id))
    shown = _shown(house_of(performance_id)) | {"done": done, "error": error, "values": values or {}}
    return render_template("inventory/_desk.html", fresh=True, **shown), 409 if error else 200


def _shown(house: House) -> dict[str, Any]:
    return {
        "house": house, "form_id": _new_id(), "new_id": _new_id, "pb": pb, "SeatState": SeatState,
        "deeds": _deeds(house),
        "contingents": {str(each.number): each.name for each in house.pools.contingents}, "named": _named,
        "who": _people(house.pools.blocks), "sellers": sellers_by_code(), "values": {}, "done": "", "error": "",
    }  # fmt: skip


def _deeds(house: House) -> list[tuple[str, str]]:
    """What can be done with chosen seats."""
    found = [
        (HOUSE, _("Keep as house seats")), (KILLED, _("Take out of sale")),
        (FREED, _("Give blocked seats back to the sale")),
        (ASSIGNED, _("Put into a contingent")), (GENERAL, _("Put back into the general sale")),
    ]  # fmt: skip
    return found if house.pools.contingents else found[:3]


def _named(codes: Sequence[str], names: Mapping[str, str]) -> str:
    return ", ".join(names.get(code, code) for code in codes)


def _new_id() -> str:
    return str(uuid.uuid4())


def sellers_by_code() -> dict[str, dict[str, str]]:
    """The names of channels and points of sale, by what contingents call them."""
    programme = catalogue().GetProgramme(catalog_pb.GetProgrammeRequest())
    return {
        "channels": {channel.code: channel.name for channel in programme.channels if not channel.archived},
        "points_of_sale": {desk.id: desk.name for desk in programme.points_of_sale if not desk.archived},
    }


def _people(blocks: Sequence[pb.Block]) -> dict[str, str]:
    """Who blocked seats, as far as the reader may know."""
    if not blocks:
        return {}
    user = signed_in()
    known = {user.id: user.name} if user is not None else {}
    try:
        users = stub("accounts", AccountsServiceStub).ListUsers(accounts_pb.ListUsersRequest()).users
    except (grpc.RpcError, DomainError):
        return known
    return {each.id: each.name for each in users} | known
