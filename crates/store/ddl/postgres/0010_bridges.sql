-- A message of ours in Slack that follows what it is about.
CREATE TABLE post (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  parent TEXT COLLATE "C",
  subject TEXT COLLATE "C" NOT NULL,
  customer TEXT COLLATE "C",
  channel TEXT COLLATE "C" NOT NULL,
  wanted BIGINT NOT NULL,
  shown BIGINT NOT NULL,
  place TEXT COLLATE "C",
  ts TEXT COLLATE "C",
  digest TEXT COLLATE "C",
  made_at BIGINT NOT NULL,
  begun_at BIGINT,
  posted_at BIGINT,
  changed_at BIGINT,
  trouble TEXT COLLATE "C",
  trouble_since BIGINT
);
CREATE INDEX post_subject ON post (subject);
CREATE INDEX post_unshown ON post (made_at) WHERE shown < wanted;
CREATE INDEX post_trouble ON post (trouble_since) WHERE trouble IS NOT NULL;
CREATE INDEX post_place ON post (place, ts) WHERE ts IS NOT NULL;

-- Whose account here a Slack account is: said by signing in once.
CREATE TABLE slack_account (
  team TEXT COLLATE "C" NOT NULL,
  member TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  linked_at BIGINT NOT NULL,
  PRIMARY KEY (team, member)
);
CREATE INDEX slack_account_account ON slack_account (account);
CREATE TABLE slack_link (
  digest BYTEA NOT NULL PRIMARY KEY,
  team TEXT COLLATE "C" NOT NULL,
  member TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  made_at BIGINT NOT NULL,
  used_at BIGINT
);

-- Something that people are called for and that is no alert: a ticket nobody watches, an event whose time has come.
CREATE TABLE concern (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  duty TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  generation BIGINT NOT NULL,
  rule TEXT COLLATE "C" NOT NULL,
  customer TEXT COLLATE "C",
  channel TEXT COLLATE "C",
  title TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  severity TEXT COLLATE "C" NOT NULL,
  mode TEXT COLLATE "C" NOT NULL,
  since BIGINT NOT NULL,
  dedup_key TEXT COLLATE "C" NOT NULL,
  incident TEXT COLLATE "C",
  moved_at BIGINT,
  moved_by TEXT COLLATE "C",
  ended_at BIGINT,
  ended TEXT COLLATE "C"
);
CREATE INDEX concern_subject ON concern (duty, subject, generation);
CREATE UNIQUE INDEX concern_key ON concern (dedup_key);
CREATE INDEX concern_open ON concern (duty, since) WHERE ended_at IS NULL;
CREATE INDEX concern_since ON concern (duty, since);
CREATE INDEX concern_incident ON concern (incident) WHERE incident IS NOT NULL;

-- In the thread of which message people are reminded until somebody acts.
CREATE TABLE reminder (
  post TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  state TEXT COLLATE "C" NOT NULL,
  due_at BIGINT
);
CREATE INDEX reminder_due ON reminder (due_at) WHERE due_at IS NOT NULL;

-- A ticket of an outside tracker, as it was read last.
CREATE TABLE ticket (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  space TEXT COLLATE "C" NOT NULL,
  key TEXT COLLATE "C" NOT NULL,
  project TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  priority BIGINT,
  status TEXT COLLATE "C" NOT NULL,
  is_done BIGINT NOT NULL,
  assignee TEXT COLLATE "C",
  customer TEXT COLLATE "C",
  url TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  read_at BIGINT NOT NULL,
  gone_at BIGINT,
  reading TEXT COLLATE "C" NOT NULL,
  memory TEXT COLLATE "C" NOT NULL
);
CREATE INDEX ticket_key ON ticket (space, key);
CREATE INDEX ticket_open ON ticket (updated_at) WHERE is_done = 0 AND gone_at IS NULL;
CREATE INDEX ticket_updated ON ticket (updated_at);

-- An event of an outside calendar.
CREATE TABLE calendar_event (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  calendar TEXT COLLATE "C" NOT NULL,
  title TEXT COLLATE "C" NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  is_gone BIGINT NOT NULL,
  customer TEXT COLLATE "C",
  seen_at BIGINT NOT NULL,
  event TEXT COLLATE "C" NOT NULL,
  memory TEXT COLLATE "C" NOT NULL
);
CREATE INDEX calendar_event_start ON calendar_event (starts_at);
CREATE INDEX calendar_event_end ON calendar_event (ends_at);
CREATE INDEX calendar_event_calendar ON calendar_event (calendar, starts_at);

-- What people say of their own hours on the page: leave, and days that are otherwise. Nothing is deleted.
CREATE TABLE person_day (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  person TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  said_by TEXT COLLATE "C" NOT NULL,
  said_at BIGINT NOT NULL,
  withdrawn_by TEXT COLLATE "C",
  withdrawn_at BIGINT
);
CREATE INDEX person_day_person ON person_day (person, until_at);

-- Rules, shifts and patterns that leaders keep on the page, each version of them.
CREATE TABLE page_rule (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  position BIGINT NOT NULL,
  body TEXT COLLATE "C" NOT NULL,
  is_off BIGINT NOT NULL,
  is_deleted BIGINT NOT NULL,
  said_by TEXT COLLATE "C" NOT NULL,
  said_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX page_rule_version ON page_rule (kind, name, version);
