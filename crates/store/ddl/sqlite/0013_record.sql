-- What was asked of hosts and what came back: written once, never changed. What is said of it beside its body is for finding it.
CREATE TABLE capsule (
  id TEXT NOT NULL PRIMARY KEY,
  run TEXT NOT NULL,
  step TEXT NOT NULL,
  incident TEXT,
  customer TEXT,
  host TEXT NOT NULL,
  ended_at BIGINT NOT NULL,
  has_output BIGINT NOT NULL,
  body TEXT NOT NULL,
  expired_at BIGINT,
  removed_at BIGINT
);
CREATE INDEX capsule_run ON capsule (run, ended_at);
CREATE INDEX capsule_incident ON capsule (incident, ended_at);
CREATE INDEX capsule_step ON capsule (host, step, ended_at);
CREATE INDEX capsule_kept ON capsule (ended_at) WHERE has_output = 1 AND expired_at IS NULL;
CREATE INDEX capsule_doomed ON capsule (expired_at) WHERE expired_at IS NOT NULL AND removed_at IS NULL;

-- One order over all that was kept: each entry holds the hash of the one before it.
CREATE TABLE chain_entry (
  seq INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  digest TEXT NOT NULL,
  prev TEXT NOT NULL
);
CREATE UNIQUE INDEX chain_entry_subject ON chain_entry (kind, subject);

-- What was written and has no entry yet.
CREATE TABLE chain_waiting (
  id INTEGER NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since BIGINT NOT NULL
);
CREATE UNIQUE INDEX chain_waiting_subject ON chain_waiting (kind, subject);

-- How long the chain was and what its hashes were, signed.
CREATE TABLE checkpoint (
  number INTEGER NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  size BIGINT NOT NULL,
  note TEXT NOT NULL,
  peaks TEXT NOT NULL
);

-- Checkpoints that were shown outside.
CREATE TABLE anchor (
  number INTEGER NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL,
  way TEXT NOT NULL,
  place TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX anchor_way ON anchor (way, number);

-- What retention must not touch, and why.
CREATE TABLE hold (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  customer TEXT,
  why TEXT NOT NULL,
  set_by TEXT NOT NULL,
  set_at BIGINT NOT NULL,
  released_by TEXT,
  released_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX hold_standing ON hold (kind, subject) WHERE released_at IS NULL;

-- What was written before there was a chain is entered first.
INSERT INTO chain_waiting (kind, subject, since) SELECT 'audit', id || '', at FROM audit ORDER BY audit.id;
