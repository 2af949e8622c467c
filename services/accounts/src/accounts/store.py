"""Tables, mapping and queries: one function per question. The schema itself is in migrations/."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Enum,
    Identity,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import UUID as Uuid
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session, registry

from accounts.domain.errors import TillNotFound, UserNotFound
from accounts.domain.tills import Till, TillState
from accounts.domain.users import ADMINISTRATOR, User

FIRST_USER_LOCK = 7_410_001

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", Uuid(as_uuid=True), primary_key=True),
    Column("login", String(64), nullable=False),
    Column("name", String(80), nullable=False),
    Column("profile", String(40), nullable=False),
    Column("password_hash", String(200), nullable=False),
    Column("pin_hash", String(200)),
    Column("enabled", Boolean, nullable=False),
    Column("language", String(2), nullable=False),
    Column("credentials_version", Integer, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("badge_hash", LargeBinary),
)

tills = Table(
    "tills",
    metadata,
    Column("id", Uuid(as_uuid=True), primary_key=True),
    Column("number", String(8), nullable=False),
    Column("name", String(80), nullable=False),
    Column("point_of_sale_id", String(64), nullable=False),
    Column("state", Enum(TillState, native_enum=False, values_callable=lambda states: [s.value for s in states])),
    Column("journal_public_key", LargeBinary),
    Column("ticket_key_id", BigInteger),
    Column("ticket_public_key", LargeBinary),
    Column("code_hash", LargeBinary),
    Column("code_expires_at", DateTime(timezone=True)),
    Column("code_used_at", DateTime(timezone=True)),
    Column("mac_address", String(40), nullable=False),
    Column("hostname", String(255), nullable=False),
    Column("software_version", String(40), nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("enrolled_at", DateTime(timezone=True)),
    Column("last_seen_at", DateTime(timezone=True)),
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_reason", String(200), nullable=False),
    Column("returned_at", DateTime(timezone=True)),
)

ticket_keys = Table(
    "ticket_keys",
    metadata,
    Column("key_id", BigInteger, Identity(always=True), primary_key=True),
    Column("till_id", Uuid(as_uuid=True)),
    Column("public_key", LargeBinary, nullable=False),
    Column("certificate", LargeBinary),
    Column("not_after", DateTime(timezone=True)),
)

token_keys = Table(
    "token_keys",
    metadata,
    Column("key_id", String(40), primary_key=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("sealed_seed", LargeBinary, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("not_after", DateTime(timezone=True)),
)

till_reports = Table(
    "till_reports",
    metadata,
    Column("till_id", Uuid(as_uuid=True), primary_key=True),
    Column("reported_at", DateTime(timezone=True), nullable=False),
    Column("report", LargeBinary, nullable=False),
)

till_logs = Table(
    "till_logs",
    metadata,
    Column("till_id", Uuid(as_uuid=True), primary_key=True),
    Column("request_id", Uuid(as_uuid=True), nullable=False),
    Column("asked_at", DateTime(timezone=True), nullable=False),
    Column("came_at", DateTime(timezone=True)),
    Column("content", LargeBinary),
)

_mapping = registry()
_mapping.map_imperatively(User, users)
_mapping.map_imperatively(Till, tills)


@dataclass(frozen=True)
class TicketKey:
    """A key that signs tickets: of a till, or central when `till_id` is None."""

    key_id: int
    till_id: UUID | None
    public_key: bytes
    certificate: bytes | None
    not_after: datetime | None


@dataclass(frozen=True)
class KeptLog:
    """A till's technical log: asked for and, once it came, its `content` (gzip of JSON lines)."""

    request_id: UUID
    asked_at: datetime
    came_at: datetime | None
    content: bytes | None


@dataclass(frozen=True)
class KeptReport:
    """A till's last report: `content` is a serialized TillReport, `reported_at` the centre's time."""

    reported_at: datetime
    content: bytes


@dataclass(frozen=True)
class TokenKey:
    """A key that signs tokens; those with `not_after` were followed by another."""

    key_id: str
    public_key: bytes
    sealed_seed: bytes
    created_at: datetime
    not_after: datetime | None


# -- users
def user_by_login(session: Session, login: str) -> User | None:
    return session.scalars(select(User).where(users.c.login == login)).first()


def user(session: Session, user_id: UUID, *, lock: bool = False) -> User:
    """Raises UserNotFound."""
    found = session.get(User, user_id, with_for_update=lock or None)
    if found is None:
        raise UserNotFound(f"no user {user_id}", user_id=user_id)
    return found


def all_users(session: Session) -> list[User]:
    return list(session.scalars(select(User).order_by(users.c.login)))


def lock_administrators(session: Session) -> list[User]:
    """Every enabled administrator, locked in order: of two who remove each other, one waits and then is refused."""
    query = select(User).where(users.c.enabled, users.c.profile == ADMINISTRATOR).order_by(users.c.id)
    return list(session.scalars(query.with_for_update()))


