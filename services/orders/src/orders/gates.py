"""The list of what has become of titles (domain: revocation): it only grows, and its sequence has no gap.

Whoever adds to it holds its row until the commit, so entries become visible in their order and a gate that asks for
what follows an entry misses none.
"""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy.orm import Session

import titles
from kit.sql import RowsStatement, Statement, insert
from titles import Cause, Revocation

_COLUMNS = {"cause": "smallint", "key_id": "bigint", "serial": "bigint", "reissue": "smallint", "digest": "bytea"}
_LOCK = Statement("SELECT last FROM revocation_list FOR UPDATE")
_SHARE = Statement("SELECT last FROM revocation_list FOR SHARE")
_ADVANCE = Statement("UPDATE revocation_list SET last = :last")
_KNOWN = RowsStatement(
    "SELECT cause, key_id, serial, reissue FROM {rows} JOIN revocations USING (cause, key_id, serial, reissue)",
    _COLUMNS,
)
_ADD = insert("revocations", {"sequence": "bigint", **_COLUMNS})
_AFTER = Statement(
    "SELECT cause, key_id, serial, reissue, digest FROM revocations"
    " WHERE sequence > :after ORDER BY sequence LIMIT :most"
)
_DEAD_KEYS = Statement(
    f"SELECT key_id FROM revocations WHERE cause = {Cause.KEY_DEAD:d} AND serial = 0 AND key_id = ANY(:keys)"  # noqa: S608
)
# Those of a place that was sold twice too: a person decides of them, whoever's key has ended.
_TOKENS = Statement(
    "SELECT token FROM tickets WHERE key_id = :key AND refund_id IS NULL AND NOT replaced ORDER BY serial"
)
_PAPERS = Statement("SELECT paper_key, paper_serial FROM tickets WHERE paper_key = ANY(:keys)")
_IN_CONFLICT = RowsStatement(
    "SELECT t.key_id, t.serial FROM {rows} JOIN conflict_tickets t USING (key_id, serial) JOIN conflicts c"
    " USING (conflict_id) WHERE c.state <> 'settled'",
    {"key_id": "bigint", "serial": "bigint"},
)
_DISPUTES = RowsStatement(
    "SELECT DISTINCT ON (v.key_id, v.serial) v.key_id, v.serial, v.cause FROM {rows} JOIN revocations v"  # noqa: S608 - ours
    f" USING (key_id, serial) WHERE v.cause IN ({Cause.DISPUTED:d}, {Cause.SETTLED:d})"
    " ORDER BY v.key_id, v.serial, v.sequence DESC",
    {"key_id": "bigint", "serial": "bigint"},
)


def tell(session: Session, entries: Iterable[Revocation]) -> int:
    """Add what the list does not hold yet, in this order; how many were new."""
    wanted = list(dict.fromkeys(entries))
    if not wanted:
        return 0
    ((last,),) = _LOCK.rows(session)
    known = set(_KNOWN.rows(session, map(_row, wanted)))
    new = [entry for entry in wanted if _row(entry)[:4] not in known]
    _ADD.rows(session, ((number, *_row(entry)) for number, entry in enumerate(new, last + 1)))
    _ADVANCE.rows(session, last=last + len(new))
    return len(new)


def lock(session: Session) -> None:
    """Whoever will add to the list, and first looks at what others may be adding, takes its row before."""
    _LOCK.rows(session)


def dispute(session: Session, wanted: Mapping[tuple[int, int], bool]) -> None:
    """From now on these titles, by key and serial, are disputed (True: a person decides, at the box office) or no more.

    What the list says already is not said again; unlike the other causes, these may alternate.
    """
    ((last,),) = _LOCK.rows(session)
    said = {(key_id, serial): cause == Cause.DISPUTED for key_id, serial, cause in _DISPUTES.rows(session, wanted)}
    new = [
        Revocation(Cause.DISPUTED if disputed else Cause.SETTLED, *title)
        for title, disputed in sorted(wanted.items()) if said.get(title, False) != disputed
    ]  # fmt: skip
    _ADD.rows(session, ((number, *_row(entry)) for number, entry in enumerate(new, last + 1)))
    _ADVANCE.rows(session, last=last + len(new))


def after(session: Session, sequence: int, most: int) -> tuple[Revocation, ...]:
    """The entries that follow one, in order."""
    rows = _AFTER.rows(session, after=sequence, most=most)
    return tuple(Revocation(cause, key, serial, reissue, bytes(digest)) for cause, key, serial, reissue, digest in rows)


def vouch(session: Session, key_ids: Collection[int]) -> int:
    """Tell gates all living titles of these keys, so that they open whatever becomes of the key; how many were new."""
    tokens = [token for key_id in sorted(key_ids) for (token,) in _TOKENS.rows(session, key=key_id)]
    return tell(session, map(_vouched, tokens))


def end_keys(session: Session, key_ids: Collection[int]) -> None:
    """From now on these keys speak only for the titles that are kept here: those that a thief prints open nothing."""
    if not key_ids:
        return
    _LOCK.rows(session)  # before the titles are read: those that others are keeping now are waited for
    vouch(session, key_ids)
    tell(session, [Revocation(Cause.KEY_DEAD, key_id) for key_id in sorted(key_ids)])
    _end_disputes_of_numbers(session, key_ids)


def _end_disputes_of_numbers(session: Session, key_ids: Collection[int]) -> None:
    """Of two papers with one number the kept one is vouched for now, and the other opens nothing any more."""
    disputed = {(key_id, serial) for key_id, serial in _PAPERS.rows(session, keys=sorted(key_ids))}
    still = set(_IN_CONFLICT.rows(session, disputed))
    dispute(session, dict.fromkeys(disputed - still, False))


def vouch_for_late(session: Session, key_ids_by_token: Mapping[str, int]) -> None:
    """Titles that reach us after their key's end were sealed before it: the journal of an ended till takes no more."""
    _SHARE.rows(session)
    dead = {key_id for (key_id,) in _DEAD_KEYS.rows(session, keys=sorted({*key_ids_by_token.values()}))}
    tell(session, [_vouched(token) for token, key_id in key_ids_by_token.items() if key_id in dead])


def supersede(session: Session, key_id: int, serial: int, reissue: int, token: str) -> None:
    """Only this paper of the title, and newer ones, open."""
    tell(session, [Revocation(Cause.REISSUED, key_id, serial, reissue)])
    vouch_for_late(session, {token: key_id})


def _vouched(token: str) -> Revocation:
    signed = titles.read(token)
    digest = titles.digest_of(signed.signature)
    return Revocation(Cause.VOUCHED, signed.token.key_id, signed.token.serial, signed.token.reissue, digest)


def _row(entry: Revocation) -> tuple[int, int, int, int, bytes]:
    return int(entry.cause), entry.key_id, entry.serial, entry.reissue, entry.digest
