"""The table of templates and its queries. The schema itself is in migrations/."""

from sqlalchemy import Column, DateTime, Integer, MetaData, String, Table, Text, func, insert, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import Session

from documents.domain import TemplateNotFound, Version

templates = Table(
    "templates",
    MetaData(),
    Column("code", String(64), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("content", Text, nullable=False),
    Column("saved_at", DateTime(timezone=True), nullable=False),
    Column("saved_by", String(80), nullable=False),
)
_COLUMNS = (
    templates.c.code, templates.c.version, templates.c.name, templates.c.kind, templates.c.content,
    templates.c.saved_at, templates.c.saved_by,
)  # fmt: skip


def lock_code(session: Session, code: str) -> None:
    """Until the transaction ends nobody else adds a version of this template."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:code, 7460))"), {"code": code})


def version_of(session: Session, code: str, version: int = 0) -> Version:
    """That version, or the latest for 0. Raises TemplateNotFound."""
    found = find(session, code, version)
    if found is None:
        which = f"version {version} of template {code}" if version else f"template {code}"
        raise TemplateNotFound(f"there is no {which}", code=code, version=version)
    return found


def find(session: Session, code: str, version: int = 0) -> Version | None:
    query = select(*_COLUMNS).where(templates.c.code == code).order_by(templates.c.version.desc()).limit(1)
    if version:
        query = query.where(templates.c.version == version)
    row = session.execute(query).first()
    return Version(*row) if row else None


def latest(session: Session) -> list[Version]:
    """The latest version of each template, by code."""
    query = select(*_COLUMNS).ext(distinct_on(templates.c.code)).order_by(templates.c.code, templates.c.version.desc())
    return [Version(*row) for row in session.execute(query)]


def how_many(session: Session) -> int:
    """How many templates there are, whatever their versions."""
    return session.scalar(select(func.count(templates.c.code.distinct()))) or 0


def add(session: Session, version: Version) -> None:
    session.execute(insert(templates).values(_row(version)))


def add_unless_known(session: Session, version: Version) -> bool:
    """False, and nothing changed, when that version of that template is there."""
    wanted = pg_insert(templates).values(_row(version)).on_conflict_do_nothing().returning(templates.c.code)
    return session.scalar(wanted) is not None


def _row(version: Version) -> dict[str, object]:
    return {
        "code": version.code, "version": version.version, "name": version.name, "kind": version.kind,
        "content": version.content, "saved_at": version.saved_at, "saved_by": version.saved_by,
    }  # fmt: skip
