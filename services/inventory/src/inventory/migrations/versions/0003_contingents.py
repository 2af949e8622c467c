"""Contingents of numbered performances, and which seats are in them."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = """
CREATE TABLE contingents (
  performance_id uuid NOT NULL REFERENCES capacities, number smallint NOT NULL CHECK (number BETWEEN 1 AND 31), name text NOT NULL,
  channels text[] NOT NULL, points_of_sale text[] NOT NULL, partners text[] NOT NULL, release_at timestamptz,
  PRIMARY KEY (performance_id, number)
);
CREATE TABLE contingent_seats (
  performance_id uuid NOT NULL, seat integer NOT NULL CHECK (seat > 0), number smallint NOT NULL,
  PRIMARY KEY (performance_id, seat), FOREIGN KEY (performance_id, number) REFERENCES contingents
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
