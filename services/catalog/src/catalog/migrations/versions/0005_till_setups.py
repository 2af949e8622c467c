"""Set-ups of tills: drafts, signed versions that never change, roll-outs, and what each till says that it runs (B9)."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = """
CREATE TABLE till_drafts (
  till_profile_id uuid PRIMARY KEY REFERENCES till_profiles, content jsonb NOT NULL, revision bigint NOT NULL
);
CREATE TABLE till_setups (
  till_profile_id uuid NOT NULL REFERENCES till_profiles, number integer NOT NULL CHECK (number > 0),
  published_at timestamptz NOT NULL DEFAULT now(), published_by text NOT NULL, comment text NOT NULL,
  content bytea NOT NULL, signature bytea NOT NULL, public_key bytea NOT NULL, certificate bytea NOT NULL, fingerprint text NOT NULL,
  PRIMARY KEY (till_profile_id, number)
);
CREATE TABLE till_rollouts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, till_profile_id uuid NOT NULL, number integer NOT NULL,
  till_ids uuid[] NOT NULL, point_of_sale_ids uuid[] NOT NULL, at timestamptz NOT NULL DEFAULT now(), by_name text NOT NULL,
  FOREIGN KEY (till_profile_id, number) REFERENCES till_setups
);
CREATE INDEX till_rollouts_of_profile ON till_rollouts (till_profile_id, id DESC);
CREATE FUNCTION set_ups_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN RAISE EXCEPTION 'a published set-up and its roll-outs never change' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER till_setups_never_change BEFORE UPDATE OR DELETE ON till_setups FOR EACH ROW EXECUTE FUNCTION set_ups_never_change();
CREATE TRIGGER till_rollouts_never_change BEFORE UPDATE OR DELETE ON till_rollouts FOR EACH ROW EXECUTE FUNCTION set_ups_never_change();
CREATE TABLE till_modes (
  till_id uuid PRIMARY KEY, number integer NOT NULL, payment_modes text[] NOT NULL,
  content bytea NOT NULL, signature bytea NOT NULL, public_key bytea NOT NULL, certificate bytea NOT NULL
);
CREATE TABLE till_setup_states (
  till_id uuid PRIMARY KEY, till_number text NOT NULL, point_of_sale_id uuid NOT NULL REFERENCES points_of_sale,
  applied_profile_id uuid, applied_number integer NOT NULL, waiting_number integer NOT NULL,
  refused_number integer NOT NULL, refused_reason text NOT NULL, seen_at timestamptz NOT NULL
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
