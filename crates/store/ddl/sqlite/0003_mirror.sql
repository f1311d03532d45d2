CREATE TABLE reference (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT,
  email TEXT,
  status TEXT,
  person TEXT,
  starts_at BIGINT,
  ends_at BIGINT,
  level BIGINT,
  names TEXT NOT NULL,
  seen_at BIGINT NOT NULL,
  gone_at BIGINT,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
CREATE INDEX reference_email ON reference (email) WHERE email IS NOT NULL;
CREATE INDEX reference_person ON reference (person, kind, ends_at) WHERE person IS NOT NULL;

CREATE TABLE activity (
  person TEXT NOT NULL,
  kind TEXT NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (person, kind)
) WITHOUT ROWID;

CREATE TABLE poll (
  name TEXT NOT NULL PRIMARY KEY,
  round BIGINT NOT NULL,
  due BIGINT NOT NULL,
  begun_at BIGINT,
  ended_at BIGINT,
  refused TEXT,
  state TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE sighting (
  incident TEXT NOT NULL PRIMARY KEY,
  seen_at BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE unheard (
  incident TEXT NOT NULL,
  source_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (incident, source_id)
) WITHOUT ROWID;
CREATE INDEX unheard_at ON unheard (at);

CREATE TABLE gap (
  id TEXT NOT NULL PRIMARY KEY,
  subscription TEXT NOT NULL,
  why TEXT NOT NULL,
  state TEXT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT,
  pass BIGINT NOT NULL,
  entries BIGINT NOT NULL,
  lacking BIGINT NOT NULL,
  repaired BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  passed_at BIGINT,
  closed_at BIGINT
) WITHOUT ROWID;
CREATE INDEX gap_live ON gap (state) WHERE state <> 'closed';
CREATE INDEX gap_opened ON gap (opened_at);

CREATE TABLE backfill (
  id TEXT NOT NULL PRIMARY KEY,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  state TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  begun_at BIGINT,
  ended_at BIGINT,
  calls BIGINT NOT NULL,
  why TEXT
) WITHOUT ROWID;
CREATE INDEX backfill_live ON backfill (created_at) WHERE state IN ('waiting', 'running');

CREATE TABLE backfill_slice (
  backfill TEXT NOT NULL,
  step BIGINT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  state TEXT NOT NULL,
  listed BIGINT NOT NULL,
  total BIGINT,
  calls BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (backfill, step, since, until)
) WITHOUT ROWID;

CREATE TABLE process (
  id TEXT NOT NULL PRIMARY KEY,
  role TEXT NOT NULL,
  host TEXT NOT NULL,
  version TEXT NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  stopped_at BIGINT
) WITHOUT ROWID;

CREATE TABLE saved_filter (
  id TEXT NOT NULL PRIMARY KEY,
  account TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  shared BIGINT NOT NULL,
  created_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX saved_filter_account ON saved_filter (account, name);
