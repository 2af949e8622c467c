"""What the states of the money say beyond sales: movements of cash, closings mode by mode, why money came back (Q2)."""

from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = """
ALTER TABLE sales
    ADD COLUMN cash_float_id text NOT NULL DEFAULT '',
    ADD COLUMN reason text NOT NULL DEFAULT '',
    ADD COLUMN note text NOT NULL DEFAULT '',
    ADD COLUMN authorised_by text NOT NULL DEFAULT '';
CREATE INDEX sales_by_float ON sales (cash_float_id) WHERE cash_float_id <> '';
ALTER TABLE payments ADD COLUMN reference text NOT NULL DEFAULT '';

CREATE TABLE cash_movements (
    movement_id text NOT NULL,
    kind text NOT NULL,
    number text NOT NULL,
    cash_float_id text NOT NULL,
    till_id text NOT NULL,
    till_number text NOT NULL,
    cashier_id text NOT NULL,
    business_on date NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (movement_id, kind)
);
CREATE INDEX cash_movements_by_float ON cash_movements (cash_float_id);

-- Besides cash, of closings that count every mode.
CREATE TABLE float_modes (
    cash_float_id text NOT NULL,
    mode text NOT NULL,
    expected bigint NOT NULL,
    declared bigint NOT NULL,
    PRIMARY KEY (cash_float_id, mode)
);
ALTER TABLE cash_floats
    ADD COLUMN number text NOT NULL DEFAULT '',
    ADD COLUMN explanation text NOT NULL DEFAULT '';
"""


def upgrade() -> None:
    op.execute(TABLES)
