"""Templates of refund slips."""

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE templates DROP CONSTRAINT templates_kind_check,"
        " ADD CONSTRAINT templates_kind_check CHECK (kind IN ('ticket', 'receipt', 'refund', 'eticket'))"
    )
