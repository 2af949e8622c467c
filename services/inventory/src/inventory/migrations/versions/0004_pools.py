"""Contingents by number, quotas, rules of seats, leases of seats, exchanges."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = """
ALTER TABLE capacities ADD COLUMN seating_rules jsonb;
ALTER TABLE contingents ADD COLUMN places integer NOT NULL DEFAULT 0, ADD COLUMN taken integer NOT NULL DEFAULT 0,
  ADD CONSTRAINT contingent_not_overdrawn CHECK (taken BETWEEN 0 AND places);
CREATE TABLE quotas (
  performance_id uuid NOT NULL REFERENCES capacities, number smallint NOT NULL CHECK (number BETWEEN 1 AND 99), name text NOT NULL,
  channels text[] NOT NULL, points_of_sale text[] NOT NULL, partners text[] NOT NULL, at_most integer CHECK (at_most >= 0),
  contingent smallint NOT NULL, taken integer NOT NULL DEFAULT 0 CHECK (taken >= 0), PRIMARY KEY (performance_id, number)
);
ALTER TABLE hold_lines ADD COLUMN draws jsonb;
ALTER TABLE holds ADD COLUMN gives_back jsonb;
ALTER TABLE leases ADD COLUMN seats integer[] NOT NULL DEFAULT '{}', ADD COLUMN reported_seats integer[] NOT NULL DEFAULT '{}',
  ADD COLUMN draws jsonb NOT NULL DEFAULT '{}';
CREATE TABLE hold_returns (
  hold_id uuid NOT NULL REFERENCES holds, number integer NOT NULL, performance_id uuid NOT NULL, quantity integer NOT NULL CHECK (quantity > 0),
  seats integer[] NOT NULL, returned_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (hold_id, number)
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
