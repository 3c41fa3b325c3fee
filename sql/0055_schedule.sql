-- A maintenance task that fails for long is an alarm, once an hour, whichever process does the task; monitoring sees when each was done.
ALTER TABLE job_schedule
	ADD COLUMN done_at timestamptz NOT NULL DEFAULT now(),
	ADD COLUMN alarmed_at timestamptz;
GRANT SELECT ON job_schedule TO realname_web;

-- Who waits to be let in by staff, the longest first.
CREATE INDEX company_member_waiting ON company_member (added_at) WHERE state = 'waiting';
