"""Refunds of orders, and which tickets they ended (A7). A refunded ticket is not live: its seat may be sold again."""

from alembic import op

revision = "0005"
down_revision = "0004"

STATEMENTS = """
CREATE TABLE refunds (
    refund_id uuid PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders,
    number text NOT NULL,
    till_id uuid NOT NULL,
    journal_sequence bigint NOT NULL CHECK (journal_sequence >= 1),
    cashier_id uuid,
    authorised_by uuid,
    refunded_at timestamptz NOT NULL,
    business_on date NOT NULL,
    reason text NOT NULL,
    note text NOT NULL,
    total bigint NOT NULL CHECK (total <= 0),
    payments jsonb NOT NULL,
    UNIQUE (till_id, journal_sequence)
);
CREATE INDEX refunds_of_order ON refunds (order_id);
CREATE INDEX refunds_by_day ON refunds (business_on);
CREATE TABLE refund_lines (
    refund_id uuid NOT NULL REFERENCES refunds,
    line integer NOT NULL,
    quantity integer NOT NULL CHECK (quantity < 0),
    total bigint NOT NULL,
    vat bigint NOT NULL,
    net bigint NOT NULL,
    PRIMARY KEY (refund_id, line),
    CHECK (net + vat = total)
);
ALTER TABLE tickets ADD COLUMN refund_id uuid REFERENCES refunds;
CREATE INDEX tickets_by_refund ON tickets (refund_id) WHERE refund_id IS NOT NULL;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
