-- A message that somebody wakes up because its result is here, or because people want it, is no retry: the budget of retries is for what
-- failed by itself, and results that had to wait for it would come in faster than they are acted on. Only asking again by the clock
-- (revive false) keeps its attempts.
CREATE OR REPLACE FUNCTION job_wake(wanted_kind text, wanted uuid, revive boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	woken text;
BEGIN
	UPDATE job SET parked = false, run_at = now(), dead_at = NULL, dead_cause = NULL, attempts = CASE WHEN revive THEN 0 ELSE attempts END
		WHERE id = (SELECT id FROM job WHERE kind = wanted_kind AND subject = wanted AND (claim IS NULL OR run_at < now())
			AND (revive OR dead_at IS NULL) FOR UPDATE SKIP LOCKED)
		RETURNING lane INTO woken;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM pg_notify(job_class(woken), '');
	RETURN true;
END
$$;
