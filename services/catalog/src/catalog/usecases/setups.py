"""Setting up tills: a draft, signed versions that never change, roll-outs in stages and back, one till's own modes.

No till sees a draft. What a till runs is decided by the newest roll-out that names it, so going back is one more
roll-out and nothing is ever undone in place. See ADR 0013.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from sqlalchemy.orm import Session, sessionmaker

import setups
from catalog import store
from catalog.clients import Accounts
from catalog.domain import (
    PAYMENT_MODES,
    PointOfSaleNotFound,
    TillDraftChanged,
    TillNotSeen,
    TillProfile,
    TillProfileNotFound,
    TillSetupNotFound,
    TillSetupUnchanged,
)
from catalog.domain.checks import identity, text
from catalog.domain.setups import (
    LONGEST_COMMENT,
    TillReport,
    TillRollout,
    TillSetupFault,
    TillSetupVersion,
    faults,
)
from catalog.translate import to_message, to_value
from catalog.usecases.saving import once
from kit.auth import Caller, CallerKind
from kit.errors import FieldInvalid
from ticketing.catalog.v1 import catalog_pb2 as nouns

Answer = TypeVar("Answer", bound=Message)
Sessions = sessionmaker[Session]
MOST_ROLLOUTS = 50
MOST_NAMED = 500


class Signer:
    """Signs with the set-up key, which accounts certifies once per process."""

    def __init__(self, accounts: Accounts, seed: bytes) -> None:
        self._accounts, self._key = accounts, Ed25519PrivateKey.from_private_bytes(seed)
        self._certificate = b""

    def ready(self) -> None:
        """Have the key certified, outside of any transaction. Raises Unavailable."""
        if not self._certificate:
            self._certificate = self._accounts.certify_setup_key(self._key.public_key().public_bytes_raw())

    def sign(self, content: bytes) -> setups.Signed:
        return setups.sign(content, self._key, self._certificate)


def get_till_draft(sessions: Sessions, caller: Caller, profile_id: str) -> tuple[TillProfile, int]:
    """The working copy and its revision. Raises TillProfileNotFound, FieldInvalid."""
    caller.require("catalog.programme")
    with sessions.begin() as session:
        return _draft(session, _profile(session, profile_id))


def save_till_draft(
    sessions: Sessions, caller: Caller, request: Message, draft: TillProfile, known_revision: int,
    answer_type: type[Answer], answer: Callable[[int], Answer],
) -> Answer:  # fmt: skip
    """Replace the working copy. Raises TillDraftChanged when somebody else did meanwhile, TillProfileNotFound."""
    caller.require("catalog.programme")
    draft.check("draft")

    def work(session: Session, version: int) -> Answer:
        _require_revision(_draft(session, _profile(session, draft.id))[1], known_revision)
        store.save_till_draft(session, draft.id, _plain(draft), version)
        return answer(version)

    return once(sessions, request, answer_type, work)


def publish_till_setup(
    sessions: Sessions, caller: Caller, signer: Signer, request: Message, profile_id: str, known_revision: int,
    comment: str, answer_type: type[Answer],
    answer: Callable[[TillSetupVersion | None, Sequence[TillSetupFault]], Answer],
) -> Answer:  # fmt: skip
    """Freeze and sign the draft as the next version; with faults, nothing is kept and they are told.

    Raises TillDraftChanged, TillSetupUnchanged, TillProfileNotFound, FieldInvalid, Unavailable.
    """
    caller.require("catalog.programme")
    text("comment", comment, LONGEST_COMMENT, required=False)
    signer.ready()

    def work(session: Session, _: int) -> Answer:
        running = _profile(session, profile_id)
        draft, revision = _draft(session, running)
        _require_revision(revision, known_revision)
        versions = store.setup_versions(session, profile_id)
        found = faults(draft, store.archived_of(session, {id for _, id in draft.references()}))
        if not _fits(draft):
            found.append(TillSetupFault("pages", "TOO_LARGE"))
        if found:
            return answer(None, found)
        if not versions:
            # What the tills run so far comes first: there is always something to go back to.
            versions = [_keep(session, signer, running, 1, caller.name, "")]
            store.roll_out(session, profile_id, 1, (), (), caller.name)
            if _plain(draft) == _plain(running):
                return answer(versions[0], ())
        last = store.setup_version(session, profile_id, versions[0].number)
        if last and _content(draft, versions[0].number) == last[1].content:
            raise TillSetupUnchanged(f"version {versions[0].number} is the same", number=versions[0].number)
        return answer(_keep(session, signer, draft, versions[0].number + 1, caller.name, comment), ())

    return once(sessions, request, answer_type, work)


def get_till_setup_version(
    sessions: Sessions, caller: Caller, profile_id: str, number: int
) -> tuple[TillSetupVersion, TillProfile]:
    """Raises TillSetupNotFound, FieldInvalid."""
    caller.require("catalog.programme")
    with sessions.begin() as session:
        return _version(session, profile_id, number)


def roll_out_till_setup(
    sessions: Sessions, caller: Caller, request: Message, profile_id: str, number: int, till_ids: Sequence[str],
    point_ids: Sequence[str], answer_type: type[Answer], answer: Callable[[TillRollout], Answer],
) -> Answer:  # fmt: skip
    """Ask tills to run a version, later or earlier. Raises TillSetupNotFound, FieldInvalid."""
    caller.require("catalog.programme")
    for path, ids in (("till_ids", till_ids), ("point_of_sale_ids", point_ids)):
        if len(ids) > MOST_NAMED:
            raise FieldInvalid(path, f"has too many; at most {MOST_NAMED}")
        for i, id in enumerate(ids):
            identity(f"{path}[{i}]", id)

    def work(session: Session, version: int) -> Answer:
        _, profile = _version(session, profile_id, number)
        if not till_ids and not point_ids:
            # Tills from before signed set-ups, and those that are enrolled later, start from this.
            store.save(session, "till_profile", [replace(profile, revision=version)])
        return answer(store.roll_out(session, profile_id, number, till_ids, point_ids, caller.name))

    return once(sessions, request, answer_type, work)


def set_till_modes(
    sessions: Sessions, caller: Caller, signer: Signer, request: Message, till_id: str, modes: Sequence[str],
    answer_type: type[Answer], answer: Callable[[], Answer],
) -> Answer:  # fmt: skip
    """Give one till payment modes of its own, or (none) those of its profile again (B2).

    Raises TillNotSeen, FieldInvalid, Unavailable.
    """
    caller.require("catalog.programme")
    identity("till_id", till_id)
    for i, mode in enumerate(modes):
        if mode not in PAYMENT_MODES or mode in modes[:i]:
            raise FieldInvalid(f"payment_modes[{i}]", f"must be one of {', '.join(PAYMENT_MODES)}, each once")
    signer.ready()

    def work(session: Session, _: int) -> Answer:
        if not store.till_was_seen(session, till_id):
            raise TillNotSeen(f"till {till_id} has never asked for a set-up", till_id=till_id)
        known = store.till_modes(session, till_id)
        number = (known[0] if known else 0) + 1
        signed = signer.sign(setups.encode(setups.TillModes(till_id, number, tuple(modes))))
        store.save_till_modes(session, till_id, number, modes, signed)
        return answer()

    return once(sessions, request, answer_type, work)


def list_till_setups(
    sessions: Sessions, caller: Caller, profile_id: str
) -> tuple[list[TillSetupVersion], list[TillRollout], list[tuple[TillReport, datetime, list[str], int]]]:
    """Versions and roll-outs, newest first, and each till's state as the store tells it. Raises FieldInvalid."""
    caller.require("catalog.view", "catalog.programme")
    identity("till_profile_id", profile_id)
    with sessions.begin() as session:
        return (
            store.setup_versions(session, profile_id),
            store.rollouts(session, profile_id, MOST_ROLLOUTS),
            store.till_states(session, profile_id),
        )


