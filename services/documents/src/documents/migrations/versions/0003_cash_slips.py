"""Templates of cash slips (E2 to E5)."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE templates DROP CONSTRAINT templates_kind_check,"
        " ADD CONSTRAINT templates_kind_check"
        " CHECK (kind IN ('ticket', 'receipt', 'refund', 'cash_slip', 'eticket'))"
    )
