-- A job whose processes die again and again waits a little from the third death on: what kills processes from outside (no memory, a
-- deployment that goes wrong) has passed by then, and does not make dead letters of jobs that did no harm.
DROP FUNCTION job_reap(integer, integer);

-- Frees what dead workers held. The first look marks a worker whose lock is free, the next one, a second or more later, takes its
-- jobs: a worker that only lost its connection has come back by then. How many jobs were freed.
CREATE FUNCTION job_reap(lock_class integer, deaths_max integer, delay_scale double precision DEFAULT 1) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	gone integer[];
	freed integer;
BEGIN
	UPDATE worker SET missed_at = CASE WHEN held THEN NULL ELSE coalesce(missed_at, clock_timestamp()) END
		FROM (SELECT w.id, EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.classid = lock_class AND l.objid = w.id
				AND l.objsubid = 2 AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS held
			FROM worker w) AS look
		WHERE worker.id = look.id AND (missed_at IS NULL) <> held;
	WITH deleted AS (
		DELETE FROM worker WHERE id IN (SELECT id FROM worker WHERE missed_at < clock_timestamp() - interval '900 ms' FOR UPDATE SKIP LOCKED)
			RETURNING id
	) SELECT array_agg(id) INTO gone FROM deleted;
	IF gone IS NULL THEN
		RETURN 0;
	END IF;
	UPDATE job SET run_at = now() + make_interval(secs => delay_scale * CASE deaths + 1 WHEN 3 THEN 10 WHEN 4 THEN 60 ELSE 0 END), claim = NULL, worker = NULL, deaths = deaths + 1,
			dead_at = CASE WHEN deaths + 1 >= deaths_max THEN now() END,
			dead_cause = CASE WHEN deaths + 1 >= deaths_max THEN 'kills_worker' END
		WHERE worker = ANY (gone) AND claim IS NOT NULL;
	GET DIAGNOSTICS freed = ROW_COUNT;
	IF freed > 0 THEN
		PERFORM pg_notify('job_prompt', ''), pg_notify('job_t1', ''), pg_notify('job_sftp', '');
	END IF;
	RETURN freed;
END
$$;

REVOKE ALL ON FUNCTION job_reap FROM PUBLIC;
GRANT EXECUTE ON FUNCTION job_reap TO realname_jobs;
