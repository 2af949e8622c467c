"""PostgreSQL: engine, sessions, migrations, and the three tables that the kit keeps in each service's database."""

import importlib
import math
import time
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Engine,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    event,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

UNCHECKED_SECONDS = 1.0  # a connection used so lately is believed to be alive

kit_metadata = MetaData()

outbox = Table(
    "outbox",
    kit_metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", UUID(as_uuid=True), nullable=False, unique=True),
    Column("subject", String(120), nullable=False),
    Column("payload", JSONB, nullable=False),
    Column("traceparent", String(60)),
    Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("published_at", DateTime(timezone=True)),
    Index("outbox_unpublished", "id", postgresql_where=text("published_at IS NULL")),
)

inbox = Table(
    "inbox",
    kit_metadata,
    Column("consumer", String(60), primary_key=True),
    Column("event_id", UUID(as_uuid=True), primary_key=True),
    Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

requests = Table(
    "requests",
    kit_metadata,
    Column("request_id", String(64), primary_key=True),
    Column("method", String(120), nullable=False),
    Column("fingerprint", LargeBinary(32), nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("handled_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
)


def engine_for(url: str, *, pool_size: int = 8) -> Engine:
    """An engine whose connections are checked before use when they have rested for a second, so that a restarted server
    is noticed, not reported. A busy connection is not checked: that would be every fourth statement under load."""
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=16, pool_timeout=5,
        connect_args={"connect_timeout": 5, "options": "-c timezone=UTC -c statement_timeout=30000"},
    )  # fmt: skip

    @event.listens_for(engine, "checkin")
    def rest(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["rested_at"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def check(connection: DBAPIConnection, record: ConnectionPoolEntry, _fairy: object) -> None:
        if time.monotonic() - record.info.get("rested_at", math.inf) > UNCHECKED_SECONDS:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error  # the pool takes another one

    return engine


def sessions_for(engine: Engine) -> sessionmaker[Session]:
    """Sessions whose objects stay readable after commit; `with sessions.begin() as session:` is one transaction."""
    return sessionmaker(engine, expire_on_commit=False)


def create_kit_tables(op_bind: object) -> None:
    """Create outbox, inbox and requests; called by the first migration of each service (version 1 of these tables)."""
    kit_metadata.create_all(op_bind)  # type: ignore[arg-type]


def migrate(url: str, package: str) -> None:
    """Bring a database to the newest version of `package` (such as "orders.migrations"); does nothing at head.

    Several may run at once: an advisory lock lets one work while the others wait.
    """
    from alembic import command  # cores never migrate: they need not load it
    from alembic.config import Config

    module = importlib.import_module(package)
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "alembic_env"))
    config.set_main_option("path_separator", "newline")  # folders may have spaces in their names
    config.set_main_option("version_locations", str(Path(str(module.__file__)).parent / "versions"))
    config.attributes["url"] = url
    command.upgrade(config, "head")


def ping(engine: Engine) -> None:
    """Raise if the database does not answer."""
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
