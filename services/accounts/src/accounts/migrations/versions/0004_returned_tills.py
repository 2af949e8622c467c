"""Tills that are asked back and returned (I4), and their technical logs on request (R7)."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE tills ADD COLUMN returned_at timestamptz")
    # Added unchecked and checked afterwards, so that sales of tokens go on meanwhile.
    op.execute("ALTER TABLE tills DROP CONSTRAINT tills_state_check")
    op.execute(
        "ALTER TABLE tills ADD CONSTRAINT tills_state_check"
        " CHECK (state IN ('awaiting', 'enrolled', 'revoked', 'leaving', 'returned')) NOT VALID"
    )
    op.execute("ALTER TABLE tills VALIDATE CONSTRAINT tills_state_check")
    op.execute(
        """
        CREATE TABLE till_logs (
            till_id uuid PRIMARY KEY REFERENCES tills (id),
            request_id uuid NOT NULL,
            asked_at timestamptz NOT NULL,
            came_at timestamptz,
            content bytea CHECK (octet_length(content) <= 1048576),
            CHECK ((came_at IS NULL) = (content IS NULL))
        )
        """
    )
