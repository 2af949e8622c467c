"""Reserved files (dossiers réservés): places held for somebody until a date, and not paid yet."""

from alembic import op

revision = "0004"
down_revision = "0003"

STATEMENTS = """
CREATE SEQUENCE reservation_numbers;
CREATE TABLE reservations (
    reservation_id uuid PRIMARY KEY,
    number text NOT NULL UNIQUE,
    channel text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'completed', 'cancelled', 'expired')),
    buyer_name text NOT NULL,
    buyer_phone text NOT NULL,
    buyer_email text NOT NULL,
    name_key text NOT NULL,
    phone_key text NOT NULL,
    note text NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    due_at timestamptz NOT NULL,
    currency text NOT NULL,
    total bigint NOT NULL CHECK (total >= 0),
    lines jsonb NOT NULL,
    hold_id uuid NOT NULL UNIQUE,
    claimed_by uuid,
    claimed_until timestamptz,
    ended_reason text NOT NULL DEFAULT '',
    order_id uuid
);
CREATE INDEX reservations_running ON reservations (due_at) WHERE state = 'open';
CREATE INDEX reservations_by_day ON reservations (created_at, reservation_id)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
