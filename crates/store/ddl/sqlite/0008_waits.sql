-- Mails that wait to be read, for the day's balance: no webhook pays for it.
CREATE INDEX inbox_mail_waiting ON inbox (received_at) WHERE state IN ('new', 'dead') AND source IN ('mail-smtp', 'mail-lmtp', 'mail-imap', 'mail-ses');
-- Those of a monitor that were found to lack an incident a moment ago: whether it is a storm.
CREATE INDEX mail_lacking_judged ON mail (judged_at) WHERE ledger IN ('missing', 'registered', 'unreadable', 'unreadable_registered');
CREATE INDEX canary_began ON canary (began_at);

-- A mail that lies in a bucket waits until it is fetched, or until an alert stands in its place since then.
ALTER TABLE job ADD COLUMN stood_in_at BIGINT;
CREATE INDEX job_fetch ON job (created_at) WHERE destination = 's3' AND stood_in_at IS NULL AND state IN ('ready', 'leased', 'human', 'dead');

-- What was still on its way when the day was closed.
ALTER TABLE ledger_day ADD COLUMN waiting BIGINT NOT NULL DEFAULT 0;
