-- The till's database. Amounts in minor units; instants as ISO 8601 in UTC with milliseconds.

CREATE TABLE IF NOT EXISTS meta (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Keys that this machine made, and what the centre said of it. One row.
CREATE TABLE IF NOT EXISTS identity (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  journal_key BLOB NOT NULL,        -- PKCS#8, P-256
  ticket_key BLOB NOT NULL,         -- Ed25519 seed
  secret BLOB NOT NULL,             -- signs the page's CSRF tokens
  till_id TEXT,                     -- the rest is null until enrolled
  number TEXT,
  name TEXT,
  point_of_sale_id TEXT,
  certificate BLOB,
  root_public_key BLOB
) STRICT;

-- The journal: gapless, chained, signed; rows never change (LAW-2, LAW-3).
CREATE TABLE IF NOT EXISTS journal (
  sequence INTEGER PRIMARY KEY,
  content BLOB NOT NULL,
  signature BLOB NOT NULL,
  algorithm TEXT NOT NULL,
  hash BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS journal_by_time ON journal (at);  -- which entry is the latest, by the clock
CREATE INDEX IF NOT EXISTS journal_closings ON journal (sequence) WHERE kind = 'closing';
CREATE TRIGGER IF NOT EXISTS journal_has_no_gap BEFORE INSERT ON journal
WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM journal)
BEGIN SELECT raise(ABORT, 'the journal has no gap'); END;
CREATE TRIGGER IF NOT EXISTS journal_never_changes BEFORE UPDATE ON journal
BEGIN SELECT raise(ABORT, 'the journal never changes'); END;
CREATE TRIGGER IF NOT EXISTS journal_is_kept BEFORE DELETE ON journal
BEGIN SELECT raise(ABORT, 'the journal is kept'); END;

-- The centre's countersigned receipts of what it holds (LAW-6).
CREATE TABLE IF NOT EXISTS receipts (
  last_sequence INTEGER PRIMARY KEY,
  receipt BLOB NOT NULL
) STRICT;

-- Where to find a sale in the journal.
CREATE TABLE IF NOT EXISTS sales (
  order_id TEXT PRIMARY KEY,
  order_number TEXT NOT NULL UNIQUE,
  sequence INTEGER NOT NULL UNIQUE REFERENCES journal (sequence),
  receipts INTEGER NOT NULL DEFAULT 0  -- how many were asked for (LAW-24)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tickets (
  key_id INTEGER NOT NULL,
  serial INTEGER NOT NULL,
  order_id TEXT NOT NULL REFERENCES sales (order_id),
  label TEXT NOT NULL,
  token TEXT NOT NULL UNIQUE,       -- of the newest paper
  reissue INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (key_id, serial)
) STRICT, WITHOUT ROWID;
-- Places sold, by performance and minute: how fast leases must grow.
CREATE TABLE IF NOT EXISTS places_sold (
  performance_id TEXT NOT NULL,
  minute TEXT NOT NULL,
  places INTEGER NOT NULL,
  PRIMARY KEY (performance_id, minute)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS counters (
  name TEXT PRIMARY KEY,
  value INTEGER NOT NULL CHECK (value >= 0)
) STRICT, WITHOUT ROWID;

-- Answers given, so that a repeated request gets the first one.
CREATE TABLE IF NOT EXISTS answers (
  request_id TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  answer TEXT NOT NULL,
  at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS leases (
  lease_id TEXT PRIMARY KEY,
  performance_id TEXT NOT NULL,
  granted INTEGER NOT NULL,
  used INTEGER NOT NULL CHECK (used >= 0),
  returned INTEGER NOT NULL CHECK (returned >= 0),
  epoch INTEGER NOT NULL,
  expires_at TEXT NOT NULL,
  active INTEGER NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  CHECK (used + returned <= granted)  -- never oversell
) STRICT, WITHOUT ROWID;

-- Seats of numbered performances that leases gave to this till: to sell, sold, or given back and not yet heard of. While a
-- lease runs, no seat of it can be sold twice (G1).
CREATE TABLE IF NOT EXISTS lease_seats (
  performance_id TEXT NOT NULL,
  ordinal INTEGER NOT NULL CHECK (ordinal > 0),
  lease_id TEXT NOT NULL REFERENCES leases (lease_id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('left', 'sold', 'returned')),
  PRIMARY KEY (performance_id, ordinal)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lease_seats_by_lease ON lease_seats (lease_id);
CREATE TRIGGER IF NOT EXISTS a_seat_is_sold_once BEFORE UPDATE OF state ON lease_seats
WHEN OLD.state <> 'left' AND NEW.state = 'sold' OR OLD.state = 'sold'
BEGIN SELECT raise(ABORT, 'a seat is sold once'); END;
CREATE TABLE IF NOT EXISTS plans (
  plan_version_id TEXT PRIMARY KEY,
  number INTEGER NOT NULL,
  geometry BLOB NOT NULL             -- gzip of what a browser draws
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS snapshot (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS templates (
  code TEXT PRIMARY KEY,
  version INTEGER NOT NULL,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS roster (
  cashier_id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  pin_hash TEXT NOT NULL,
  rights TEXT NOT NULL,
  language TEXT NOT NULL,
  profile TEXT NOT NULL DEFAULT '',
  badge_hash BLOB NOT NULL DEFAULT x''
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pin_tries (
  cashier_id TEXT PRIMARY KEY,
  failures INTEGER NOT NULL,
  locked_until TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS shifts (
  shift_id TEXT PRIMARY KEY,
  cashier_id TEXT NOT NULL,
  session_hash BLOB NOT NULL UNIQUE,  -- SHA-256 of the browser's cookie
  began_at TEXT NOT NULL,
  ended_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS cash_floats (
  cash_float_id TEXT PRIMARY KEY,
  cashier_id TEXT NOT NULL,
  business_on TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  opening_total INTEGER NOT NULL,
  cash_sales INTEGER NOT NULL DEFAULT 0,  -- less what was given back in cash
  closed_at TEXT,                         -- closed, or carried to another till
  cash_moved INTEGER NOT NULL DEFAULT 0,  -- paid in, withdrawn, transferred, carried
  first_sequence INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS one_open_float_each ON cash_floats (cashier_id) WHERE closed_at IS NULL;

-- The last count of a float that is still open (E4): its entry, and how many there were.
CREATE TABLE IF NOT EXISTS declarations (
  cash_float_id TEXT PRIMARY KEY REFERENCES cash_floats (cash_float_id),
  sequence INTEGER NOT NULL REFERENCES journal (sequence),
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Open floats of other tills, and those on their way, as far as the centre or this till's own journal told (E1).
CREATE TABLE IF NOT EXISTS floats_elsewhere (
  cash_float_id TEXT PRIMARY KEY,
  cashier_id TEXT NOT NULL,
  business_on TEXT NOT NULL,
  opened_at TEXT NOT NULL,
  till_number TEXT NOT NULL,         -- where it is, or was last
  movement_id TEXT NOT NULL,         -- by which it left that till; empty: it is still there
  amount INTEGER NOT NULL,
  other_modes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Documents as they were when sold: a reprint after a change of template is identical.
CREATE TABLE IF NOT EXISTS frozen_templates (
  hash TEXT PRIMARY KEY,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS jobs (
  job_id TEXT PRIMARY KEY,
  number INTEGER NOT NULL UNIQUE,      -- order of printing
  key TEXT NOT NULL UNIQUE,            -- of what caused it: the same cause never makes a second job
  role TEXT NOT NULL,
  kind TEXT NOT NULL,                  -- ticket, receipt, refund, drawer
  state TEXT NOT NULL CHECK (state IN ('queued','sending','sent','waiting','confirmed','in_doubt','failed')),
  reason TEXT NOT NULL DEFAULT '',
  order_id TEXT NOT NULL,
  order_number TEXT NOT NULL,
  title TEXT NOT NULL,
  template_hash TEXT,
  data TEXT NOT NULL,
  kick_drawer INTEGER NOT NULL DEFAULT 0,
  copy INTEGER NOT NULL DEFAULT 0,     -- 0 for the original, n for DUPLICATA n
  parent TEXT,
  attempt INTEGER NOT NULL DEFAULT 0,
  process_id TEXT NOT NULL DEFAULT '',
  rendered BLOB,                       -- the bytes sent, deflated; dropped once confirmed
  sha256 TEXT NOT NULL DEFAULT '',
  evidence TEXT NOT NULL DEFAULT '',
  created_at TEXT NOT NULL,
  changed_at TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, role, number);
CREATE INDEX IF NOT EXISTS jobs_of_order ON jobs (order_id);

-- What sales are looked for by (A5). It can be made again from the journal at any time.
CREATE TABLE IF NOT EXISTS sale_marks (
  sequence INTEGER PRIMARY KEY REFERENCES journal (sequence),
  order_id TEXT NOT NULL UNIQUE,
  number INTEGER NOT NULL,
  at TEXT NOT NULL,
  total INTEGER NOT NULL,
  cashier_id TEXT NOT NULL,
  modes TEXT NOT NULL,
  card TEXT NOT NULL,                -- last four characters of payments' references
  words TEXT NOT NULL                -- folded: what was sold, and who sold it
) STRICT;
CREATE INDEX IF NOT EXISTS sale_marks_by_time ON sale_marks (at);
CREATE INDEX IF NOT EXISTS sale_marks_by_total ON sale_marks (total);
CREATE INDEX IF NOT EXISTS sale_marks_by_number ON sale_marks (number);

-- Where to find a refund in the journal (A7), and the tickets that open nothing any more.
CREATE TABLE IF NOT EXISTS refunds (
  refund_id TEXT PRIMARY KEY,
  refund_number TEXT NOT NULL UNIQUE,
  order_id TEXT NOT NULL REFERENCES sales (order_id),
  sequence INTEGER NOT NULL UNIQUE REFERENCES journal (sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS refunds_of_order ON refunds (order_id);
CREATE TABLE IF NOT EXISTS dead_tickets (
  key_id INTEGER NOT NULL,
  serial INTEGER NOT NULL,
  refund_id TEXT NOT NULL REFERENCES refunds (refund_id),
  PRIMARY KEY (key_id, serial),
  FOREIGN KEY (key_id, serial) REFERENCES tickets (key_id, serial)
) STRICT, WITHOUT ROWID;

-- Reserved files whose money this till is taking (A6).
CREATE TABLE IF NOT EXISTS claims (
  reservation_id TEXT PRIMARY KEY,
  content TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What the centre set up (B9): of the profile and of this till alone; what runs, and what waits for the sale at hand.
CREATE TABLE IF NOT EXISTS setups (
  kind TEXT NOT NULL,                -- profile, till
  waiting INTEGER NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (kind, waiting)
) STRICT, WITHOUT ROWID;

-- Messages to sellers that were read in a working period (B3).
CREATE TABLE IF NOT EXISTS acknowledged (
  shift_id TEXT NOT NULL,
  message_id TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (shift_id, message_id)
) STRICT, WITHOUT ROWID;

-- Devices of this till (B8, C9): one for each role. `seeded`: named by the environment, not by a person.
CREATE TABLE IF NOT EXISTS devices (
  role TEXT PRIMARY KEY,
  driver TEXT NOT NULL,              -- empty: a person says that there is none
  address TEXT NOT NULL,
  options TEXT NOT NULL,             -- JSON
  seeded INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Payments asked of a terminal (C4). No card number ever stands here.
CREATE TABLE IF NOT EXISTS attempts (
  attempt_id TEXT PRIMARY KEY,
  reference TEXT NOT NULL UNIQUE,    -- as the terminal knows it
  sale_id TEXT NOT NULL,             -- of the page's basket
  kind TEXT NOT NULL CHECK (kind IN ('debit', 'credit')),
  amount INTEGER NOT NULL CHECK (amount > 0),
  currency TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('waiting','sent','unknown','approved','partial','declined','cancelled','not_started')),
  why TEXT NOT NULL DEFAULT '',
  moved INTEGER NOT NULL DEFAULT 0 CHECK (moved BETWEEN 0 AND amount),
  authorisation TEXT NOT NULL DEFAULT '',
  trace TEXT NOT NULL DEFAULT '',
  settled_by TEXT NOT NULL DEFAULT '',  -- the cashier whose word it is
  cashier_id TEXT NOT NULL,
  basket TEXT NOT NULL,              -- the page's own: a parked sale is taken up again
  reverses TEXT REFERENCES attempts (attempt_id),
  order_id TEXT,                     -- of the sale that has this money
  began_at TEXT NOT NULL,
  changed_at TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS a_sale_has_one_open_attempt ON attempts (sale_id)
WHERE state IN ('waiting','sent','unknown');
CREATE UNIQUE INDEX IF NOT EXISTS money_goes_back_once ON attempts (reverses)
WHERE reverses IS NOT NULL AND (moved > 0 OR state IN ('waiting','sent','unknown'));
CREATE INDEX IF NOT EXISTS attempts_by_state ON attempts (state, began_at);
