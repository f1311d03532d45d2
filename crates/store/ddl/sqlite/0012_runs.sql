-- Where an incident's hosts were looked for, and what came of it.
CREATE TABLE visit (
  incident TEXT NOT NULL PRIMARY KEY,
  customer TEXT,
  facts TEXT NOT NULL,
  found TEXT NOT NULL,
  mode TEXT NOT NULL,
  looked_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Runs of a runbook on a host: what was asked for, by whom, and how it ended.
CREATE TABLE run (
  id INTEGER NOT NULL PRIMARY KEY,
  key TEXT NOT NULL,
  incident TEXT,
  host TEXT NOT NULL,
  customer TEXT,
  runbook TEXT NOT NULL,
  runbook_digest TEXT NOT NULL,
  class TEXT NOT NULL,
  reason TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  plan TEXT NOT NULL,
  plan_digest TEXT NOT NULL,
  state TEXT NOT NULL,
  cause TEXT,
  level TEXT,
  findings TEXT NOT NULL,
  is_healthy BIGINT NOT NULL,
  queued_at BIGINT NOT NULL,
  started_at BIGINT,
  beat_at BIGINT,
  ended_at BIGINT,
  stop_asked_by TEXT
);
CREATE UNIQUE INDEX run_key ON run (key);
CREATE INDEX run_by_incident ON run (incident, id);
CREATE INDEX run_by_host ON run (host, runbook, id);
CREATE INDEX run_by_customer ON run (customer, id);
CREATE INDEX run_live ON run (state, id) WHERE ended_at IS NULL;

-- The steps of a run, each with what came back or why nothing did.
CREATE TABLE run_step (
  run BIGINT NOT NULL,
  n BIGINT NOT NULL,
  name TEXT NOT NULL,
  customer TEXT,
  state TEXT NOT NULL,
  cause TEXT,
  exit_status BIGINT,
  signal TEXT,
  out_bytes BIGINT NOT NULL,
  err_bytes BIGINT NOT NULL,
  output TEXT NOT NULL,
  findings TEXT NOT NULL,
  redactions TEXT NOT NULL,
  host_key TEXT,
  capsule TEXT,
  started_at BIGINT,
  ended_at BIGINT,
  PRIMARY KEY (run, n)
) WITHOUT ROWID;

-- What a step said first, in pieces as they came, redacted: for the page while it runs, for search, and when nothing else was kept.
CREATE TABLE run_output (
  run BIGINT NOT NULL,
  n BIGINT NOT NULL,
  piece BIGINT NOT NULL,
  stream TEXT NOT NULL,
  at BIGINT NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (run, n, piece)
) WITHOUT ROWID;

-- How each host was last reached.
CREATE TABLE host_reach (
  host TEXT NOT NULL PRIMARY KEY,
  customer TEXT,
  state TEXT NOT NULL,
  since BIGINT NOT NULL,
  checked_at BIGINT NOT NULL,
  hop TEXT,
  cause TEXT,
  elapsed_ms BIGINT,
  clock_offset_ms BIGINT,
  sudo TEXT,
  system TEXT,
  host_key TEXT
) WITHOUT ROWID;

-- Host keys that a person has trusted. A key that is no longer trusted stays, with who took the trust away.
CREATE TABLE host_key (
  id INTEGER NOT NULL PRIMARY KEY,
  host TEXT NOT NULL,
  names TEXT NOT NULL,
  line TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  trusted_at BIGINT NOT NULL,
  trusted_by TEXT NOT NULL,
  dropped_at BIGINT,
  dropped_by TEXT
);
CREATE INDEX host_key_by_host ON host_key (host, id);

-- Versions of runbooks that an admin lets run unattended.
CREATE TABLE runbook_approval (
  runbook TEXT NOT NULL,
  digest TEXT NOT NULL,
  approved_at BIGINT NOT NULL,
  approved_by TEXT NOT NULL,
  withdrawn_at BIGINT,
  withdrawn_by TEXT,
  PRIMARY KEY (runbook, digest)
) WITHOUT ROWID;
