"""Drafts, versions and roll-outs of tills' set-ups, and what tills say of theirs."""

import json
from collections.abc import Mapping, Sequence, Set
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from catalog.domain.setups import TillReport, TillRollout, TillSetupVersion
from kit.sql import Statement
from setups import Signed

_VERSION = "till_profile_id::text, number, published_at, published_by, comment, fingerprint"
_SIGNED = "content, signature, public_key, certificate"
_ROLLOUT = "id, till_profile_id::text, number, till_ids::text[], point_of_sale_ids::text[], at, by_name"
_NAMES_THE_TILL = (
    "(cardinality(till_ids) + cardinality(point_of_sale_ids) = 0 OR {till} = ANY(till_ids)"
    " OR {point} = ANY(point_of_sale_ids)) ORDER BY id DESC LIMIT 1"
)
_DRAFT = Statement("SELECT content, revision FROM till_drafts WHERE till_profile_id = CAST(:profile AS uuid)")
_SAVE_DRAFT = Statement(
    "INSERT INTO till_drafts (till_profile_id, content, revision)"
    " VALUES (CAST(:profile AS uuid), CAST(:content AS jsonb), :revision)"
    " ON CONFLICT (till_profile_id) DO UPDATE SET content = excluded.content, revision = excluded.revision"
)
_ADD = Statement(
    f"INSERT INTO till_setups (till_profile_id, number, published_by, comment, {_SIGNED}, fingerprint)"  # noqa: S608
    " VALUES (CAST(:profile AS uuid), :number, :by, :comment, :content, :signature, :public_key, :certificate,"
    f" :fingerprint) RETURNING {_VERSION}"
)
_LIST = Statement(
    f"SELECT {_VERSION} FROM till_setups WHERE till_profile_id = CAST(:profile AS uuid) ORDER BY number DESC"  # noqa: S608
)
_FIND = Statement(
    f"SELECT {_VERSION}, {_SIGNED} FROM till_setups"  # noqa: S608 - ours
    " WHERE till_profile_id = CAST(:profile AS uuid) AND number = :number"
)
_ROLL_OUT = Statement(
    "INSERT INTO till_rollouts (till_profile_id, number, till_ids, point_of_sale_ids, by_name)"  # noqa: S608 - ours
    " VALUES (CAST(:profile AS uuid), :number, CAST(:tills AS uuid[]), CAST(:points AS uuid[]), :by)"
    f" RETURNING {_ROLLOUT}"
)
_ROLLOUTS = Statement(
    f"SELECT {_ROLLOUT} FROM till_rollouts WHERE till_profile_id = CAST(:profile AS uuid)"  # noqa: S608 - ours
    " ORDER BY id DESC LIMIT :limit"
)
_ASKED = Statement(
    "SELECT p.till_profile_id::text, (SELECT number FROM till_rollouts WHERE till_profile_id = p.till_profile_id AND "  # noqa: S608
    + _NAMES_THE_TILL.format(till="CAST(:till AS uuid)", point="p.id")
    + ") FROM points_of_sale p WHERE p.id = CAST(:point AS uuid)"
)
_STATES = Statement(
    "SELECT s.till_id::text, s.till_number, s.point_of_sale_id::text, COALESCE(s.applied_profile_id::text, ''),"  # noqa: S608
    " s.applied_number, s.waiting_number, s.refused_number, s.refused_reason, s.seen_at,"
    " COALESCE((SELECT payment_modes FROM till_modes m WHERE m.till_id = s.till_id), '{}'),"
    " COALESCE((SELECT number FROM till_rollouts WHERE till_profile_id = p.till_profile_id AND "
    + _NAMES_THE_TILL.format(till="s.till_id", point="p.id")
    + "), 0) FROM till_setup_states s JOIN points_of_sale p ON p.id = s.point_of_sale_id"
    " WHERE p.till_profile_id = CAST(:profile AS uuid) ORDER BY s.till_number, s.till_id"
)
_REPORT = Statement(
    "INSERT INTO till_setup_states (till_id, till_number, point_of_sale_id, applied_profile_id, applied_number,"
    " waiting_number, refused_number, refused_reason, seen_at)"
    " VALUES (CAST(:till AS uuid), :number, CAST(:point AS uuid), CAST(NULLIF(:profile, '') AS uuid),"
    " :applied, :waiting, :refused, :reason, :now)"
    " ON CONFLICT (till_id) DO UPDATE SET till_number = excluded.till_number,"
    " point_of_sale_id = excluded.point_of_sale_id, applied_profile_id = excluded.applied_profile_id,"
    " applied_number = excluded.applied_number, waiting_number = excluded.waiting_number,"
    " refused_number = excluded.refused_number, refused_reason = excluded.refused_reason, seen_at = excluded.seen_at"
    # A till asks every two seconds: its row is written when it says something new, and now and then.
    " WHERE till_setup_states.seen_at < excluded.seen_at - interval '30 seconds'"
    " OR ROW(till_setup_states.till_number, till_setup_states.point_of_sale_id, till_setup_states.applied_profile_id,"
    " till_setup_states.applied_number, till_setup_states.waiting_number, till_setup_states.refused_number)"
    " IS DISTINCT FROM ROW(excluded.till_number, excluded.point_of_sale_id, excluded.applied_profile_id,"
    " excluded.applied_number, excluded.waiting_number, excluded.refused_number)"
)
_SEEN = Statement("SELECT EXISTS (SELECT FROM till_setup_states WHERE till_id = CAST(:till AS uuid))")
_MODES = Statement(f"SELECT number, {_SIGNED} FROM till_modes WHERE till_id = CAST(:till AS uuid)")  # noqa: S608 - ours
_SAVE_MODES = Statement(
    f"INSERT INTO till_modes (till_id, number, payment_modes, {_SIGNED})"  # noqa: S608 - ours
    " VALUES (CAST(:till AS uuid), :number, :modes, :content, :signature, :public_key, :certificate)"
    " ON CONFLICT (till_id) DO UPDATE SET number = excluded.number, payment_modes = excluded.payment_modes,"
    " content = excluded.content, signature = excluded.signature, public_key = excluded.public_key,"
    " certificate = excluded.certificate"
)
_ARCHIVED = Statement(
    "SELECT id::text FROM shows WHERE archived AND id = ANY(CAST(:ids AS uuid[]))"
    " UNION ALL SELECT id::text FROM tariffs WHERE archived AND id = ANY(CAST(:ids AS uuid[]))"
    " UNION ALL SELECT id::text FROM products WHERE archived AND id = ANY(CAST(:ids AS uuid[]))"
)


