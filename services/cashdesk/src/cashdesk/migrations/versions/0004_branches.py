"""Branches: what a second copy of a till's journal sealed, kept beside its chain (domain 5.3, 5.6)."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE tills ADD COLUMN branch_of uuid REFERENCES tills, ADD COLUMN branch_from bigint")
    op.execute("CREATE INDEX tills_branches ON tills (branch_of) WHERE branch_of IS NOT NULL")
