"""What an inspector is shown and handed: complete journals, closings, archives, live exports (LAW-6, LAW-7)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Response, flash, redirect, render_template, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

import ledger
from cashdesk.web.pages import VIEW, blueprint, cashdesk
from kit.errors import DomainError, Kind
from kit.web import requires
from ledger import archive as files
from ticketing.cashdesk.v1 import cashdesk_service_pb2 as pb
from ticketing.cashdesk.v1 import cashdesk_service_pb2_grpc as rpc

CLOSE = "cashdesk.close"
PAGE = 1000


@dataclass(frozen=True)
class Seen:
    """A till as an inspector sees it."""

    found: pb.GetCompletenessResponse
    closings: list[pb.Closing]

    @property
    def till(self) -> pb.TillJournal:
        return self.found.till

    @property
    def entries(self) -> int:
        return self.till.last_sequence - self.found.first_sequence + 1

    @property
    def gaps(self) -> list[tuple[int, int]]:
        """Numbers of entries that no receipt covers. A virtual till is sealed by the centre itself."""
        if self.till.is_virtual or self.till.branch_of:
            return []
        left, gaps = 1, []
        for each in self.found.ranges:
            if each.first_sequence > left:
                gaps.append((left, each.first_sequence - 1))
            left = max(left, each.last_sequence + 1)
        if left <= self.till.last_sequence:
            gaps.append((left, self.till.last_sequence))
        return gaps

    @property
    def is_complete(self) -> bool:
        return not self.found.missing and not self.gaps and not self.till.frozen

    @property
    def last_day(self) -> pb.Closing | None:
        return next(iter(self.days), None)

    @property
    def periods(self) -> list[pb.Closing]:
        """Closed months and years, newest first."""
        return [each for each in self.closings if each.period != "day"]

    @property
    def days(self) -> list[pb.Closing]:
        return [each for each in self.closings if each.period == "day"]

    @property
    def due(self) -> int:
        """How many archives wait to be made."""
        return len(self.to_archive)

    @property
    def to_archive(self) -> list[pb.Closing]:
        waits = [each for each in self.periods if not each.HasField("archived_at")]
        return [] if self.till.branch_of else waits


@blueprint.get("/inspection")
@requires(VIEW)
def inspection() -> ResponseReturnValue:
    """Every till at a glance: is its journal complete, closed, archived?"""
    core = cashdesk()
    seen = [_seen(core, till.till_id) for till in core.ListTills(pb.ListTillsRequest()).tills if not till.practice_of]
    return render_template("cashdesk/inspection.html", seen=seen, fiscal_version=ledger.FISCAL_VERSION)


@blueprint.post("/inspection/archives")
@requires(CLOSE)
def make_archives() -> ResponseReturnValue:
    """Archive every month and year that is closed and not archived yet."""
    core, made = cashdesk(), 0
    for till in core.ListTills(pb.ListTillsRequest()).tills:
        for closing in _seen(core, till.till_id).to_archive:
            core.MakeArchive(pb.MakeArchiveRequest(till_id=till.till_id, closing_sequence=closing.sequence))
            made += 1
    flash(gettext("Archives made: %(count)s.", count=made), "success")
    return redirect(url_for("cashdesk.inspection"))


@blueprint.get("/inspection/<till_id>")
@requires(VIEW)
def inspect_till(till_id: str) -> ResponseReturnValue:
    """One till: what proves that nothing is missing, its closings, and files to take away."""
    seen = _seen(cashdesk(), till_id)
    return render_template("cashdesk/inspect_till.html", seen=seen, file=f"{_safe(seen.till.number)}.jsonl")


@blueprint.get("/inspection/<till_id>/archives/<int:sequence>")
@requires(VIEW)
def download_archive(till_id: str, sequence: int) -> ResponseReturnValue:
    core = cashdesk()
    closing = next((each for each in _seen(core, till_id).periods if each.sequence == sequence), None)
    if closing is None or not closing.HasField("archived_at"):
        raise DomainError("no archive was made of this period", kind=Kind.NOT_FOUND, reason="ARCHIVE_UNKNOWN")
    number = core.GetCompleteness(pb.GetCompletenessRequest(till_id=till_id)).till.number
    answer = Response(stream_with_context(_pieces(core, till_id, sequence)), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f"attachment; filename={_safe(number)}-{closing.of}.zip"
    answer.headers["Content-Length"] = str(closing.archive_size)
    return answer


@blueprint.get("/inspection/<till_id>/journal.jsonl")
@requires(VIEW)
def export_journal(till_id: str) -> ResponseReturnValue:
    """The whole journal as it is now, with the centre's receipt of this moment, for `ledger-verify`."""
    core = cashdesk()
    found = core.GetCompleteness(pb.GetCompletenessRequest(till_id=till_id))
    lines = stream_with_context(_export(core, found))
    answer = Response(lines, mimetype="application/x-ndjson")
    answer.headers["Content-Disposition"] = f"attachment; filename={_safe(found.till.number)}.jsonl"
    return answer


def _export(core: rpc.CashdeskServiceStub, found: pb.GetCompletenessResponse) -> Iterator[bytes]:
    till, first = found.till, found.first_sequence
    entries = _entries(core, till.till_id, first, till.last_sequence)
    opening = next(entries, None)
    start = json.loads(opening.bytes)["prev"] if opening else ledger.genesis(till.till_id).hex()
    header = ledger.Header(
        till.branch_of or till.till_id, till.number, till.name, till.public_key.hex(), till.practice_of or None, None,
        None, first, till.last_sequence, start, datetime.now(UTC), found.centre_key.hex(),
        found.centre_certificate.hex(), found.root_public_key.hex() or None,
    )  # fmt: skip
    receipts = [found.receipt] if found.receipt else []

    def all_entries() -> Iterator[ledger.SealedEntry]:
        if opening is not None:
            yield opening
        yield from entries

    yield from files.write(header, (), all_entries(), receipts, None)


def _entries(core: rpc.CashdeskServiceStub, till_id: str, first: int, last: int) -> Iterator[ledger.SealedEntry]:
    while first <= last:
        asked = pb.ListEntriesRequest(till_id=till_id, from_sequence=first, page_size=min(PAGE, last - first + 1))
        page = core.ListEntries(asked).entries
        if not page:
            return
        for each in page:
            yield ledger.SealedEntry(each.content, each.signature, each.algorithm)
        first = page[-1].sequence + 1


def _pieces(core: rpc.CashdeskServiceStub, till_id: str, sequence: int) -> Iterator[bytes]:
    start = 0
    while piece := core.ReadArchive(
        pb.ReadArchiveRequest(till_id=till_id, closing_sequence=sequence, from_byte=start)
    ).content:
        yield piece
        start += len(piece)


def _seen(core: rpc.CashdeskServiceStub, till_id: str) -> Seen:
    found = core.GetCompleteness(pb.GetCompletenessRequest(till_id=till_id))
    return Seen(found, list(core.ListClosings(pb.ListClosingsRequest(till_id=till_id)).closings))


def _safe(number: str) -> str:
    """A till's number as a file is called: a branch's has stars."""
    return number.replace("*", "-copie")
