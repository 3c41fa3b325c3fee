-- T1 messages in full: acceptance in two stages, what operators decide, parties with postal address and phone, card replacement,
-- counters for /metrics.

-- accepted: taken by the carrier, its result comes later. skipped: staff settled it by other means.
ALTER TABLE t1_message DROP CONSTRAINT t1_message_state_check;
ALTER TABLE t1_message
	ADD CONSTRAINT t1_message_state_check CHECK (state IN ('waiting', 'sent', 'accepted', 'done', 'refused', 'superseded', 'skipped')),
	ADD COLUMN accepted_at timestamptz,
	ADD COLUMN result smallint CHECK (result IN (1, 2)), -- the carrier's result message, before the job has acted on it
	ADD COLUMN result_cause text,
	ADD COLUMN result_at timestamptz,
	ADD COLUMN superseded_by uuid REFERENCES t1_message,
	ADD COLUMN decision text,                            -- the words of the operator who skipped or superseded it
	ADD CHECK ((result = 2) = (result_cause IS NOT NULL));
ALTER TABLE carrier_connection ADD COLUMN next_password boolean NOT NULL DEFAULT false; -- password_secret_next is in use

-- A job that waits for somebody to wake it up: it keeps its place in the order of its key.
ALTER TABLE job ADD COLUMN parked boolean NOT NULL DEFAULT false;
DROP INDEX job_claimable;
CREATE INDEX job_claimable ON job (lane, due_at) WHERE NOT behind AND NOT parked AND dead_at IS NULL;

-- The carrier's result for a message of this connection: kept once, and the message's job is woken up. 'kept' (also for the same result
-- again), 'other' (there is another one), 'unknown' (never sent there). The job's row is not waited for: whoever holds its lock
-- writes an answer, has this message locked before, and sees the result or comes after it.
CREATE FUNCTION t1_complete(connection uuid, request text, outcome integer, cause text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	m record;
	known integer;
BEGIN
	IF outcome NOT IN (1, 2) OR (outcome = 2 AND cause IS NULL) THEN
		RAISE EXCEPTION 'a result is 1, or 2 with a cause' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT id, state, result INTO m FROM t1_message WHERE request_id = request AND connection_id = connection FOR NO KEY UPDATE;
	IF NOT FOUND OR m.state = 'waiting' THEN
		RETURN 'unknown';
	END IF;
	known := coalesce(m.result, CASE m.state WHEN 'done' THEN 1 WHEN 'refused' THEN 2 END);
	IF known IS NOT NULL OR m.state NOT IN ('sent', 'accepted') THEN
		RETURN CASE WHEN known = outcome THEN 'kept' ELSE 'other' END;
	END IF;
	UPDATE t1_message SET result = outcome, result_cause = CASE outcome WHEN 2 THEN cause END, result_at = now() WHERE id = m.id;
	PERFORM job_wake('t1_send', m.id);
	RETURN 'kept';
END
$$;

-- Wakes up a job that is parked, waits for its next try, or was given up; one that is held or being changed now is left alone.
CREATE FUNCTION job_wake(wanted_kind text, wanted uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	woken text;
BEGIN
	UPDATE job SET parked = false, run_at = now(), dead_at = NULL, dead_cause = NULL
		WHERE id = (SELECT id FROM job WHERE kind = wanted_kind AND subject = wanted AND claim IS NULL FOR UPDATE SKIP LOCKED)
		RETURNING lane INTO woken;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM pg_notify(job_class(woken), '');
	RETURN true;
END
$$;
REVOKE ALL ON FUNCTION t1_complete, job_wake FROM PUBLIC;
GRANT EXECUTE ON FUNCTION t1_complete TO realname_jobs;
GRANT EXECUTE ON FUNCTION job_wake TO realname_jobs, realname_operator;
