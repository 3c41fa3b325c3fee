-- Jobs that were held by two workers that died are handed out alone: whatever kills takes no others with it.
CREATE INDEX job_suspect ON job (lane, due_at) WHERE deaths >= 2 AND NOT behind AND NOT parked AND dead_at IS NULL;
