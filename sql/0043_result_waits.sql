-- A result waits for whoever is changing the job of its message at that moment. job_wake leaves such a job alone, which is right for whoever
-- asks again later: a result is told once, and its message would have waited for the next reconcile run.
CREATE OR REPLACE FUNCTION t1_complete(connection uuid, request text, outcome integer, cause text) RETURNS text
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
	PERFORM FROM job WHERE kind = 't1_send' AND subject = m.id FOR UPDATE;
	PERFORM job_wake('t1_send', m.id, true);
	RETURN 'kept';
END
$$;
