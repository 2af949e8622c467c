"""Seats of leases that were refunded: their tills still name them as sold."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute("ALTER TABLE leases ADD COLUMN refunded_seats integer[] NOT NULL DEFAULT '{}'")
