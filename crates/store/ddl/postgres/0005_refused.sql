ALTER TABLE poll ADD COLUMN refusals BIGINT NOT NULL DEFAULT 0;
ALTER TABLE poll ADD COLUMN refused_at BIGINT;

-- A page of the account's log is nobody's alone.
UPDATE inbox SET subject = NULL, customer = NULL WHERE event_type = 'log.listed';

-- When an incident that is shown no more was last asked for.
ALTER TABLE incident ADD COLUMN asked_at BIGINT;
