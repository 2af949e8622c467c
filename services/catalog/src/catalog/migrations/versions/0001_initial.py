"""The catalogue. `revision` has one row: whoever writes locks it first, so that revisions are in the order of commits."""

from alembic import op

from kit.database import create_kit_tables

revision = "0001"
down_revision = None

NOUN = "revision bigint NOT NULL, archived boolean NOT NULL DEFAULT false"

STATEMENTS = f"""
CREATE TABLE revision (one boolean PRIMARY KEY CHECK (one), version bigint NOT NULL);
INSERT INTO revision VALUES (true, 0);
CREATE TABLE organisation (
  one boolean PRIMARY KEY CHECK (one), name text NOT NULL, address text NOT NULL, siret text NOT NULL,
  licence text NOT NULL, currency char(3) NOT NULL, theme jsonb NOT NULL, revision bigint NOT NULL
);
INSERT INTO organisation VALUES (true, '', '', '', '', 'EUR', '{{}}', 0);
CREATE TABLE venues (
  id uuid PRIMARY KEY, name text NOT NULL CHECK (name <> ''), zone text NOT NULL, address text NOT NULL, {NOUN}
);
CREATE TABLE show_groups (
  id uuid PRIMARY KEY, name text NOT NULL CHECK (name <> ''), parent_id uuid REFERENCES show_groups CHECK (parent_id <> id), {NOUN}
);
CREATE TABLE shows (
  id uuid PRIMARY KEY, title text NOT NULL CHECK (title <> ''), group_id uuid REFERENCES show_groups,
  venue_id uuid NOT NULL REFERENCES venues, colour text NOT NULL, description text NOT NULL, {NOUN}
);
CREATE TABLE categories (id uuid PRIMARY KEY, name text NOT NULL CHECK (name <> ''), {NOUN});
CREATE TABLE tariffs (
  id uuid PRIMARY KEY, name text NOT NULL CHECK (name <> ''), kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 3),
  proof text NOT NULL, rank integer NOT NULL, {NOUN}
);
CREATE TABLE price_lists (id uuid PRIMARY KEY, name text NOT NULL CHECK (name <> ''), {NOUN});
CREATE TABLE prices (
  price_list_id uuid NOT NULL REFERENCES price_lists, position integer NOT NULL,
  tariff_id uuid NOT NULL REFERENCES tariffs, category_id uuid REFERENCES categories,
  amount bigint NOT NULL CHECK (amount BETWEEN 0 AND 1000000), vat_rate_bp integer NOT NULL CHECK (vat_rate_bp BETWEEN 0 AND 3000),
  channels text[] NOT NULL, PRIMARY KEY (price_list_id, position),
  CONSTRAINT prices_once UNIQUE NULLS NOT DISTINCT (price_list_id, tariff_id, category_id)
);
CREATE TABLE performances (
  id uuid PRIMARY KEY, show_id uuid NOT NULL REFERENCES shows, hall text NOT NULL, starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL, capacity integer NOT NULL CHECK (capacity >= 1), price_list_id uuid REFERENCES price_lists,
  state smallint NOT NULL CHECK (state BETWEEN 1 AND 3), revision bigint NOT NULL,
  CHECK (ends_at > starts_at), CHECK (state <> 2 OR price_list_id IS NOT NULL)
);
CREATE INDEX performances_by_start ON performances (starts_at, id);
CREATE INDEX performances_by_show ON performances (show_id, starts_at);
CREATE INDEX performances_by_end ON performances (ends_at);
CREATE INDEX performances_by_revision ON performances (revision);
CREATE TABLE channels (code text PRIMARY KEY, name text NOT NULL CHECK (name <> ''), {NOUN});
CREATE TABLE products (
  id uuid PRIMARY KEY, name text NOT NULL CHECK (name <> ''), family text NOT NULL, subfamily text NOT NULL, supplier text NOT NULL,
  reference text NOT NULL CONSTRAINT products_reference_once UNIQUE,
  price bigint NOT NULL CHECK (price BETWEEN 0 AND 1000000), vat_rate_bp integer NOT NULL CHECK (vat_rate_bp BETWEEN 0 AND 3000),
  options jsonb NOT NULL, colour text NOT NULL, {NOUN}
);
CREATE INDEX products_by_name ON products (name, id);
CREATE INDEX products_by_revision ON products (revision);
CREATE TABLE till_profiles (
  id uuid PRIMARY KEY, name text NOT NULL CHECK (name <> ''), pages jsonb NOT NULL, payment_modes text[] NOT NULL,
  ticket_template text NOT NULL, receipt_template text NOT NULL, {NOUN}
);
CREATE TABLE till_profile_references (
  till_profile_id uuid NOT NULL REFERENCES till_profiles, show_id uuid REFERENCES shows, performance_id uuid REFERENCES performances,
  tariff_id uuid REFERENCES tariffs, product_id uuid REFERENCES products, venue_id uuid REFERENCES venues
);
CREATE INDEX till_profile_references_by_profile ON till_profile_references (till_profile_id);
CREATE TABLE points_of_sale (
  id uuid PRIMARY KEY, name text NOT NULL CHECK (name <> ''), venue_id uuid NOT NULL REFERENCES venues,
  till_profile_id uuid NOT NULL REFERENCES till_profiles, {NOUN}
);
"""  # noqa: S608 - nothing comes from outside


def upgrade() -> None:
    create_kit_tables(op.get_bind())
    for statement in STATEMENTS.split(";\n"):
        if statement.strip():
            op.execute(statement)