def there_are_users(session: Session) -> bool:
    """Under a lock that lasts as long as the transaction, so that two first starts make one first user."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": FIRST_USER_LOCK})
    return session.scalar(select(func.count()).select_from(users)) != 0


def replace_password_hash(session: Session, user_id: UUID, old: str, new: str) -> None:
    """Only if nobody changed it meanwhile."""
    session.execute(update(users).where(users.c.id == user_id, users.c.password_hash == old).values(password_hash=new))


# -- tills
def till(session: Session, till_id: UUID, *, lock: bool = False) -> Till:
    """Raises TillNotFound."""
    found = session.get(Till, till_id, with_for_update=lock or None)
    if found is None:
        raise TillNotFound(f"no till {till_id}", till_id=till_id)
    return found


def till_by_code(session: Session, code_hash: bytes) -> Till | None:
    """The till that awaits this code, locked: of two machines with the same code, the second sees it used."""
    return session.scalars(select(Till).where(tills.c.code_hash == code_hash).with_for_update()).first()


def all_tills(session: Session) -> list[Till]:
    return list(session.scalars(select(Till).order_by(tills.c.number)))


def keep_report(session: Session, till_id: UUID, content: bytes, now: datetime) -> None:
    told = {"reported_at": now, "report": content}
    query = upsert(till_reports).values(till_id=till_id, **told)
    session.execute(query.on_conflict_do_update(index_elements=[till_reports.c.till_id], set_=told))


def reports(session: Session, till_ids: Sequence[UUID]) -> dict[UUID, KeptReport]:
    """By till; those that never reported are not in it."""
    query = select(till_reports.c.till_id, till_reports.c.reported_at, till_reports.c.report)
    rows = session.execute(query.where(till_reports.c.till_id.in_(till_ids)))
    return {till_id: KeptReport(reported_at, content) for till_id, reported_at, content in rows}


def till_log(session: Session, till_id: UUID) -> KeptLog | None:
    """What was asked for last."""
    columns = (till_logs.c.request_id, till_logs.c.asked_at, till_logs.c.came_at, till_logs.c.content)
    row = session.execute(select(*columns).where(till_logs.c.till_id == till_id)).first()
    return KeptLog(*row) if row else None


def ask_log(session: Session, till_id: UUID, asked: KeptLog) -> None:
    """In the place of the one before."""
    wanted = {"request_id": asked.request_id, "asked_at": asked.asked_at, "came_at": None, "content": None}
    query = upsert(till_logs).values(till_id=till_id, **wanted)
    session.execute(query.on_conflict_do_update(index_elements=[till_logs.c.till_id], set_=wanted))


def keep_log(session: Session, till_id: UUID, request_id: UUID, content: bytes, now: datetime) -> None:
    """The first answer to what was asked for last; any other one is dropped."""
    waiting = (till_logs.c.till_id == till_id) & (till_logs.c.request_id == request_id) & till_logs.c.came_at.is_(None)
    session.execute(update(till_logs).where(waiting).values(came_at=now, content=content))


# -- ticket keys
_TICKET_KEY = (
    ticket_keys.c.key_id,
    ticket_keys.c.till_id,
    ticket_keys.c.public_key,
    ticket_keys.c.certificate,
    ticket_keys.c.not_after,
)


def ticket_key(session: Session, public_key: bytes) -> TicketKey | None:
    row = session.execute(select(*_TICKET_KEY).where(ticket_keys.c.public_key == public_key).with_for_update()).first()
    return TicketKey(*row) if row else None


def add_ticket_key(session: Session, public_key: bytes, till_id: UUID | None) -> TicketKey:
    """A new key with the next id. A concurrent twin fails on the key (IntegrityError)."""
    values = {"public_key": public_key, "till_id": till_id}
    key_id = session.scalars(insert(ticket_keys).values(values).returning(ticket_keys.c.key_id)).one()
    return TicketKey(key_id, till_id, public_key, None, None)


def keep_certificate(session: Session, key_id: int, certificate: bytes, not_after: datetime) -> None:
    session.execute(
        update(ticket_keys).where(ticket_keys.c.key_id == key_id).values(certificate=certificate, not_after=not_after)
    )


def ticket_key_ids(session: Session, till_id: UUID) -> Sequence[int]:
    """Those of all keys with which this till ever issued tickets."""
    return session.scalars(select(ticket_keys.c.key_id).where(ticket_keys.c.till_id == till_id)).all()


def certificates(session: Session) -> Sequence[bytes]:
    """The newest certificate of every key, by key id."""
    query = select(ticket_keys.c.certificate).where(ticket_keys.c.certificate.is_not(None))
    return session.scalars(query.order_by(ticket_keys.c.key_id)).all()


# -- token keys
def living_token_keys(session: Session, now: datetime) -> list[TokenKey]:
    """The key in use and those whose tokens may still be about, newest first."""
    columns = (token_keys.c.key_id, token_keys.c.public_key, token_keys.c.sealed_seed, token_keys.c.created_at,
               token_keys.c.not_after)  # fmt: skip
    alive = token_keys.c.not_after.is_(None) | (token_keys.c.not_after > now)
    rows = session.execute(select(*columns).where(alive).order_by(token_keys.c.created_at.desc()))
    return [TokenKey(*row) for row in rows]


def retire_token_key(session: Session, not_after: datetime) -> None:
    """The key in use signs no more, and verifies until `not_after`."""
    session.execute(update(token_keys).where(token_keys.c.not_after.is_(None)).values(not_after=not_after))


def add_token_key(session: Session, key: TokenKey) -> None:
    """A second key in use is refused by the schema (IntegrityError)."""
    session.execute(
        insert(token_keys).values(
            key_id=key.key_id,
            public_key=key.public_key,
            sealed_seed=key.sealed_seed,
            created_at=key.created_at,
            not_after=None,
        )
    )


def forget_dead_token_keys(session: Session, now: datetime) -> None:
    session.execute(delete(token_keys).where(token_keys.c.not_after <= now))
