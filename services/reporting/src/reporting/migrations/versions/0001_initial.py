"""Facts of sales and floats, and the names to read them by."""

from alembic import op

from kit.database import create_kit_tables

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE sales (
    order_id uuid PRIMARY KEY,
    order_number text NOT NULL,
    till_id text NOT NULL,
    till_number text NOT NULL,
    sequence bigint NOT NULL CHECK (sequence >= 0),
    at timestamptz NOT NULL,
    business_on date NOT NULL,
    channel text NOT NULL,
    cashier_id text NOT NULL,
    currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    total bigint NOT NULL
);
CREATE INDEX sales_by_day ON sales (business_on);
CREATE INDEX sales_by_time ON sales (at DESC, order_id DESC);

CREATE TABLE sale_lines (
    order_id uuid NOT NULL REFERENCES sales,
    line integer NOT NULL CHECK (line >= 1),
    kind text NOT NULL CHECK (kind IN ('admission', 'product')),
    performance_id text NOT NULL,
    show_id text NOT NULL,
    product_id text NOT NULL,
    label text NOT NULL,
    quantity integer NOT NULL,
    unit_price bigint NOT NULL,
    total bigint NOT NULL,
    vat_rate_bp integer NOT NULL CHECK (vat_rate_bp >= 0),
    vat bigint NOT NULL,
    net bigint NOT NULL,
    PRIMARY KEY (order_id, line),
    CHECK (net + vat = total)
);
CREATE INDEX sale_lines_by_performance ON sale_lines (performance_id) WHERE performance_id <> '';

CREATE TABLE payments (
    order_id uuid NOT NULL REFERENCES sales,
    position integer NOT NULL,
    mode text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (order_id, position)
);

-- Tickets issued centrally may be told of before their sale: no reference.
CREATE TABLE tickets (
    order_id uuid NOT NULL,
    line integer NOT NULL CHECK (line >= 1),
    key_id bigint NOT NULL CHECK (key_id >= 1),
    first_serial bigint NOT NULL CHECK (first_serial >= 1),
    last_serial bigint NOT NULL CHECK (last_serial >= first_serial),
    PRIMARY KEY (order_id, line, key_id)
);

CREATE TABLE cash_floats (
    cash_float_id text PRIMARY KEY,
    till_id text NOT NULL,
    till_number text NOT NULL DEFAULT '',
    cashier_id text NOT NULL,
    business_on date NOT NULL,
    opening_total bigint,
    opened_at timestamptz,
    expected bigint,
    counted bigint,
    difference bigint,
    closed_at timestamptz
);
CREATE INDEX cash_floats_by_day ON cash_floats (business_on);

-- Names. `revision` grows with each change; what is older than the row is ignored.
CREATE TABLE performances (
    performance_id text PRIMARY KEY,
    show_id text NOT NULL,
    starts_at timestamptz NOT NULL,
    performed_on date NOT NULL,
    revision bigint NOT NULL
);
CREATE INDEX performances_by_day ON performances (performed_on);
CREATE TABLE shows (show_id text PRIMARY KEY, title text NOT NULL, revision bigint NOT NULL);
CREATE TABLE products (product_id text PRIMARY KEY, family text NOT NULL, revision bigint NOT NULL);
CREATE TABLE users (user_id text PRIMARY KEY, name text NOT NULL, revision bigint NOT NULL);
CREATE TABLE tills (till_id text PRIMARY KEY, number text NOT NULL, name text NOT NULL, revision bigint NOT NULL);
"""


def upgrade() -> None:
    create_kit_tables(op.get_bind())
    op.execute(TABLES)
