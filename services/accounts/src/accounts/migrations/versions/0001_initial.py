"""Users, tills, ticket keys and token keys, as the first release keeps them."""

from alembic import op

from kit.database import create_kit_tables

revision = "0001"
down_revision = None

STATEMENTS = (
    """
    CREATE TABLE users (
        id uuid PRIMARY KEY,
        login varchar(64) NOT NULL CONSTRAINT users_login_key UNIQUE CHECK (login = lower(login) AND length(login) >= 2),
        name varchar(80) NOT NULL CHECK (length(name) >= 1),
        profile varchar(40) NOT NULL CHECK (profile IN ('cashier', 'head_cashier', 'programmer', 'administrator')),
        password_hash varchar(200) NOT NULL CHECK (password_hash LIKE '$argon2id$%'),
        pin_hash varchar(200) CHECK (pin_hash LIKE '$argon2id$%'),
        enabled boolean NOT NULL,
        language varchar(2) NOT NULL CHECK (language IN ('fr', 'en')),
        credentials_version integer NOT NULL CHECK (credentials_version >= 1),
        created_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE tills (
        id uuid PRIMARY KEY,
        number varchar(8) NOT NULL CONSTRAINT tills_number_key UNIQUE CHECK (number ~ '^[A-Z][A-Z0-9]{1,7}$'),
        name varchar(80) NOT NULL CHECK (length(name) >= 1),
        point_of_sale_id varchar(64) NOT NULL CHECK (length(point_of_sale_id) >= 1),
        state varchar(10) NOT NULL CHECK (state IN ('awaiting', 'enrolled', 'revoked')),
        journal_public_key bytea CONSTRAINT tills_journal_key UNIQUE,
        ticket_key_id bigint,
        ticket_public_key bytea,
        code_hash bytea CONSTRAINT tills_code_key UNIQUE,
        code_expires_at timestamptz,
        code_used_at timestamptz,
        mac_address varchar(40) NOT NULL,
        hostname varchar(255) NOT NULL,
        software_version varchar(40) NOT NULL,
        created_at timestamptz NOT NULL,
        enrolled_at timestamptz,
        last_seen_at timestamptz,
        revoked_at timestamptz,
        revoked_reason varchar(200) NOT NULL,
        CHECK (state <> 'enrolled'
               OR (journal_public_key IS NOT NULL AND ticket_key_id IS NOT NULL AND ticket_public_key IS NOT NULL
                   AND enrolled_at IS NOT NULL)),
        CHECK ((state = 'revoked') = (revoked_at IS NOT NULL)),
        CHECK ((code_hash IS NULL) = (code_expires_at IS NULL))
    )
    """,
    """
    CREATE TABLE ticket_keys (
        key_id bigint GENERATED ALWAYS AS IDENTITY (START 1) PRIMARY KEY CHECK (key_id BETWEEN 1 AND 4294967295),
        till_id uuid REFERENCES tills (id),
        public_key bytea NOT NULL UNIQUE CHECK (octet_length(public_key) = 32),
        certificate bytea CHECK (octet_length(certificate) = 124),
        not_after timestamptz,
        CHECK ((certificate IS NULL) = (not_after IS NULL))
    )
    """,
    "ALTER TABLE tills ADD FOREIGN KEY (ticket_key_id) REFERENCES ticket_keys (key_id)",
    """
    CREATE TABLE token_keys (
        key_id varchar(40) PRIMARY KEY,
        public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
        sealed_seed bytea NOT NULL,
        created_at timestamptz NOT NULL,
        not_after timestamptz
    )
    """,
    # One key signs at a time: of two that start a new one, the second fails here and starts over.
    "CREATE UNIQUE INDEX token_keys_current ON token_keys ((not_after IS NULL)) WHERE not_after IS NULL",
)


def upgrade() -> None:
    create_kit_tables(op.get_bind())
    for statement in STATEMENTS:
        op.execute(statement)
