"""A till that nobody touches locks itself after some minutes (M3)."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE till_profiles ADD COLUMN lock_after_minutes integer NOT NULL DEFAULT 0")
