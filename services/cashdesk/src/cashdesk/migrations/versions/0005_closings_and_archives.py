"""Closings and archives; and what is kept never changes, whoever asks (LAW-2, LAW-4, LAW-7)."""

from alembic import op

revision = "0005"
down_revision = "0004"

TABLES = """
CREATE TABLE closings (
    till_id uuid NOT NULL REFERENCES tills,
    sequence bigint NOT NULL,
    period text NOT NULL CHECK (period IN ('day', 'month', 'year')),
    number bigint NOT NULL,
    of text NOT NULL,
    first_sequence bigint NOT NULL,
    currency text,
    sales bigint NOT NULL,
    refunds bigint NOT NULL,
    total bigint NOT NULL,
    perpetual bigint NOT NULL,
    perpetual_absolute bigint NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (till_id, sequence),
    FOREIGN KEY (till_id, sequence) REFERENCES entries
);

-- `content` is the file as it is handed over; the entry says who made it, and its digest.
CREATE TABLE archives (
    till_id uuid NOT NULL,
    closing_sequence bigint NOT NULL,
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    content bytea NOT NULL,
    author_name text NOT NULL,
    made_at timestamptz NOT NULL,
    sealed_by uuid NOT NULL,
    sealed_sequence bigint NOT NULL,
    PRIMARY KEY (till_id, closing_sequence),
    FOREIGN KEY (till_id, closing_sequence) REFERENCES closings,
    FOREIGN KEY (sealed_by, sealed_sequence) REFERENCES entries
);
ALTER TABLE archives ALTER COLUMN content SET STORAGE EXTERNAL; -- it is compressed already

CREATE FUNCTION never_changes() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is kept as it is', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
"""

# The program has no such privilege; for who owns the tables, a trigger stands in the way.
KEEP = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'cashdesk') THEN
        REVOKE UPDATE, DELETE, TRUNCATE ON closings, archives FROM cashdesk;
    END IF;
END $$
"""
GUARD = """
CREATE TRIGGER never_changes BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION never_changes()
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(KEEP)
    for table in ("entries", "receipts", "closings", "archives"):
        op.execute(GUARD.format(table=table))
