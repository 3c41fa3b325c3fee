-- An alarm about a maintenance task is raised once an hour, whichever process does the task.
ALTER TABLE job_schedule ADD COLUMN alarmed_at timestamptz;