def till_draft(session: Session, profile_id: str) -> tuple[dict[str, Any], int] | None:
    """The draft in protobuf JSON, and its revision."""
    found = _DRAFT.rows(session, profile=profile_id)
    return (found[0][0], found[0][1]) if found else None


def save_till_draft(session: Session, profile_id: str, content: Mapping[str, Any], revision: int) -> None:
    _SAVE_DRAFT.rows(session, profile=profile_id, content=json.dumps(content), revision=revision)


def add_setup(
    session: Session, profile_id: str, number: int, by: str, comment: str, signed: Signed, fingerprint: str
) -> TillSetupVersion:
    """Keep a version for ever. The caller holds the catalogue's lock, so numbers have no double."""
    (row,) = _ADD.rows(
        session, profile=profile_id, number=number, by=by, comment=comment, fingerprint=fingerprint, **vars(signed)
    )
    return TillSetupVersion(*row)


def setup_versions(session: Session, profile_id: str) -> list[TillSetupVersion]:
    """Newest first."""
    return [TillSetupVersion(*row) for row in _LIST.rows(session, profile=profile_id)]


def setup_version(session: Session, profile_id: str, number: int) -> tuple[TillSetupVersion, Signed] | None:
    found = _FIND.rows(session, profile=profile_id, number=number)
    return (TillSetupVersion(*found[0][:6]), Signed(*map(bytes, found[0][6:]))) if found else None


def roll_out(
    session: Session, profile_id: str, number: int, till_ids: Sequence[str], point_ids: Sequence[str], by: str
) -> TillRollout:
    (row,) = _ROLL_OUT.rows(
        session, profile=profile_id, number=number, tills=list(till_ids), points=list(point_ids), by=by
    )
    return _rollout(row)


def rollouts(session: Session, profile_id: str, limit: int) -> list[TillRollout]:
    """Newest first."""
    return [_rollout(row) for row in _ROLLOUTS.rows(session, profile=profile_id, limit=limit)]


def _rollout(row: tuple[Any, ...]) -> TillRollout:
    id, profile_id, number, tills, points, at, by = row
    return TillRollout(id, profile_id, number, tuple(tills), tuple(points), at, by)


def asked_of(session: Session, till_id: str, point_of_sale_id: str) -> tuple[str, int] | None:
    """The profile of a point of sale, and the version that its till should run (0: none is published)."""
    found = _ASKED.rows(session, till=till_id, point=point_of_sale_id)
    return (found[0][0], found[0][1] or 0) if found else None


def till_states(session: Session, profile_id: str) -> list[tuple[TillReport, datetime, list[str], int]]:
    """Of each till of a profile: what it said and when, its own payment modes, the version that it should run."""
    return [
        (TillReport(row[0], row[1], row[2], *row[3:8]), row[8], list(row[9]), row[10])
        for row in _STATES.rows(session, profile=profile_id)
    ]


def keep_report(session: Session, report: TillReport, now: datetime) -> None:
    _REPORT.rows(
        session, till=report.till_id, number=report.till_number, point=report.point_of_sale_id,
        profile=report.applied_profile_id, applied=report.applied_number, waiting=report.waiting_number,
        refused=report.refused_number, reason=report.refused_reason, now=now,
    )  # fmt: skip


def till_was_seen(session: Session, till_id: str) -> bool:
    return bool(_SEEN.rows(session, till=till_id)[0][0])


def till_modes(session: Session, till_id: str) -> tuple[int, Signed] | None:
    """The number and bytes of a till's own payment modes."""
    found = _MODES.rows(session, till=till_id)
    return (found[0][0], Signed(*map(bytes, found[0][1:]))) if found else None


def save_till_modes(session: Session, till_id: str, number: int, modes: Sequence[str], signed: Signed) -> None:
    _SAVE_MODES.rows(session, till=till_id, number=number, modes=list(modes), **vars(signed))


def archived_of(session: Session, ids: Set[str]) -> set[str]:
    """Those of these shows, tariffs and articles that are archived."""
    return {id for (id,) in _ARCHIVED.rows(session, ids=sorted(ids))} if ids else set()
