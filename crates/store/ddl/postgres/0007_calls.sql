-- An alert that joined a call after its page had gone out, and when; no page has named it yet.
ALTER TABLE net ADD COLUMN joined_at BIGINT;
CREATE INDEX net_joined ON net (called) WHERE joined_at IS NOT NULL;
CREATE INDEX net_uncalled ON net (asked_at) WHERE called IS NULL AND registration IN ('asked', 'unseen');

-- The secret of a call's link is made when it is sent: every sending has one of its own, kept as a digest.
CREATE TABLE callout_link (
  digest BYTEA NOT NULL PRIMARY KEY,
  callout TEXT COLLATE "C" NOT NULL
);
INSERT INTO callout_link (digest, callout) SELECT digest, id FROM callout;
DROP INDEX callout_digest;
ALTER TABLE callout DROP COLUMN digest;

-- From here on each database has its own.
UPDATE callout SET text = jsonb_set(text::jsonb, '{links}', '[]')::text WHERE text LIKE '{%';
