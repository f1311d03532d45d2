CREATE TABLE heard (
  subscription TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  last_at BIGINT NOT NULL
);

ALTER TABLE incident ADD COLUMN hidden_at BIGINT;
CREATE INDEX incident_hidden ON incident (hidden_at) WHERE hidden_at IS NOT NULL;
