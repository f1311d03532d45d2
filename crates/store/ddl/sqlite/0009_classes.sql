-- Mails of one state of the ledger, one state at the monitor and one trust: few such classes exist, each has its mails in order,
-- and says whose they are before a row is read.
DROP INDEX mail_ledger;
CREATE INDEX mail_class ON mail (ledger, state, trust, id, customer, monitor);
-- A day's first and last id, in UTC: what a span of time means in ids.
CREATE INDEX mail_day ON mail ((received_at / 86400000000), id);

-- Later mails have their state at the monitor in the search index.
CREATE TABLE mail_tagged (
  after INTEGER NOT NULL PRIMARY KEY
);
INSERT INTO mail_tagged (after) SELECT coalesce(max(id), 0) FROM mail;
