-- A message of ours in Slack that follows what it is about.
CREATE TABLE post (
  id TEXT NOT NULL PRIMARY KEY,
  parent TEXT,
  subject TEXT NOT NULL,
  customer TEXT,
  channel TEXT NOT NULL,
  wanted BIGINT NOT NULL,
  shown BIGINT NOT NULL,
  place TEXT,
  ts TEXT,
  digest TEXT,
  made_at BIGINT NOT NULL,
  begun_at BIGINT,
  posted_at BIGINT,
  changed_at BIGINT,
  trouble TEXT,
  trouble_since BIGINT
) WITHOUT ROWID;
CREATE INDEX post_subject ON post (subject);
CREATE INDEX post_unshown ON post (made_at) WHERE shown < wanted;
CREATE INDEX post_trouble ON post (trouble_since) WHERE trouble IS NOT NULL;
CREATE INDEX post_place ON post (place, ts) WHERE ts IS NOT NULL;

-- Whose account here a Slack account is: said by signing in once.
CREATE TABLE slack_account (
  team TEXT NOT NULL,
  member TEXT NOT NULL,
  name TEXT NOT NULL,
  account TEXT NOT NULL,
  linked_at BIGINT NOT NULL,
  PRIMARY KEY (team, member)
) WITHOUT ROWID;
CREATE INDEX slack_account_account ON slack_account (account);
CREATE TABLE slack_link (
  digest BLOB NOT NULL PRIMARY KEY,
  team TEXT NOT NULL,
  member TEXT NOT NULL,
  name TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  used_at BIGINT
) WITHOUT ROWID;

-- Something that people are called for and that is no alert: a ticket nobody watches, an event whose time has come.
CREATE TABLE concern (
  id TEXT NOT NULL PRIMARY KEY,
  duty TEXT NOT NULL,
  subject TEXT NOT NULL,
  generation BIGINT NOT NULL,
  rule TEXT NOT NULL,
  customer TEXT,
  channel TEXT,
  title TEXT NOT NULL,
  reason TEXT NOT NULL,
  severity TEXT NOT NULL,
  mode TEXT NOT NULL,
  since BIGINT NOT NULL,
  dedup_key TEXT NOT NULL,
  incident TEXT,
  moved_at BIGINT,
  moved_by TEXT,
  ended_at BIGINT,
  ended TEXT
) WITHOUT ROWID;
CREATE INDEX concern_subject ON concern (duty, subject, generation);
CREATE UNIQUE INDEX concern_key ON concern (dedup_key);
CREATE INDEX concern_open ON concern (duty, since) WHERE ended_at IS NULL;
CREATE INDEX concern_since ON concern (duty, since);
CREATE INDEX concern_incident ON concern (incident) WHERE incident IS NOT NULL;

-- In the thread of which message people are reminded until somebody acts.
CREATE TABLE reminder (
  post TEXT NOT NULL PRIMARY KEY,
  state TEXT NOT NULL,
  due_at BIGINT
) WITHOUT ROWID;
CREATE INDEX reminder_due ON reminder (due_at) WHERE due_at IS NOT NULL;

-- A ticket of an outside tracker, as it was read last.
CREATE TABLE ticket (
  id TEXT NOT NULL PRIMARY KEY,
  space TEXT NOT NULL,
  key TEXT NOT NULL,
  project TEXT NOT NULL,
  title TEXT NOT NULL,
  kind TEXT NOT NULL,
  priority BIGINT,
  status TEXT NOT NULL,
  is_done BIGINT NOT NULL,
  assignee TEXT,
  customer TEXT,
  url TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  read_at BIGINT NOT NULL,
  gone_at BIGINT,
  reading TEXT NOT NULL,
  memory TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX ticket_key ON ticket (space, key);
CREATE INDEX ticket_open ON ticket (updated_at) WHERE is_done = 0 AND gone_at IS NULL;
CREATE INDEX ticket_updated ON ticket (updated_at);

-- An event of an outside calendar.
CREATE TABLE calendar_event (
  id TEXT NOT NULL PRIMARY KEY,
  calendar TEXT NOT NULL,
  title TEXT NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  is_gone BIGINT NOT NULL,
  customer TEXT,
  seen_at BIGINT NOT NULL,
  event TEXT NOT NULL,
  memory TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX calendar_event_start ON calendar_event (starts_at);
CREATE INDEX calendar_event_end ON calendar_event (ends_at);
CREATE INDEX calendar_event_calendar ON calendar_event (calendar, starts_at);

-- What people say of their own hours on the page: leave, and days that are otherwise. Nothing is deleted.
CREATE TABLE person_day (
  id TEXT NOT NULL PRIMARY KEY,
  person TEXT NOT NULL,
  kind TEXT NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  body TEXT NOT NULL,
  said_by TEXT NOT NULL,
  said_at BIGINT NOT NULL,
  withdrawn_by TEXT,
  withdrawn_at BIGINT
) WITHOUT ROWID;
CREATE INDEX person_day_person ON person_day (person, until_at);

-- Rules, shifts and patterns that leaders keep on the page, each version of them.
CREATE TABLE page_rule (
  id TEXT NOT NULL PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  version BIGINT NOT NULL,
  position BIGINT NOT NULL,
  body TEXT NOT NULL,
  is_off BIGINT NOT NULL,
  is_deleted BIGINT NOT NULL,
  said_by TEXT NOT NULL,
  said_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX page_rule_version ON page_rule (kind, name, version);
