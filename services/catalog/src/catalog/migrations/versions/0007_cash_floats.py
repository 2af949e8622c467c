"""How cash floats are counted at a till, and when a withdrawal takes two people (E3, E4)."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE till_profiles ADD COLUMN blind_declaration boolean NOT NULL DEFAULT false,"
        " ADD COLUMN second_signature_above bigint NOT NULL DEFAULT 0"
    )
