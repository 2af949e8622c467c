"""Alembic's entry: one transaction, under an advisory lock so that two migrations never run at once."""

from alembic import context
from sqlalchemy import create_engine, pool, text

MIGRATION_LOCK = 7_401_001

engine = create_engine(context.config.attributes["url"], poolclass=pool.NullPool)
with engine.begin() as connection:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    context.configure(connection=connection, transactional_ddl=True)
    context.run_migrations()
