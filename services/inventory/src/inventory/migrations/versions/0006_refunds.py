"""Refunds: which lines have come back, how many of a lease's sold places, how many places of a conflict (A7).

The release before this one may still be serving: it neither reads nor writes what is added here.
"""

from alembic import op

revision = "0006"
down_revision = "0005"

STATEMENTS = """
CREATE TABLE refunded_lines (
  refund_id uuid NOT NULL, line integer NOT NULL, order_id uuid NOT NULL, quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (refund_id, line)
);
ALTER TABLE leases ADD COLUMN refunded integer NOT NULL DEFAULT 0 CHECK (refunded >= 0);
ALTER TABLE conflicts ADD COLUMN refunded integer NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND quantity);
ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_cause_check,
  ADD CONSTRAINT stock_movements_cause_check CHECK (cause BETWEEN 1 AND 8);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
