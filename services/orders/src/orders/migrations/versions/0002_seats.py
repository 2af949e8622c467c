"""Numbered seats. Whatever the code does, a seat has at most one live ticket (G1).

The columns have names that no table has that the release before joins with tickets: it still serves.
"""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = """
ALTER TABLE order_lines ADD COLUMN seating jsonb;
ALTER TABLE tickets ADD COLUMN seat_performance_id uuid, ADD COLUMN seat integer CHECK (seat > 0), ADD COLUMN seat_zone text,
  ADD COLUMN seat_row text, ADD COLUMN seat_label text, ADD COLUMN live boolean NOT NULL DEFAULT true;
CREATE UNIQUE INDEX tickets_one_per_seat ON tickets (seat_performance_id, seat) WHERE seat IS NOT NULL AND live;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
