-- Runs that were made a moment before for something else, and stand beside these incidents as well.
CREATE TABLE run_beside (
  incident TEXT NOT NULL,
  run BIGINT NOT NULL,
  PRIMARY KEY (incident, run)
);
CREATE INDEX run_beside_run ON run_beside (run);
