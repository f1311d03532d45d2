CREATE TABLE meta (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE inbox (
  id INTEGER NOT NULL PRIMARY KEY,
  key BLOB NOT NULL,
  source TEXT NOT NULL,
  received_at BIGINT NOT NULL,
  origin TEXT NOT NULL,
  state TEXT NOT NULL,
  subject TEXT,
  event_type TEXT,
  customer TEXT,
  note TEXT,
  read_at BIGINT,
  digest BLOB NOT NULL,
  headers TEXT NOT NULL,
  raw BLOB NOT NULL
);
CREATE UNIQUE INDEX inbox_key ON inbox (key);
CREATE INDEX inbox_new ON inbox (id) WHERE state = 'new';
CREATE INDEX inbox_unreadable ON inbox (id) WHERE state = 'unreadable';
CREATE INDEX inbox_dead ON inbox (id) WHERE state = 'dead';
CREATE INDEX inbox_subject ON inbox (subject, id) WHERE subject IS NOT NULL;

CREATE TABLE receipt (
  source TEXT NOT NULL,
  shard BIGINT NOT NULL,
  received BIGINT NOT NULL,
  duplicates BIGINT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (source, shard)
) WITHOUT ROWID;

CREATE TABLE fact (
  id INTEGER NOT NULL PRIMARY KEY,
  incident TEXT NOT NULL,
  source TEXT NOT NULL,
  source_id TEXT NOT NULL,
  at BIGINT NOT NULL,
  origin TEXT NOT NULL,
  inbox_id BIGINT,
  recorded_at BIGINT NOT NULL,
  body TEXT NOT NULL
);
CREATE UNIQUE INDEX fact_identity ON fact (incident, source, source_id);
CREATE INDEX fact_inbox ON fact (inbox_id) WHERE inbox_id IS NOT NULL;

CREATE TABLE incident (
  id TEXT NOT NULL PRIMARY KEY,
  number BIGINT,
  title TEXT NOT NULL,
  status TEXT NOT NULL,
  urgency TEXT NOT NULL,
  service_id TEXT,
  service_name TEXT,
  priority TEXT,
  customer TEXT,
  created_at BIGINT NOT NULL,
  acknowledged_at BIGINT,
  resolved_at BIGINT,
  changed_at BIGINT NOT NULL,
  read_at BIGINT,
  stale BIGINT NOT NULL,
  facts BIGINT NOT NULL,
  html_url TEXT,
  merged_into TEXT,
  state TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX incident_created ON incident (created_at, id);
CREATE INDEX incident_status ON incident (status, created_at, id);
CREATE INDEX incident_service ON incident (service_id, created_at);
CREATE INDEX incident_customer ON incident (customer, created_at);
CREATE INDEX incident_changed ON incident (changed_at);
CREATE INDEX incident_merged ON incident (merged_into, id) WHERE merged_into IS NOT NULL;

CREATE TABLE incident_link (
  incident TEXT NOT NULL,
  kind TEXT NOT NULL,
  other TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (incident, kind, other)
) WITHOUT ROWID;
CREATE INDEX incident_link_other ON incident_link (kind, other, incident);

CREATE TABLE dirty (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since BIGINT NOT NULL,
  origin TEXT NOT NULL,
  generation BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID;

CREATE TABLE action (
  key TEXT NOT NULL PRIMARY KEY,
  duty TEXT NOT NULL,
  subject TEXT NOT NULL,
  effect TEXT NOT NULL,
  body TEXT NOT NULL,
  why TEXT NOT NULL,
  customer TEXT,
  observed BIGINT NOT NULL,
  created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX action_subject ON action (subject, created_at);

CREATE TABLE job (
  id INTEGER NOT NULL PRIMARY KEY,
  action TEXT NOT NULL,
  queue TEXT NOT NULL,
  lane TEXT NOT NULL,
  destination TEXT NOT NULL,
  customer TEXT NOT NULL,
  priority BIGINT NOT NULL,
  version BIGINT NOT NULL,
  payload TEXT NOT NULL,
  state TEXT NOT NULL,
  blocking BIGINT NOT NULL,
  due BIGINT NOT NULL,
  lease_until BIGINT,
  token BIGINT NOT NULL,
  spent BIGINT NOT NULL,
  give_up_at BIGINT,
  not_after BIGINT,
  cause TEXT,
  created_at BIGINT NOT NULL,
  ended_at BIGINT
);
CREATE UNIQUE INDEX job_action ON job (action);
CREATE INDEX job_claim ON job (queue, priority, due, id) WHERE state IN ('ready', 'leased');
CREATE INDEX job_lane ON job (lane, id) WHERE state IN ('ready', 'leased', 'human', 'dead');
CREATE INDEX job_state ON job (state, id);

CREATE TABLE turn (
  queue TEXT NOT NULL,
  customer TEXT NOT NULL,
  served BIGINT NOT NULL,
  PRIMARY KEY (queue, customer)
) WITHOUT ROWID;

CREATE TABLE attempt (
  job BIGINT NOT NULL,
  token BIGINT NOT NULL,
  worker TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  ended_at BIGINT,
  outcome TEXT,
  detail TEXT,
  external TEXT,
  look_after BIGINT,
  PRIMARY KEY (job, token)
) WITHOUT ROWID;

CREATE TABLE timer (
  key TEXT NOT NULL PRIMARY KEY,
  duty TEXT NOT NULL,
  subject TEXT NOT NULL,
  generation BIGINT NOT NULL,
  due BIGINT NOT NULL,
  effect BIGINT NOT NULL,
  payload TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due);

CREATE TABLE cursor (
  name TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL,
  updated_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE breaker (
  destination TEXT NOT NULL PRIMARY KEY,
  failures BIGINT NOT NULL,
  open_until BIGINT,
  opened_at BIGINT,
  why TEXT,
  changed_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE duty_state (
  duty TEXT NOT NULL,
  subject TEXT NOT NULL,
  version BIGINT NOT NULL,
  json TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (duty, subject)
) WITHOUT ROWID;

CREATE TABLE account (
  id TEXT NOT NULL PRIMARY KEY,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  scope TEXT NOT NULL,
  password TEXT,
  language TEXT,
  time_zone TEXT,
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX account_email ON account (email);

CREATE TABLE session (
  digest BLOB NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  account TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX session_account ON session (account);

CREATE TABLE one_time_link (
  digest BLOB NOT NULL PRIMARY KEY,
  purpose TEXT NOT NULL,
  account TEXT,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT
) WITHOUT ROWID;

CREATE TABLE api_token (
  digest BLOB NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  scope TEXT NOT NULL,
  created_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_token_id ON api_token (id);

CREATE TABLE audit (
  id INTEGER NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  subject TEXT NOT NULL,
  customer TEXT,
  detail TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, id);
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_action ON audit (action, id);
