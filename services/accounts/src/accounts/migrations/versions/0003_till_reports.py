"""The last report of each till on its own health (R7)."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        """
        CREATE TABLE till_reports (
            till_id uuid PRIMARY KEY REFERENCES tills (id),
            reported_at timestamptz NOT NULL,
            report bytea NOT NULL CHECK (octet_length(report) <= 8192)
        ) WITH (fillfactor = 50)
        """
    )
