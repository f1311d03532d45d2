CREATE TABLE alert (
  id TEXT NOT NULL PRIMARY KEY,
  incident TEXT NOT NULL,
  key TEXT,
  title TEXT NOT NULL,
  service_id TEXT,
  customer TEXT,
  created_at BIGINT NOT NULL,
  resolved_at BIGINT,
  is_open BIGINT NOT NULL,
  suppressed BIGINT NOT NULL,
  words TEXT NOT NULL,
  hosts TEXT NOT NULL,
  reading TEXT,
  mail BIGINT,
  score BIGINT,
  fresh BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX alert_incident ON alert (incident);
CREATE INDEX alert_key ON alert (key, created_at) WHERE key IS NOT NULL;
CREATE INDEX alert_reading ON alert (reading, created_at) WHERE reading IS NOT NULL;
CREATE INDEX alert_created ON alert (created_at);
CREATE INDEX alert_open ON alert (created_at) WHERE is_open = 1;
CREATE INDEX alert_fresh ON alert (created_at) WHERE fresh = 1;
CREATE INDEX alert_mail ON alert (mail) WHERE mail IS NOT NULL;

CREATE TABLE mail (
  id INTEGER NOT NULL PRIMARY KEY,
  received_at BIGINT NOT NULL,
  door TEXT NOT NULL,
  message_id TEXT,
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  folded TEXT NOT NULL,
  monitor TEXT NOT NULL,
  host TEXT,
  check_name TEXT,
  state TEXT NOT NULL,
  severity TEXT,
  key TEXT NOT NULL,
  occurred_at BIGINT,
  customer TEXT,
  service TEXT,
  trust TEXT NOT NULL,
  net TEXT,
  ledger TEXT NOT NULL,
  reason TEXT NOT NULL,
  due BIGINT,
  judged_at BIGINT,
  incident TEXT,
  alert TEXT,
  score BIGINT,
  reading TEXT NOT NULL,
  sealed_at BIGINT
);
CREATE INDEX mail_received ON mail (received_at, id);
CREATE INDEX mail_expected ON mail (due, id) WHERE ledger = 'expected';
CREATE INDEX mail_lacking ON mail (received_at, id) WHERE ledger IN ('missing', 'registered', 'unreadable', 'unreadable_registered');
CREATE INDEX mail_ledger ON mail (ledger, id);
CREATE INDEX mail_monitor ON mail (monitor, id);
CREATE INDEX mail_incident ON mail (incident, id) WHERE incident IS NOT NULL;
CREATE INDEX mail_net ON mail (net, id) WHERE net IS NOT NULL;
CREATE INDEX mail_unsealed ON mail (id) WHERE sealed_at IS NULL;

CREATE TABLE net (
  id TEXT NOT NULL PRIMARY KEY,
  monitor TEXT NOT NULL,
  host TEXT,
  check_name TEXT,
  title TEXT NOT NULL,
  customer TEXT,
  generation BIGINT NOT NULL,
  open_since BIGINT,
  ended_at BIGINT,
  mails BIGINT NOT NULL,
  last_mail BIGINT,
  incident TEXT,
  missing_since BIGINT,
  registration TEXT,
  dedup_key TEXT,
  asked_at BIGINT,
  tries BIGINT NOT NULL,
  seen_at BIGINT,
  ours TEXT,
  storm TEXT,
  called TEXT,
  cause TEXT,
  changed_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX net_registration ON net (registration, asked_at) WHERE registration IS NOT NULL;
CREATE INDEX net_dedup ON net (dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX net_missing ON net (missing_since) WHERE missing_since IS NOT NULL;
CREATE INDEX net_called ON net (called) WHERE called IS NOT NULL;
CREATE INDEX net_storm ON net (storm) WHERE storm IS NOT NULL;
CREATE INDEX net_storms ON net (monitor, open_since) WHERE id LIKE 'storm:%';
CREATE INDEX net_ours ON net (ours) WHERE ours IS NOT NULL;

CREATE TABLE mail_count (
  door TEXT NOT NULL,
  slot BIGINT NOT NULL,
  shard BIGINT NOT NULL,
  received BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  PRIMARY KEY (slot, door, shard)
) WITHOUT ROWID;

CREATE TABLE mail_hour (
  monitor TEXT NOT NULL,
  hour BIGINT NOT NULL,
  mails BIGINT NOT NULL,
  matched BIGINT NOT NULL,
  PRIMARY KEY (monitor, hour)
) WITHOUT ROWID;
CREATE INDEX mail_hour_hour ON mail_hour (hour);

CREATE TABLE mail_rule (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  monitor TEXT NOT NULL,
  net TEXT,
  verdict TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
) WITHOUT ROWID;

CREATE TABLE ledger_day (
  day TEXT NOT NULL PRIMARY KEY,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  received BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  counts TEXT NOT NULL,
  closed_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE callout (
  id TEXT NOT NULL PRIMARY KEY,
  subject TEXT NOT NULL,
  generation BIGINT NOT NULL,
  level BIGINT NOT NULL,
  person TEXT NOT NULL,
  text TEXT NOT NULL,
  digest BLOB NOT NULL,
  customer TEXT,
  asked_at BIGINT NOT NULL,
  due BIGINT,
  sent_at BIGINT,
  answered_at BIGINT,
  answered_by TEXT,
  ended_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX callout_digest ON callout (digest);
CREATE INDEX callout_subject ON callout (subject, generation);
CREATE INDEX callout_due ON callout (due) WHERE due IS NOT NULL;

CREATE TABLE outage (
  id TEXT NOT NULL PRIMARY KEY,
  began_at BIGINT NOT NULL,
  ended_at BIGINT,
  evidence TEXT NOT NULL,
  report TEXT
) WITHOUT ROWID;
CREATE INDEX outage_began ON outage (began_at);

CREATE TABLE canary (
  id TEXT NOT NULL PRIMARY KEY,
  route TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  began_at BIGINT NOT NULL,
  mailed_at BIGINT,
  received_at BIGINT,
  accepted_at BIGINT,
  heard_at BIGINT,
  ended_at BIGINT,
  incident TEXT,
  lost TEXT
) WITHOUT ROWID;
CREATE INDEX canary_route ON canary (route, began_at);
CREATE INDEX canary_live ON canary (began_at) WHERE ended_at IS NULL;

ALTER TABLE incident ADD COLUMN canary BIGINT NOT NULL DEFAULT 0;

-- From here on each database has its own.
CREATE VIRTUAL TABLE mail_gram USING fts5(
  grams, content = '', contentless_delete = 1, detail = none,
  tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
