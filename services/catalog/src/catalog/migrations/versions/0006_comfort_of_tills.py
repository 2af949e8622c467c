"""Messages to sellers, questions to customers and keys of the keyboard, beside the pages (B3, B4, C7)."""

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for column in ("messages", "questions", "key_codes"):
        op.execute(f"ALTER TABLE till_profiles ADD COLUMN {column} jsonb NOT NULL DEFAULT '[]'")
