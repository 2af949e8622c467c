"""What gates must know of tickets after they were issued: one list that only grows."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = """
CREATE TABLE revocations (
    sequence bigint PRIMARY KEY CHECK (sequence >= 1),
    cause smallint NOT NULL,
    key_id bigint NOT NULL,
    serial bigint NOT NULL,
    reissue smallint NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 8),
    told_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (key_id, serial, cause, reissue)
);
CREATE TABLE revocation_list (one boolean PRIMARY KEY CHECK (one), last bigint NOT NULL);
INSERT INTO revocation_list VALUES (true, 0)
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        op.execute(statement)
