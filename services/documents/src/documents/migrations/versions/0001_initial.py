"""Templates: a row per version, never changed afterwards."""

from alembic import op

from kit.database import create_kit_tables

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE templates (
        code varchar(64) NOT NULL CHECK (length(code) >= 1),
        version integer NOT NULL CHECK (version >= 1),
        name varchar(200) NOT NULL CHECK (length(name) >= 1),
        kind varchar(16) NOT NULL CHECK (kind IN ('ticket', 'receipt', 'eticket')),
        content text NOT NULL CHECK (octet_length(content) <= 200000),
        saved_at timestamptz NOT NULL,
        saved_by varchar(80) NOT NULL,
        PRIMARY KEY (code, version)
    )
    """,
    # A document printed with a version must be printable again as it was: versions are added, not changed.
    """
    CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a version of a template is never changed; save another one'; END $$
    """,
    "CREATE TRIGGER templates_kept BEFORE UPDATE OR DELETE ON templates FOR EACH ROW EXECUTE FUNCTION refuse_change()",
)


def upgrade() -> None:
    create_kit_tables(op.get_bind())
    for statement in STATEMENTS:
        op.execute(statement)
