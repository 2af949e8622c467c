"""What customers said at sales, counted (B4). No row is one customer's: neither order, till nor instant is kept."""

from alembic import op

revision = "0003"
down_revision = "0002"

TABLES = """
CREATE TABLE survey_counts (
    business_on date NOT NULL,
    question_id text NOT NULL,
    question text NOT NULL,
    kind text NOT NULL,
    answer text NOT NULL,
    show_ids text[] NOT NULL,
    count bigint NOT NULL CHECK (count > 0),
    PRIMARY KEY (business_on, question_id, question, kind, answer, show_ids)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
