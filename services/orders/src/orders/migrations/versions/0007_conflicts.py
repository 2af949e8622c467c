"""Places that were sold twice (domain 5.6): conflicts, what was decided of them, tickets that stand in for others.

The release before this one may still be serving: what it keeps meanwhile is looked at when the next news of it comes.
"""

from alembic import op

revision = "0007"
down_revision = "0006"

# A dispute may be settled and begin anew, so its causes (5, 6) may come again; the others are said once of a title.
STATEMENTS = """
ALTER TABLE tickets ADD COLUMN replaced boolean NOT NULL DEFAULT false, ADD COLUMN replaces_key bigint,
  ADD COLUMN replaces_serial bigint, ADD COLUMN paper_token text, ADD COLUMN paper_key bigint, ADD COLUMN paper_serial bigint,
  ADD FOREIGN KEY (replaces_key, replaces_serial) REFERENCES tickets;
CREATE UNIQUE INDEX tickets_by_paper ON tickets (paper_token) WHERE paper_token IS NOT NULL;
CREATE UNIQUE INDEX tickets_one_replacement ON tickets (replaces_key, replaces_serial) WHERE replaces_key IS NOT NULL;
CREATE INDEX tickets_of_seat ON tickets (seat_performance_id, seat) WHERE seat IS NOT NULL;
ALTER TABLE revocations DROP CONSTRAINT revocations_key_id_serial_cause_reissue_key;
CREATE UNIQUE INDEX revocations_once ON revocations (key_id, serial, cause, reissue) WHERE cause NOT IN (5, 6);
CREATE INDEX revocations_of_disputes ON revocations (key_id, serial, sequence) WHERE cause IN (5, 6);
CREATE TABLE missing_places (
    order_id uuid NOT NULL,
    line integer NOT NULL,
    performance_id uuid NOT NULL,
    missing integer NOT NULL CHECK (missing >= 0),
    seats integer[] NOT NULL,
    cause text NOT NULL,
    revision integer NOT NULL,
    accepted integer NOT NULL DEFAULT 0 CHECK (accepted >= 0),
    PRIMARY KEY (order_id, line)
);
CREATE TABLE conflicts (
    conflict_id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('seat', 'places')),
    state text NOT NULL CHECK (state IN ('open', 'refund', 'settled')),
    performance_id uuid NOT NULL,
    seat integer CHECK (seat > 0),
    order_id uuid,
    line integer,
    cause text NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    CHECK (CASE kind WHEN 'seat' THEN seat IS NOT NULL ELSE order_id IS NOT NULL AND line IS NOT NULL END),
    CHECK ((state = 'settled') = (settled_at IS NOT NULL))
);
CREATE UNIQUE INDEX conflicts_one_of_seat ON conflicts (performance_id, seat) WHERE kind = 'seat' AND state <> 'settled';
CREATE UNIQUE INDEX conflicts_one_of_line ON conflicts (order_id, line) WHERE kind = 'places' AND state <> 'settled';
CREATE INDEX conflicts_newest ON conflicts (opened_at DESC, conflict_id DESC);
CREATE TABLE conflict_tickets (
    conflict_id uuid NOT NULL REFERENCES conflicts,
    key_id bigint NOT NULL,
    serial bigint NOT NULL,
    to_refund boolean NOT NULL DEFAULT false,
    PRIMARY KEY (conflict_id, key_id, serial),
    FOREIGN KEY (key_id, serial) REFERENCES tickets
);
CREATE INDEX conflict_tickets_by_ticket ON conflict_tickets (key_id, serial);
CREATE TABLE conflict_acts (
    conflict_id uuid NOT NULL REFERENCES conflicts,
    number integer NOT NULL CHECK (number >= 1),
    act text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    author_id text NOT NULL DEFAULT '',
    author_name text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    details jsonb NOT NULL DEFAULT '{}',
    request_id uuid UNIQUE,
    till_number text NOT NULL DEFAULT '',
    journal_sequence bigint,
    PRIMARY KEY (conflict_id, number)
);
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
