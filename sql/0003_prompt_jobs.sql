-- Jobs that a person may be waiting for are found without reading through the messages that wait for a carrier.
CREATE INDEX job_due_prompt ON job (run_at) WHERE dead_at IS NULL AND kind <> 't1_send';
