"""VAT by rule: what a show is, where its venue stands, and the rate of each performance (LAW-19).

Shows from before have no rule: their prices keep their rates.
"""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.execute("ALTER TABLE venues ADD COLUMN territory smallint NOT NULL DEFAULT 0 CHECK (territory BETWEEN 0 AND 2)")
    op.execute(
        "ALTER TABLE shows ADD COLUMN vat_kind smallint NOT NULL DEFAULT 0 CHECK (vat_kind BETWEEN 0 AND 4),"
        " ADD COLUMN drinks_served boolean NOT NULL DEFAULT false,"
        " ADD COLUMN paid_before integer NOT NULL DEFAULT 0 CHECK (paid_before >= 0)"
    )
    op.execute("ALTER TABLE performances ADD COLUMN vat_rate_bp integer CHECK (vat_rate_bp BETWEEN 0 AND 3000)")
