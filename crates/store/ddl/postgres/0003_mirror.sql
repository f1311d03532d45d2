CREATE TABLE reference (
  kind TEXT COLLATE "C" NOT NULL,
  id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  url TEXT COLLATE "C",
  email TEXT COLLATE "C",
  status TEXT COLLATE "C",
  person TEXT COLLATE "C",
  starts_at BIGINT,
  ends_at BIGINT,
  level BIGINT,
  names TEXT COLLATE "C" NOT NULL,
  seen_at BIGINT NOT NULL,
  gone_at BIGINT,
  PRIMARY KEY (kind, id)
);
CREATE INDEX reference_email ON reference (email) WHERE email IS NOT NULL;
CREATE INDEX reference_person ON reference (person, kind, ends_at) WHERE person IS NOT NULL;

CREATE TABLE activity (
  person TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  last_at BIGINT NOT NULL,
  PRIMARY KEY (person, kind)
);

CREATE TABLE poll (
  name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  round BIGINT NOT NULL,
  due BIGINT NOT NULL,
  begun_at BIGINT,
  ended_at BIGINT,
  refused TEXT COLLATE "C",
  state TEXT COLLATE "C" NOT NULL
);

CREATE TABLE sighting (
  incident TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  seen_at BIGINT NOT NULL
);

CREATE TABLE unheard (
  incident TEXT COLLATE "C" NOT NULL,
  source_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  PRIMARY KEY (incident, source_id)
);
CREATE INDEX unheard_at ON unheard (at);

CREATE TABLE gap (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  subscription TEXT COLLATE "C" NOT NULL,
  why TEXT COLLATE "C" NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT,
  pass BIGINT NOT NULL,
  entries BIGINT NOT NULL,
  lacking BIGINT NOT NULL,
  repaired BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  passed_at BIGINT,
  closed_at BIGINT
);
CREATE INDEX gap_live ON gap (state) WHERE state <> 'closed';
CREATE INDEX gap_opened ON gap (opened_at);

CREATE TABLE backfill (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  asked_by TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  begun_at BIGINT,
  ended_at BIGINT,
  calls BIGINT NOT NULL,
  why TEXT COLLATE "C"
);
CREATE INDEX backfill_live ON backfill (created_at) WHERE state IN ('waiting', 'running');

CREATE TABLE backfill_slice (
  backfill TEXT COLLATE "C" NOT NULL,
  step BIGINT NOT NULL,
  since BIGINT NOT NULL,
  until BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  listed BIGINT NOT NULL,
  total BIGINT,
  calls BIGINT NOT NULL,
  ended_at BIGINT,
  PRIMARY KEY (backfill, step, since, until)
);

CREATE TABLE process (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  role TEXT COLLATE "C" NOT NULL,
  host TEXT COLLATE "C" NOT NULL,
  version TEXT COLLATE "C" NOT NULL,
  started_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  stopped_at BIGINT
);

CREATE TABLE saved_filter (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  account TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  query TEXT COLLATE "C" NOT NULL,
  shared BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE INDEX saved_filter_account ON saved_filter (account, name);
