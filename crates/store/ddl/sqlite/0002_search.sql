CREATE TABLE incident_row (
  slot INTEGER NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  number BIGINT,
  title TEXT NOT NULL,
  folded TEXT NOT NULL,
  status TEXT NOT NULL,
  urgency TEXT NOT NULL,
  service_id TEXT,
  service_name TEXT NOT NULL,
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
  indexed BIGINT
);
INSERT INTO incident_row (slot, id, number, title, folded, status, urgency, service_id, service_name, priority, customer,
  created_at, acknowledged_at, resolved_at, changed_at, read_at, stale, facts, html_url, merged_into)
  SELECT s.slot, i.id, i.number, i.title, lower(i.title), i.status, i.urgency, i.service_id, coalesce(i.service_name, ''),
    i.priority, i.customer, i.created_at, i.acknowledged_at, i.resolved_at, i.changed_at, i.read_at, i.stale, i.facts,
    i.html_url, i.merged_into
  FROM (SELECT id, created_at / 1000000 * 1000000 - 1
      + row_number() OVER (PARTITION BY created_at / 1000000 ORDER BY number, id) AS slot FROM incident) s
  JOIN incident i ON i.id = s.id;
CREATE UNIQUE INDEX incident_id ON incident_row (id);

CREATE TABLE incident_state (
  slot INTEGER NOT NULL PRIMARY KEY,
  state TEXT NOT NULL
);
INSERT INTO incident_state (slot, state) SELECT r.slot, i.state FROM incident_row r JOIN incident i ON i.id = r.id;

CREATE TABLE incident_tie (
  slot BIGINT NOT NULL,
  kind TEXT NOT NULL,
  other TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (slot, kind, other)
) WITHOUT ROWID;
INSERT INTO incident_tie (slot, kind, other, name)
  SELECT r.slot, l.kind, l.other, l.name FROM incident_link l JOIN incident_row r ON r.id = l.incident;

DROP TABLE incident_link;
DROP TABLE incident;
ALTER TABLE incident_row RENAME TO incident;
ALTER TABLE incident_tie RENAME TO incident_link;
CREATE INDEX incident_status ON incident (status, slot);
CREATE INDEX incident_service ON incident (service_name, slot);
CREATE INDEX incident_changed ON incident (changed_at, slot);
CREATE INDEX incident_number ON incident (number) WHERE number IS NOT NULL;
CREATE INDEX incident_merged ON incident (merged_into, slot) WHERE merged_into IS NOT NULL;
CREATE INDEX incident_unindexed ON incident (slot) WHERE indexed IS NULL;
CREATE INDEX incident_link_other ON incident_link (kind, other, slot);

CREATE TABLE choice (
  kind TEXT NOT NULL,
  customer TEXT NOT NULL,
  id TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (kind, customer, id)
) WITHOUT ROWID;
INSERT INTO choice (kind, customer, id, name)
  SELECT 'service', coalesce(customer, ''), service_id, max(service_name) FROM incident WHERE service_id IS NOT NULL
  GROUP BY coalesce(customer, ''), service_id;
INSERT INTO choice (kind, customer, id, name)
  SELECT DISTINCT 'customer', customer, customer, customer FROM incident WHERE customer IS NOT NULL;
INSERT INTO choice (kind, customer, id, name)
  SELECT l.kind, coalesce(i.customer, ''), l.other, max(l.name) FROM incident_link l JOIN incident i ON i.slot = l.slot
  WHERE l.kind IN ('team', 'assignee') GROUP BY l.kind, coalesce(i.customer, ''), l.other;

INSERT INTO choice (kind, customer, id, name)
  SELECT DISTINCT 'named', coalesce(i.customer, ''),
    coalesce(i.service_id, '') || '
' || coalesce(l.other, '') || '
' || i.service_name, i.service_name
  FROM incident i LEFT JOIN incident_link l ON l.slot = i.slot AND l.kind = 'team';
CREATE INDEX job_people ON job (state, customer) WHERE state IN ('human', 'dead', 'skipped');

-- From here on each database has its own.
CREATE VIRTUAL TABLE incident_gram USING fts5(
  grams, content = '', contentless_delete = 1, detail = none,
  tokenize = "ascii tokenchars '!""#$%&''()*+,-./:;<=>?@[\]^_`{|}~'"
);
