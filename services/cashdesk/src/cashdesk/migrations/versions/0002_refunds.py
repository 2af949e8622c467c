"""Refunds of sealed sales (A7). The key of a ticket decides: it dies once."""

from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = """
CREATE TABLE refunds (
    refund_id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES sales,
    till_id uuid NOT NULL,
    sequence bigint NOT NULL,
    refund_number text NOT NULL,
    cash_float_id uuid,
    business_on date NOT NULL,
    currency text NOT NULL,
    total bigint NOT NULL CHECK (total <= 0),
    cash bigint NOT NULL CHECK (cash <= 0),
    admissions integer NOT NULL CHECK (admissions <= 0),
    at timestamptz NOT NULL,
    UNIQUE (till_id, sequence),
    FOREIGN KEY (till_id, sequence) REFERENCES entries
);
CREATE INDEX refunds_of_order ON refunds (order_id);
CREATE INDEX refunds_by_day ON refunds (business_on);
CREATE INDEX refunds_by_float ON refunds (cash_float_id) WHERE cash_float_id IS NOT NULL;

CREATE TABLE refund_payments (
    refund_id uuid NOT NULL REFERENCES refunds,
    mode text NOT NULL,
    amount bigint NOT NULL CHECK (amount <= 0),
    PRIMARY KEY (refund_id, mode)
);

CREATE TABLE refund_vat (
    refund_id uuid NOT NULL REFERENCES refunds,
    rate_bp integer NOT NULL CHECK (rate_bp >= 0),
    net bigint NOT NULL,
    vat bigint NOT NULL,
    PRIMARY KEY (refund_id, rate_bp)
);

CREATE TABLE refunded_tickets (
    key_id bigint NOT NULL,
    serial bigint NOT NULL,
    refund_id uuid NOT NULL REFERENCES refunds,
    PRIMARY KEY (key_id, serial)
);
"""

# LAW-2: what is kept is neither changed nor deleted, whatever the program above does.
KEEP = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'cashdesk') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON refunds, refund_payments, refund_vat, refunded_tickets FROM cashdesk;
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(KEEP)
