CREATE TABLE alert (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  incident TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C",
  title TEXT COLLATE "C" NOT NULL,
  service_id TEXT COLLATE "C",
  customer TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  resolved_at BIGINT,
  is_open BIGINT NOT NULL,
  suppressed BIGINT NOT NULL,
  words TEXT COLLATE "C" NOT NULL,
  hosts TEXT COLLATE "C" NOT NULL,
  reading TEXT COLLATE "C",
  mail BIGINT,
  score BIGINT,
  fresh BIGINT NOT NULL
);
CREATE INDEX alert_incident ON alert (incident);
CREATE INDEX alert_key ON alert (key, created_at) WHERE key IS NOT NULL;
CREATE INDEX alert_reading ON alert (reading, created_at) WHERE reading IS NOT NULL;
CREATE INDEX alert_created ON alert (created_at);
CREATE INDEX alert_open ON alert (created_at) WHERE is_open = 1;
CREATE INDEX alert_fresh ON alert (created_at) WHERE fresh = 1;
CREATE INDEX alert_mail ON alert (mail) WHERE mail IS NOT NULL;

CREATE TABLE mail (
  id BIGINT NOT NULL PRIMARY KEY,
  received_at BIGINT NOT NULL,
  door TEXT COLLATE "C" NOT NULL,
  message_id TEXT COLLATE "C",
  sender TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  folded TEXT COLLATE "C" NOT NULL,
  monitor TEXT COLLATE "C" NOT NULL,
  host TEXT COLLATE "C",
  check_name TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL,
  severity TEXT COLLATE "C",
  key TEXT COLLATE "C" NOT NULL,
  occurred_at BIGINT,
  customer TEXT COLLATE "C",
  service TEXT COLLATE "C",
  trust TEXT COLLATE "C" NOT NULL,
  net TEXT COLLATE "C",
  ledger TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  due BIGINT,
  judged_at BIGINT,
  incident TEXT COLLATE "C",
  alert TEXT COLLATE "C",
  score BIGINT,
  reading TEXT COLLATE "C" NOT NULL,
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
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  monitor TEXT COLLATE "C" NOT NULL,
  host TEXT COLLATE "C",
  check_name TEXT COLLATE "C",
  title TEXT COLLATE "C" NOT NULL,
  customer TEXT COLLATE "C",
  generation BIGINT NOT NULL,
  open_since BIGINT,
  ended_at BIGINT,
  mails BIGINT NOT NULL,
  last_mail BIGINT,
  incident TEXT COLLATE "C",
  missing_since BIGINT,
  registration TEXT COLLATE "C",
  dedup_key TEXT COLLATE "C",
  asked_at BIGINT,
  tries BIGINT NOT NULL,
  seen_at BIGINT,
  ours TEXT COLLATE "C",
  storm TEXT COLLATE "C",
  called TEXT COLLATE "C",
  cause TEXT COLLATE "C",
  changed_at BIGINT NOT NULL
);
CREATE INDEX net_registration ON net (registration, asked_at) WHERE registration IS NOT NULL;
CREATE INDEX net_dedup ON net (dedup_key) WHERE dedup_key IS NOT NULL;
CREATE INDEX net_missing ON net (missing_since) WHERE missing_since IS NOT NULL;
CREATE INDEX net_called ON net (called) WHERE called IS NOT NULL;
CREATE INDEX net_storm ON net (storm) WHERE storm IS NOT NULL;
CREATE INDEX net_storms ON net (monitor, open_since) WHERE id LIKE 'storm:%';
CREATE INDEX net_ours ON net (ours) WHERE ours IS NOT NULL;

CREATE TABLE mail_count (
  door TEXT COLLATE "C" NOT NULL,
  slot BIGINT NOT NULL,
  shard BIGINT NOT NULL,
  received BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  PRIMARY KEY (slot, door, shard)
);

CREATE TABLE mail_hour (
  monitor TEXT COLLATE "C" NOT NULL,
  hour BIGINT NOT NULL,
  mails BIGINT NOT NULL,
  matched BIGINT NOT NULL,
  PRIMARY KEY (monitor, hour)
);
CREATE INDEX mail_hour_hour ON mail_hour (hour);

CREATE TABLE mail_rule (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  name TEXT COLLATE "C" NOT NULL,
  monitor TEXT COLLATE "C" NOT NULL,
  net TEXT COLLATE "C",
  verdict TEXT COLLATE "C" NOT NULL,
  created_by TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);

CREATE TABLE ledger_day (
  day TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  received BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  counts TEXT COLLATE "C" NOT NULL,
  closed_at BIGINT NOT NULL
);

CREATE TABLE callout (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  subject TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  level BIGINT NOT NULL,
  person TEXT COLLATE "C" NOT NULL,
  text TEXT COLLATE "C" NOT NULL,
  digest BYTEA NOT NULL,
  customer TEXT COLLATE "C",
  asked_at BIGINT NOT NULL,
  due BIGINT,
  sent_at BIGINT,
  answered_at BIGINT,
  answered_by TEXT COLLATE "C",
  ended_at BIGINT
);
CREATE UNIQUE INDEX callout_digest ON callout (digest);
CREATE INDEX callout_subject ON callout (subject, generation);
CREATE INDEX callout_due ON callout (due) WHERE due IS NOT NULL;

CREATE TABLE outage (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  began_at BIGINT NOT NULL,
  ended_at BIGINT,
  evidence TEXT COLLATE "C" NOT NULL,
  report TEXT COLLATE "C"
);
CREATE INDEX outage_began ON outage (began_at);

CREATE TABLE canary (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  route TEXT COLLATE "C" NOT NULL,
  asked_by TEXT COLLATE "C" NOT NULL,
  began_at BIGINT NOT NULL,
  mailed_at BIGINT,
  received_at BIGINT,
  accepted_at BIGINT,
  heard_at BIGINT,
  ended_at BIGINT,
  incident TEXT COLLATE "C",
  lost TEXT COLLATE "C"
);
CREATE INDEX canary_route ON canary (route, began_at);
CREATE INDEX canary_live ON canary (began_at) WHERE ended_at IS NULL;

ALTER TABLE incident ADD COLUMN canary BIGINT NOT NULL DEFAULT 0;

-- From here on each database has its own.
CREATE TABLE mail_gram (
  slot BIGINT NOT NULL PRIMARY KEY,
  grams TEXT[] COLLATE "C" NOT NULL
);
CREATE INDEX mail_gram_any ON mail_gram USING gin (grams);
