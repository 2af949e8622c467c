"""Refunds: rows of sales like any other, with negative quantities and amounts, on the day of the refund (A7).

The release before this one may still be serving: it counts refunds among the sales, and its amounts are right.
"""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE sales ADD COLUMN refund_of text NOT NULL DEFAULT ''")
