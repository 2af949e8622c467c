"""The inventory. The checks make a double sale impossible even if all code above is wrong (G1)."""

from alembic import op

from kit.database import create_kit_tables

revision = "0001"
down_revision = None

STATEMENTS = """
CREATE TABLE capacities (
  performance_id uuid PRIMARY KEY, total integer NOT NULL, sold integer NOT NULL DEFAULT 0 CHECK (sold >= 0),
  held integer NOT NULL DEFAULT 0 CHECK (held >= 0), leased integer NOT NULL DEFAULT 0 CHECK (leased >= 0),
  version bigint NOT NULL DEFAULT 0, revision bigint NOT NULL, starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL,
  on_sale boolean NOT NULL, CONSTRAINT never_oversold CHECK (sold + held + leased <= total)
);
CREATE TABLE holds (
  hold_id uuid PRIMARY KEY, fingerprint bytea NOT NULL, state smallint NOT NULL CHECK (state BETWEEN 1 AND 4),
  held_until timestamptz NOT NULL
);
CREATE INDEX holds_running ON holds (held_until) WHERE state = 1;
CREATE TABLE hold_lines (
  hold_id uuid NOT NULL REFERENCES holds, line integer NOT NULL, performance_id uuid, product_id uuid, option text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0), PRIMARY KEY (hold_id, line),
  CHECK ((performance_id IS NULL) <> (product_id IS NULL))
);
CREATE TABLE leases (
  lease_id uuid PRIMARY KEY, till_id text NOT NULL, performance_id uuid NOT NULL REFERENCES capacities,
  granted integer NOT NULL CHECK (granted >= 0), returned integer NOT NULL CHECK (returned >= 0),
  used integer NOT NULL CHECK (used >= 0), reported_used integer NOT NULL CHECK (reported_used >= used),
  epoch integer NOT NULL, expires_at timestamptz NOT NULL, state smallint NOT NULL CHECK (state BETWEEN 1 AND 3),
  CHECK (returned + used <= granted)
);
CREATE UNIQUE INDEX leases_one_active ON leases (till_id, performance_id) WHERE state = 1;
CREATE INDEX leases_by_performance ON leases (performance_id);
CREATE TABLE stock_levels (
  product_id uuid NOT NULL, option text NOT NULL, on_hand integer NOT NULL DEFAULT 0,
  held integer NOT NULL DEFAULT 0 CHECK (held >= 0), PRIMARY KEY (product_id, option)
);
CREATE TABLE stock_movements (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, product_id uuid NOT NULL, option text NOT NULL,
  quantity integer NOT NULL CHECK (quantity <> 0), cause smallint NOT NULL CHECK (cause BETWEEN 1 AND 4),
  reference text NOT NULL, note text NOT NULL, moved_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX stock_movements_by_product ON stock_movements (product_id, option, id);
CREATE TABLE sold_lines (
  order_id uuid NOT NULL, line integer NOT NULL, performance_id uuid, product_id uuid, quantity integer NOT NULL,
  PRIMARY KEY (order_id, line)
);
CREATE TABLE conflicts (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id uuid NOT NULL, line integer NOT NULL, performance_id uuid NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0), cause text NOT NULL, found_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (order_id, line)
);
"""


def upgrade() -> None:
    create_kit_tables(op.get_bind())
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
