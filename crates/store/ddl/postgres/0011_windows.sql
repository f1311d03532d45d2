-- Channels by which Google tells that a calendar has changed: each that was asked for, until it has ended for certain.
CREATE TABLE push_channel (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  calendar TEXT COLLATE "C" NOT NULL,
  google_id TEXT COLLATE "C" NOT NULL,
  address TEXT COLLATE "C" NOT NULL,
  asked_at BIGINT NOT NULL,
  resource_id TEXT COLLATE "C",
  expires_at BIGINT,
  heard_at BIGINT,
  failed_at BIGINT,
  trouble TEXT COLLATE "C",
  unwanted_at BIGINT,
  stopped_at BIGINT
);

-- Maintenance windows that we open in PagerDuty, as they are wanted and as they stand there.
CREATE TABLE own_window (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  event TEXT COLLATE "C" NOT NULL,
  rule TEXT COLLATE "C" NOT NULL,
  customer TEXT COLLATE "C",
  title TEXT COLLATE "C" NOT NULL,
  services TEXT COLLATE "C" NOT NULL,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  is_wanted BIGINT NOT NULL,
  wanted BIGINT NOT NULL,
  shown BIGINT NOT NULL,
  made_at BIGINT NOT NULL,
  begun_at BIGINT,
  pagerduty TEXT COLLATE "C",
  names TEXT COLLATE "C" NOT NULL,
  opened_at BIGINT,
  shown_ends_at BIGINT,
  changed_at BIGINT,
  looked_at BIGINT,
  over_at BIGINT,
  gone_at BIGINT,
  trouble TEXT COLLATE "C"
);
CREATE INDEX own_window_by_end ON own_window (ends_at);
CREATE INDEX own_window_by_shown_end ON own_window (shown_ends_at);
CREATE INDEX own_window_by_event ON own_window (event, made_at);
