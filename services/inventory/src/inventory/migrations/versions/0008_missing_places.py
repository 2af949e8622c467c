"""Places that were sold though there were none wait for what comes free; sales that were given other seats (domain 5.6).

The release before this one may still be serving: it neither reads nor writes what is added here, and what it leaves
waiting is served by the next transaction of a new core.
"""

from alembic import op

revision = "0008"
down_revision = "0007"

STATEMENTS = """
ALTER TABLE conflicts ADD COLUMN found integer NOT NULL DEFAULT 0 CHECK (found >= 0), ADD COLUMN seats integer[] NOT NULL DEFAULT '{}',
  ADD COLUMN revision integer NOT NULL DEFAULT 1, ADD CONSTRAINT conflicts_no_more_than_missing CHECK (refunded + found <= quantity);
CREATE INDEX conflicts_open ON conflicts (performance_id) WHERE refunded + found < quantity;
CREATE TABLE seat_moves (
  order_id uuid NOT NULL, line integer NOT NULL, performance_id uuid NOT NULL REFERENCES capacities, seat integer NOT NULL CHECK (seat > 0),
  now_seat integer NOT NULL CHECK (now_seat > 0), PRIMARY KEY (order_id, line, seat)
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