def sync_till_setup(
    sessions: Sessions, caller: Caller, report: TillReport, waiting_profile_id: str, refused_fingerprint: str,
    modes_number: int, now: datetime,
) -> tuple[setups.Signed | None, setups.Signed | None]:  # fmt: skip
    """Keep what a till says; the set-up and the modes that it should have and does not.

    `refused_fingerprint`: of what it did not take, which is not sent again; empty: nothing. The number that it refused
    is the one that it is asked to run, for bad bytes cannot say theirs.
    Raises PointOfSaleNotFound, FieldInvalid, Forbidden.
    """
    identity("till_id", report.till_id)
    caller.require_till(report.till_id)
    if caller.kind is CallerKind.TILL:
        place = caller.facts.get("point_of_sale_id", report.point_of_sale_id)
        report = replace(report, till_number=caller.name, point_of_sale_id=place)
    identity("point_of_sale_id", report.point_of_sale_id)
    identity("applied.till_profile_id", report.applied_profile_id, required=False)
    with sessions.begin() as session:
        asked = store.asked_of(session, report.till_id, report.point_of_sale_id)
        if asked is None:
            raise PointOfSaleNotFound(f"no point of sale {report.point_of_sale_id}")
        store.keep_report(session, replace(report, refused_number=asked[1] if refused_fingerprint else 0), now)
        next_one = (waiting_profile_id, report.waiting_number) if report.waiting_number else (
            report.applied_profile_id, report.applied_number)  # fmt: skip
        setup = None
        if asked[1] and asked != next_one and (found := store.setup_version(session, *asked)):
            setup = None if refused_fingerprint == found[0].fingerprint else found[1]
        modes = store.till_modes(session, report.till_id)
        return setup, modes[1] if modes and modes[0] != modes_number else None


