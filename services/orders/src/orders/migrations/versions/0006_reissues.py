"""Papers after the first: of each ticket the newest barcode, and which one it is (A8)."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute("ALTER TABLE tickets ADD COLUMN reissue smallint NOT NULL DEFAULT 0 CHECK (reissue BETWEEN 0 AND 255)")
