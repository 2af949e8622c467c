"""How the till stands, in full: what the status bar says in short (D1, C9). Anybody at the screen may read it."""

import shutil
from typing import Any

from flask import Blueprint, Response, jsonify

from device_gateway.domain.leases import AtHand, at_hand
from device_gateway.store import journal, leases, meta
from device_gateway.till import Till
from kit.clock import iso_ms, now


def status_blueprint(till: Till) -> Blueprint:
    """Under /api/status."""
    room = Blueprint("status", __name__, url_prefix="/api")

    def described(each: AtHand) -> dict[str, Any] | None:
        performance = till.catalogue.performances.get(each.performance_id)
        show = till.catalogue.shows.get(performance.show_id) if performance else None
        if performance is None or show is None:
            return None
        return {
            "performance_id": each.performance_id, "title": show.title, "hall": performance.hall,
            "starts_at": iso_ms(performance.starts_at), "left": each.left, "until": iso_ms(each.until),
        }  # fmt: skip

    @room.get("/status")
    def status() -> Response:
        at, connection = now(), till.database.read()
        acknowledged = meta.number(connection, meta.ACKNOWLEDGED)
        oldest = journal.waiting_since(connection, acknowledged)
        known = filter(None, (described(each) for each in at_hand(leases.every(connection), at)))
        return jsonify(
            last_answer_at=iso_ms(till.line.last_answer_at) if till.line.last_answer_at else None,
            waiting_since=iso_ms(oldest) if oldest else None,
            leases=sorted(known, key=lambda each: (each["starts_at"], each["title"])),
            clock_offset_ms=meta.number(connection, meta.CLOCK_OFFSET),
            started_at=iso_ms(till.started_at),
            free_disk_bytes=shutil.disk_usage(till.database.path.parent).free,
            refusals=sorted(set(till.sync_failures.values())),
        )

    return room