def _profile(session: Session, profile_id: str) -> TillProfile:
    """As its tills run it unless a roll-out says otherwise."""
    identity("till_profile_id", profile_id)
    found = store.read(session, TillProfile, "id = CAST(:id AS uuid)", id=profile_id)
    if not found:
        raise TillProfileNotFound(f"no till profile {profile_id}", till_profile_id=profile_id)
    return found[0]


def _draft(session: Session, running: TillProfile) -> tuple[TillProfile, int]:
    found = store.till_draft(session, running.id)
    return (_value(found[0]), found[1]) if found else (running, 0)


def _version(session: Session, profile_id: str, number: int) -> tuple[TillSetupVersion, TillProfile]:
    identity("till_profile_id", profile_id)
    found = store.setup_version(session, profile_id, number)
    if found is None:
        raise TillSetupNotFound(f"no version {number} of {profile_id}", number=number)
    content = setups.decode(found[1].content)
    assert isinstance(content, setups.ProfileVersion)
    return found[0], _value(content.profile)


def _require_revision(revision: int, known: int) -> None:
    if revision != known:
        raise TillDraftChanged(f"the draft is at revision {revision}, not {known}", revision=revision)


def _keep(
    session: Session, signer: Signer, profile: TillProfile, number: int, by: str, comment: str
) -> TillSetupVersion:
    content = _content(profile, number)
    fingerprint = setups.fingerprint(content)
    return store.add_setup(session, profile.id, number, by, comment, signer.sign(content), fingerprint)


def _fits(profile: TillProfile) -> bool:
    """Whether it can be a version, whatever its number."""
    try:
        _content(profile, 10**9)
    except setups.BadSetup:
        return False
    return True


def _content(profile: TillProfile, number: int) -> bytes:
    return setups.encode(setups.ProfileVersion(profile.id, number, _plain(profile)))


def _plain(profile: TillProfile) -> dict[str, Any]:
    message = to_message(nouns.TillProfile, replace(profile, revision=0))
    plain: dict[str, Any] = MessageToDict(message, preserving_proto_field_name=True)
    return plain


def _value(plain: Any) -> TillProfile:
    # A version is read by whatever release comes later: what that one does not know is not its matter.
    return to_value(TillProfile, ParseDict(plain, nouns.TillProfile(), ignore_unknown_fields=True), "till_profile")
