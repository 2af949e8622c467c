"""Training chains: kept beside the real ones, and told apart."""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.execute("ALTER TABLE tills ADD COLUMN practice_of uuid REFERENCES tills")
