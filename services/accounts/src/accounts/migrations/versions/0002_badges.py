"""Badges: a person may sign in at a till by scanning one (M3)."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE users ADD COLUMN badge_hash bytea"
        " CONSTRAINT users_badge_key UNIQUE CHECK (octet_length(badge_hash) = 32)"
    )
