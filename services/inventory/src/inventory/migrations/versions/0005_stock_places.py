"""Several stock places, movements that say who, thresholds (O3, O5).

The release before this one may still be serving: it reads and writes `stock_levels`, which is now what it always was, the
main place. So it neither sees the other places nor touches them, and its movements are of the main place by default.
"""

from alembic import op

revision = "0005"
down_revision = "0004"

MAIN = "'00000000-0000-0000-0000-000000000001'"
STATEMENTS = f"""
CREATE TABLE stock_places (
  place_id uuid PRIMARY KEY, name text NOT NULL, opened_at timestamptz NOT NULL DEFAULT now(), closed_at timestamptz,
  CHECK (closed_at IS NULL OR place_id <> {MAIN})
);
CREATE UNIQUE INDEX stock_places_by_name ON stock_places (lower(name)) WHERE closed_at IS NULL;
INSERT INTO stock_places (place_id, name) VALUES ({MAIN}, 'Stock principal');
CREATE TABLE stock_sellers (point_of_sale_id text PRIMARY KEY, place_id uuid NOT NULL REFERENCES stock_places);
CREATE INDEX stock_sellers_by_place ON stock_sellers (place_id);
CREATE TABLE tills (till_id text PRIMARY KEY, point_of_sale_id text NOT NULL);
ALTER TABLE stock_levels RENAME TO shelves;
ALTER TABLE shelves ADD COLUMN place_id uuid NOT NULL DEFAULT {MAIN} REFERENCES stock_places,
  ADD COLUMN threshold integer CHECK (threshold >= 0);
ALTER TABLE shelves DROP CONSTRAINT stock_levels_pkey, ADD PRIMARY KEY (place_id, product_id, option);
CREATE INDEX shelves_by_article ON shelves (product_id, option);
CREATE VIEW stock_levels AS SELECT product_id, option, on_hand, held FROM shelves WHERE place_id = {MAIN};
ALTER TABLE stock_movements ADD COLUMN place_id uuid NOT NULL DEFAULT {MAIN} REFERENCES stock_places,
  ADD COLUMN by_id text NOT NULL DEFAULT '', ADD COLUMN by_name text NOT NULL DEFAULT '';
ALTER TABLE stock_movements DROP CONSTRAINT stock_movements_cause_check,
  ADD CONSTRAINT stock_movements_cause_check CHECK (cause BETWEEN 1 AND 7);
ALTER TABLE hold_lines ADD COLUMN place_id uuid;
"""  # noqa: S608 - ours


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
