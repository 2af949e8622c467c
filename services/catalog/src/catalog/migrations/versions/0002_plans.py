"""Seating plans. A version is written once: the role that the core works as may neither change nor delete it."""

from alembic import op

revision = "0002"
down_revision = "0001"

STATEMENTS = """
CREATE TABLE plan_versions (
  id uuid PRIMARY KEY, plan_id uuid NOT NULL, number integer NOT NULL CHECK (number > 0), name text NOT NULL,
  venue_id uuid NOT NULL REFERENCES venues, seats integer NOT NULL CHECK (seats >= 0), capacity integer NOT NULL CHECK (capacity > 0),
  fingerprint text NOT NULL, content bytea NOT NULL, imported_at timestamptz NOT NULL DEFAULT now(), UNIQUE (plan_id, number)
);
CREATE INDEX plan_versions_by_venue ON plan_versions (venue_id);
CREATE FUNCTION plan_versions_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'a plan version never changes' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER plan_versions_never_change BEFORE UPDATE OR DELETE ON plan_versions
  FOR EACH ROW EXECUTE FUNCTION plan_versions_never_change();
ALTER TABLE performances ADD COLUMN plan_version_id uuid REFERENCES plan_versions;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
