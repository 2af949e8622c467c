"""Orders, their lines, payments and tickets; the central ticket key's counter."""

from alembic import op

from kit.database import create_kit_tables

revision = "0001"
down_revision = None

TABLES = """
CREATE TABLE orders (
    order_id uuid PRIMARY KEY,
    number text NOT NULL,
    channel text NOT NULL,
    till_id uuid NOT NULL,
    journal_sequence bigint NOT NULL CHECK (journal_sequence >= 1),
    cashier_id uuid,
    sold_at timestamptz NOT NULL,
    business_on date NOT NULL,
    currency text NOT NULL CHECK (length(currency) = 3),
    total bigint NOT NULL CHECK (total >= 0),
    kept_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (till_id, journal_sequence),
    UNIQUE (till_id, number)
);
CREATE INDEX orders_newest ON orders (sold_at DESC, order_id DESC);
CREATE INDEX orders_by_day ON orders (business_on, sold_at DESC, order_id DESC);
CREATE INDEX orders_by_till ON orders (till_id, sold_at DESC, order_id DESC);
CREATE INDEX orders_by_number ON orders (number text_pattern_ops);

CREATE TABLE order_lines (
    order_id uuid NOT NULL REFERENCES orders,
    line integer NOT NULL CHECK (line >= 1),
    kind text NOT NULL CHECK (kind IN ('admission', 'product')),
    performance_id uuid,
    show_id uuid,
    category_id uuid,
    tariff_id uuid,
    product_id uuid,
    option text,
    label text NOT NULL,
    quantity integer NOT NULL CHECK (quantity >= 1),
    unit_price bigint NOT NULL CHECK (unit_price >= 0),
    total bigint NOT NULL,
    vat_rate_bp integer NOT NULL CHECK (vat_rate_bp >= 0),
    vat bigint NOT NULL CHECK (vat >= 0),
    net bigint NOT NULL,
    lease_id uuid,
    hold_id uuid,
    PRIMARY KEY (order_id, line),
    CHECK (total = quantity * unit_price),
    CHECK (net + vat = total)
);

CREATE TABLE order_payments (
    order_id uuid NOT NULL REFERENCES orders,
    position integer NOT NULL CHECK (position >= 1),
    mode text NOT NULL,
    amount bigint NOT NULL CHECK (amount >= 0),
    tendered bigint NOT NULL,
    change bigint NOT NULL CHECK (change >= 0),
    reference text,
    PRIMARY KEY (order_id, position),
    CHECK (amount = tendered - change)
);

-- LAW-12: a ticket's identity is (key, serial).
CREATE TABLE tickets (
    key_id bigint NOT NULL CHECK (key_id >= 1),
    serial bigint NOT NULL CHECK (serial >= 1),
    order_id uuid NOT NULL,
    line integer NOT NULL,
    token text NOT NULL,
    PRIMARY KEY (key_id, serial),
    FOREIGN KEY (order_id, line) REFERENCES order_lines
);
CREATE INDEX tickets_by_order ON tickets (order_id);

CREATE TABLE ticket_keys (
    key_id bigint PRIMARY KEY CHECK (key_id >= 1),
    public_key bytea NOT NULL UNIQUE CHECK (octet_length(public_key) = 32),
    last_serial bigint NOT NULL DEFAULT 0 CHECK (last_serial BETWEEN 0 AND 4294967295)
);

CREATE TABLE performance_times (
    performance_id uuid PRIMARY KEY,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    revision bigint NOT NULL
);
"""


def upgrade() -> None:
    create_kit_tables(op.get_bind())
    op.execute(TABLES)
