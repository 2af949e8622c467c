"""Numbered seats. One row for each seat that is not free: its key is why no seat is ever sold twice (G1)."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = """
ALTER TABLE capacities ADD COLUMN plan_version_id uuid, ADD COLUMN seat_version bigint NOT NULL DEFAULT 0;
ALTER TABLE hold_lines ADD COLUMN seats integer[];
CREATE TABLE plans (
  plan_version_id uuid PRIMARY KEY, fingerprint text NOT NULL, content bytea NOT NULL, seats integer NOT NULL CHECK (seats > 0)
);
CREATE TABLE seats (
  performance_id uuid NOT NULL REFERENCES capacities, seat integer NOT NULL CHECK (seat > 0),
  owner uuid NOT NULL, state smallint NOT NULL CHECK (state BETWEEN 1 AND 6), PRIMARY KEY (performance_id, seat)
);
CREATE TABLE seat_changes (
  performance_id uuid NOT NULL REFERENCES capacities, version bigint NOT NULL, seats integer[] NOT NULL, states bytea NOT NULL,
  changed_at timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (performance_id, version)
);
CREATE INDEX seat_changes_by_age ON seat_changes (changed_at);
CREATE TABLE seat_blocks (
  block_id uuid PRIMARY KEY, performance_id uuid NOT NULL REFERENCES capacities, state smallint NOT NULL CHECK (state IN (5, 6)),
  seats integer[] NOT NULL, reason text NOT NULL, user_id text NOT NULL, blocked_at timestamptz NOT NULL DEFAULT now(),
  unblocked_at timestamptz
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
