"""Price categories know which categories of seating plans they price."""

from alembic import op

revision = "0003"
down_revision = "0002"

STATEMENTS = """
ALTER TABLE categories ADD COLUMN code text NOT NULL DEFAULT '';
CREATE UNIQUE INDEX categories_code_once ON categories (code) WHERE code <> '' AND NOT archived;
"""


def upgrade() -> None:
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
